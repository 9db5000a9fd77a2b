import { expect } from "chai";

import type { Assessment } from "../../../oracle/record.ts";
import { needsOf } from "../../../oracle/records.ts";
import { readTerms } from "../../../terms/read.ts";
import { record, time, value } from "../support.ts";
import { readFileSync } from "node:fs";
import { T0 } from "./support.ts";

const COURSE = "0 SD, 56 CR, 112 CR, 168 CR, 180 CR, 230 PD";
/** Another treatment on day 120, progression on day 230. */
const switched = record({ course: COURSE, therapies: [120], alive: 300 });

describe("another treatment of the disease", () => {
  const cases: [string, () => string, string][] = [
    ["pfs, by default", () => time("pfs", switched), "230 event"],
    ["pfs, ignored", () => time("pfs", switched, { newTherapy: "ignore" }), "230 event"],
    ["pfs, censored", () => time("pfs", switched, { newTherapy: "censor" }), "112 censored"],
    ["pfs, an event", () => time("pfs", switched, { newTherapy: "event" }), "120 event"],
    ["pfs under fda", () => time("pfs", switched, { rules: "fda" }), "112 censored"],
    ["pfs under fda, ignored", () => time("pfs", switched, { rules: "fda", newTherapy: "ignore" }), "230 event"],
    ["pfs under fda, an event", () => time("pfs", switched, { rules: "fda", newTherapy: "event" }), "120 event"],
    [
      "pfs, a death after it",
      () => time("pfs", record({ course: "56 SD", therapies: [60], death: 70 }), { newTherapy: "censor" }),
      "56 censored",
    ],
    [
      "pfs, a progression on its day",
      () => time("pfs", record({ course: "56 SD, 112 PD", therapies: [112] }), { newTherapy: "event" }),
      "112 event",
    ],
    [
      "pfs, a progression on its day, censored",
      () => time("pfs", record({ course: "56 SD, 112 PD", therapies: [112] }), { newTherapy: "censor" }),
      "112 event",
    ],
    ["pfs at the due day, an event", () => value("pfs", switched, { newTherapy: "event" }), "120"],
    ["pfs at the due day, censored", () => value("pfs", switched, { newTherapy: "censor", cuts: [100] }), "112"],
    [
      "pfs at the due day, censored, with a cut in between",
      () => value("pfs", switched, { newTherapy: "censor", cuts: [150] }),
      "no-adequate-assessment",
    ],
    ["complete remission before it", () => value("complete-remission", switched, { newTherapy: "event" }), "1"],
    [
      "complete remission after it, ignored",
      () => value("complete-remission", record({ course: "56 SD, 150 CR", therapies: [120] })),
      "1",
    ],
    [
      "complete remission after it, censored",
      () =>
        value("complete-remission", record({ course: "56 SD, 150 CR", therapies: [120] }), { newTherapy: "censor" }),
      "0",
    ],
    [
      "complete remission after it, censored and missing",
      () =>
        value("complete-remission", record({ course: "56 SD, 150 CR", therapies: [120] }), {
          newTherapy: "censor",
          missing: "not-evaluable",
        }),
      "no-adequate-assessment",
    ],
    [
      "complete remission after it, an event",
      () =>
        value("complete-remission", record({ course: "56 SD, 150 CR", therapies: [120] }), {
          newTherapy: "event",
          missing: "not-evaluable",
        }),
      "0",
    ],
    ["remission that lasts, ignored", () => value("remission-maintained", switched, { cuts: [1] }), "1"],
    [
      "remission that lasts, censored",
      () => value("remission-maintained", switched, { cuts: [1], newTherapy: "censor" }),
      "no-adequate-assessment",
    ],
    [
      "remission that lasts, an event",
      () => value("remission-maintained", switched, { cuts: [1], newTherapy: "event" }),
      "0",
    ],
    [
      "best response, ignored",
      () => value("best-response", record({ course: "56 SD, 150 CR", therapies: [120] })),
      "3",
    ],
    [
      "best response, censored",
      () => value("best-response", record({ course: "56 SD, 150 CR", therapies: [120] }), { newTherapy: "censor" }),
      "1",
    ],
    [
      "the agreement's own treatment is no other",
      () =>
        time(
          "pfs",
          { ...switched, therapies: switched.therapies.map((one) => ({ ...one, contract: true })) },
          { newTherapy: "event" },
        ),
      "230 event",
    ],
  ];
  for (const [what, result, expected] of cases) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));

  it("ends real-world follow-up as the clause says", () => {
    const seen = {
      followUp: { lastActivity: T0 + 400, gapStart: null, lastReview: T0 + 400, id: "f" },
    };
    const patient = record({ course: COURSE, therapies: [120] }, seen);
    expect(time("pfs", patient, { rules: "rwpfs" })).to.equal("230 event");
    expect(time("pfs", patient, { rules: "rwpfs", newTherapy: "censor" })).to.equal("120 censored");
    expect(time("pfs", patient, { rules: "rwpfs", newTherapy: "event" })).to.equal("120 event");
  });
});

describe("which assessments a clause accepts", () => {
  const seen = (more: Partial<Assessment>[]): ReturnType<typeof record> => {
    const patient = record({ course: "56 SD, 112 PD" });
    return { ...patient, assessments: patient.assessments.map((one, k) => ({ ...one, ...more[k] })) };
  };

  it("by the code of the observation", () => {
    const patient = seen([{ codes: ["http://loinc.org|97509-4"] }, { codes: ["http://loinc.org|21976-6"] }]);
    expect(time("pfs", patient)).to.equal("112 event");
    expect(time("pfs", patient, { codes: "http://loinc.org|97509-4" })).to.equal("56 censored");
    expect(time("pfs", patient, { codes: "http://loinc.org|97509-4,http://loinc.org|21976-6" })).to.equal("112 event");
    expect(time("pfs", seen([]), { codes: "http://loinc.org|97509-4" })).to.equal("0 censored");
  });

  it("by the disease that it is about", () => {
    const patient = seen([{ conditions: ["urn:icd|C34"] }, { conditions: ["urn:icd|C50"] }]);
    expect(time("pfs", patient, { conditions: "urn:icd|C34" })).to.equal("56 censored");
    expect(time("pfs", patient, { conditions: "urn:icd|C50" })).to.equal("112 event");
    expect(time("pfs", seen([]), { conditions: "urn:icd|C34" })).to.equal("112 event");
  });

  it("and has intake look for that disease", () => {
    const sheet = readFileSync(new URL("../../../scenarios/nsclc-pfs-guarantee.yaml", import.meta.url), "utf8");
    const { agreement } = readTerms(
      sheet.replace("notEvaluable: 50% }", 'notEvaluable: 50%, endpoint: { conditions: ["urn:icd|C34"] } }'),
    );
    if (agreement === null) throw new Error("the sheet has problems");
    expect(needsOf(agreement).eligibility).to.deep.equal([
      { conditions: ["urn:icd|C34"], medications: [], variants: [] },
    ]);
  });
});
