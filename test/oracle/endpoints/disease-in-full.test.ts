import { expect } from "chai";

import { findEndpoint, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import type { Assessment, PatientRecord } from "../../../oracle/record.ts";
import { record, type Ask, type Facts } from "../support.ts";
import { T0, timed, told } from "./support.ts";

type Row = readonly [what: string, facts: Facts, ask: Ask, expected: string];
type TimeRow = readonly [what: string, facts: Facts, options: Record<string, string | number>, expected: string];

/** Due on day 183, with a window of 28 days: results count from day 155 to day 211. */
function values(metric: string, rows: readonly Row[], cuts?: readonly number[]): void {
  for (const [what, facts, ask, expected] of rows) {
    it(`${what}: ${expected}`, () => expect(told(metric, facts, { ...(cuts && { cuts }), ...ask })).to.equal(expected));
  }
}

function times(metric: string, rows: readonly TimeRow[]): void {
  for (const [what, facts, options, expected] of rows) {
    it(`time, ${what}: ${expected}`, () => expect(timed(metric, facts, options)).to.equal(expected));
  }
}

describe("progression-free survival, with what shows it", () => {
  values("pfs", [
    ["a progression", { course: "56 SD, 112 PD" }, {}, "112 @112 event [a1]"],
    ["a death", { course: "56 SD", death: 100 }, {}, "100 @100 event [death]"],
    ["a death before a progression", { course: "100 PD", death: 60 }, {}, "60 @60 event [death]"],
    ["a progression on the day of death", { course: "60 PD", death: 60 }, {}, "60 @60 event [a0]"],
    ["seen free within the window", { course: "0 SD, 155 SD" }, {}, "183 @183 none [a1]"],
    ["seen free within it, then progression", { course: "155 SD, 190 PD" }, {}, "183 @183 none [a0]"],
    ["progression soon enough after the last look", { course: "112 SD, 190 PD" }, {}, "183 @183 none [a1]"],
    ["just soon enough: 2 × 56 + 14 days", { course: "64 SD, 190 PD" }, {}, "183 @183 none [a1]"],
    ["a day too late", { course: "63 SD, 190 PD" }, {}, "no-adequate-assessment [a0]"],
    ["all days to the due day at one price", { course: "112 SD" }, { cuts: [91] }, "112 @112 none [a0]"],
    ["the same before a late event", { course: "112 SD, 300 PD" }, { cuts: [91] }, "112 @112 none [a0]"],
    ["never seen, at one price", {}, { cuts: [400] }, "0 @0 none []"],
    ["never seen, death long after, at one price", { death: 320 }, { cuts: [400] }, "0 @0 none []"],
    ["a disputed death by the due day", { course: "160 SD", death: 183, disputed: true }, {}, "disputed-death [death]"],
    ["one after it, seen free", { course: "155 SD", death: 184, disputed: true }, {}, "183 @183 none [a0]"],
    ["one after it, not seen", { course: "154 SD", death: 190, disputed: true }, {}, "disputed-death [death]"],
    ["one after it, never seen", { death: 190, disputed: true }, {}, "disputed-death [death]"],
    ["a preliminary progression", { course: "160 SD", pending: "170 PD" }, {}, "preliminary-progression [a0]"],
    ["on the due day", { course: "160 SD", pending: "183 PD" }, {}, "preliminary-progression [a0]"],
    ["after the due day", { course: "160 SD", pending: "184 PD" }, {}, "183 @183 none [a0]"],
    ["a preliminary result of another kind", { course: "160 SD", pending: "170 SD" }, {}, "183 @183 none [a0]"],
    ["on the day of the final one", { course: "160 SD", pending: "160 PD" }, {}, "183 @183 none [a0]"],
    ["preliminary, and nothing final", { pending: "100 PD" }, {}, "preliminary-progression [a0]"],
    ["preliminary, at baseline", { pending: "0 PD" }, {}, "no-adequate-assessment []"],
    ["preliminary, before treatment", { pending: "-5 PD" }, {}, "no-adequate-assessment []"],
    [
      "a death on the day of another treatment",
      { death: 120, therapies: [120] },
      { newTherapy: "event" },
      "120 @120 event [death]",
    ],
  ]);

  times("pfs", [
    ["progression", { course: "56 SD, 112 PD" }, {}, "112 event: progression [a1]"],
    ["death", { course: "56 SD", death: 70 }, {}, "70 event: death [death]"],
    ["death on the index day", { death: 0 }, {}, "0 event: death [death]"],
    ["last assessment", { course: "56 SD, 60 NE" }, {}, "56 censored: last assessment [a0]"],
    ["never assessed", {}, {}, "0 censored: no assessment []"],
    ["another treatment, ignored", { course: "56 SD", therapies: [60] }, {}, "56 censored: last assessment [a0]"],
    [
      "another treatment, censored",
      { course: "56 SD, 120 SD, 130 SD", therapies: [120] },
      { newTherapy: "censor" },
      "120 censored: new treatment [a1 t0]",
    ],
    [
      "another treatment under fda",
      { course: "56 SD, 130 SD", therapies: [120] },
      { rules: "fda" },
      "56 censored: new treatment [a0 t0]",
    ],
    [
      "another treatment, an event",
      { course: "56 SD", therapies: [200, 120] },
      { newTherapy: "event" },
      "120 event: new treatment [t1]",
    ],
    ["two on one day, by id", { therapies: [120, 120] }, { newTherapy: "event" }, "120 event: new treatment [t0]"],
    [
      "none after the index day",
      { course: "56 SD", therapies: [0, -10] },
      { newTherapy: "event" },
      "56 censored: last assessment [a0]",
    ],
    [
      "death on the day of another treatment",
      { death: 120, therapies: [120] },
      { newTherapy: "event" },
      "120 event: death [death]",
    ],
    ["missed assessments", { course: "56 SD, 200 PD" }, { rules: "fda" }, "56 censored: missed assessments [a0]"],
    ["twice on one day with one result", { course: "56 SD, 56 SD" }, {}, "56 censored: last assessment [a0 a1]"],
    ["twice on one day, the worse counts", { course: "56 SD, 56 CR" }, {}, "56 censored: last assessment [a0]"],
  ]);

  it("sees the as-of date, and nothing after it", () => {
    const seen = { course: "56 SD, 100 SD, 112 PD" };
    expect(timed("pfs", seen, {}, T0 + 100)).to.equal("100 censored: last assessment [a1]");
    expect(timed("pfs", seen, {}, T0 + 112)).to.equal("112 event: progression [a2]");
    expect(timed("pfs", { death: 100 }, {}, T0 + 100)).to.equal("100 event: death [death]");
    expect(timed("pfs", { death: 100 }, {}, T0 + 99)).to.equal("0 censored: no assessment []");
    const switched = { course: "56 SD", therapies: [120] };
    expect(timed("pfs", switched, { newTherapy: "event" }, T0 + 119)).to.equal("56 censored: last assessment [a0]");
    expect(timed("pfs", switched, { newTherapy: "event" }, T0 + 120)).to.equal("120 event: new treatment [t0]");
    expect(timed("pfs", {}, {}, T0)).to.equal("0 censored: no assessment []");
    expect(timed("pfs", {}, {}, T0 - 1)).to.equal("no-index []");
  });

  it("does not depend on the order of two treatments of one day", () => {
    const switched = record({ therapies: [120, 120] });
    const turned = { ...switched, therapies: [...switched.therapies].reverse() };
    expect(timed("pfs", turned, { newTherapy: "event" })).to.equal("120 event: new treatment [t0]");
  });

  it("asks nothing of a record that may not or can't be used", () => {
    expect(told("pfs", record({ course: "56 PD" }, { consent: false }))).to.equal("no-consent []");
    expect(told("pfs", record({ course: "56 PD" }, { index: null }))).to.equal("no-index []");
    expect(told("pfs", { course: "56 PD" }, { asOf: T0 - 1 })).to.equal("no-index []");
    expect(told("pfs", { course: "56 PD" }, { asOf: T0 + 182 })).to.equal("not-due []");
  });
});

describe("progression-free survival, and which assessments count", () => {
  const seen = (more: Partial<Assessment>[]): PatientRecord => {
    const patient = record({ course: "56 SD, 112 PD" });
    return { ...patient, assessments: patient.assessments.map((one, k) => ({ ...one, ...more[k] })) };
  };

  it("are those with imaging, where the clause wants it", () => {
    const patient = seen([{ imaging: true }, { imaging: false }]);
    expect(timed("pfs", patient)).to.equal("112 event: progression [a1]");
    expect(timed("pfs", patient, { evidence: "imaging" })).to.equal("56 censored: last assessment [a0]");
    expect(timed("pfs", seen([]), { evidence: "imaging" })).to.equal("0 censored: no assessment []");
  });

  it("are of the reader whom the clause names, and of one alone", () => {
    const patient = seen([{ evaluator: "A" }, { evaluator: "B" }]);
    expect(timed("pfs", patient)).to.equal("several-evaluators []");
    expect(timed("pfs", patient, { evaluator: "A" })).to.equal("56 censored: last assessment [a0]");
    expect(timed("pfs", patient, { evaluator: "B" })).to.equal("112 event: progression [a1]");
  });

  it("are of any disease where the clause names none", () => {
    expect(timed("pfs", seen([{}, { conditions: ["urn:icd|C34"] }]))).to.equal("112 event: progression [a1]");
    expect(findEndpoint(NEWEST_RULES, "pfs")?.needs?.(resolveOptions({}))).to.deep.equal({});
  });
});

describe("real-world progression-free survival, with what shows it", () => {
  const dated = (facts: Facts, dates: { review?: number | null; active?: number | null; gap?: number }) => {
    const day = (days: number | null): number | null => (days === null ? null : T0 + days);
    const { review = 400, active = 400, gap } = dates;
    const followUp = { lastReview: day(review), lastActivity: day(active), gapStart: day(gap ?? null), id: "f" };
    return record(facts, { followUp });
  };
  const of = (patient: PatientRecord | Facts, options = {}): string =>
    timed("pfs", patient, { rules: "rwpfs", ...options });

  it("ends at what came first: review, activity, a gap, an event", () => {
    expect(of(dated({ course: "56 SD, 112 PD" }, {}))).to.equal("112 event: progression [a1]");
    expect(of(dated({ course: "56 SD" }, { review: 300 }))).to.equal("300 censored: end of follow-up [f]");
    expect(of(dated({ course: "56 SD" }, { active: 200 }))).to.equal("200 censored: end of follow-up [f]");
    expect(of(dated({ course: "56 SD, 112 PD" }, { gap: 60 }))).to.equal("60 censored: end of follow-up [f]");
    expect(of(dated({ death: 90 }, { gap: 60 }))).to.equal("90 event: death [death]");
    expect(of(dated({ death: 91 }, { gap: 60 }))).to.equal("60 censored: end of follow-up [f]");
  });

  it("is not evaluable without follow-up after the index day", () => {
    for (const dates of [{ review: null }, { review: 0 }, { active: null }, { active: 0 }, { active: -9 }, { gap: 0 }])
      expect(of(dated({ course: "56 SD" }, dates))).to.equal("follow-up-missing [f]");
    expect(of({ alive: 300 })).to.equal("follow-up-missing []");
    expect(of(dated({ death: 0 }, {}))).to.equal("event-before-index [death]");
    expect(of(dated({ death: -3 }, {}))).to.equal("event-before-index []");
  });

  it("rests on no disputed death", () => {
    expect(of(dated({ death: 100, disputed: true }, {}))).to.equal("disputed-death [death]");
  });

  it("takes another treatment as the clause says, as long as follow-up lasts", () => {
    const switched = { course: "56 SD, 230 PD", therapies: [120] };
    expect(of(dated(switched, {}), { newTherapy: "event" })).to.equal("120 event: new treatment [t0]");
    expect(of(dated(switched, {}), { newTherapy: "censor" })).to.equal("120 censored: end of follow-up [f]");
    expect(of(dated(switched, { review: 100 }), { newTherapy: "event" })).to.equal(
      "100 censored: end of follow-up [f]",
    );
    expect(of(dated({ course: "56 SD" }, {}), { newTherapy: "censor" })).to.equal("400 censored: end of follow-up [f]");
  });

  it("is cut at the maximum of follow-up", () => {
    const progressed = dated({ course: "112 PD" }, {});
    expect(of(progressed, { maxFollowUp: 112 })).to.equal("112 event: progression [a0]");
    expect(of(progressed, { maxFollowUp: 111 })).to.equal("111 censored: maximum follow-up [a0]");
  });

  it("finds a gap between visits: assessments, treatments, signs of life from the index day on", () => {
    expect(of({ course: "56 SD, 200 PD" })).to.equal("56 censored: end of follow-up [a1]");
    expect(of({ course: "56 SD, 200 PD", therapies: [130] })).to.equal("200 event: progression [a1]");
    expect(of({ course: "56 SD, 200 PD", alive: 130 })).to.equal("200 event: progression [a1]");
    expect(of({ course: "56 SD, 100 PD", therapies: [-100] })).to.equal("100 event: progression [a1]");
    expect(of({ course: "90 SD" })).to.equal("90 censored: end of follow-up [a0]");
    expect(of({ course: "91 SD" })).to.equal("follow-up-missing [a0]");
  });

  it("for a clause: free until the day before an event after the due day, whatever was missed", () => {
    const ask = { rules: "rwpfs" };
    expect(told("pfs", dated({ course: "20 SD, 190 PD" }, {}), ask)).to.equal("183 @183 none [a1]");
    const unfollowed = dated({ course: "160 SD", death: 190 }, { review: null });
    expect(told("pfs", unfollowed, ask)).to.equal("follow-up-missing [f]");
  });
});

describe("complete remission, with what shows it", () => {
  values(
    "complete-remission",
    [
      ["on the due day", { course: "183 CR" }, {}, "1 @183 event [a0]"],
      ["a day later", { course: "184 CR" }, {}, "0 none []"],
      ["after the death", { course: "150 CR", death: 100 }, {}, "0 @100 none [death]"],
      ["on the day of death", { course: "100 CR", death: 100 }, {}, "1 @100 event [a0]"],
      ["progression on the due day", { course: "56 SD, 183 PD" }, {}, "0 @183 none [a1]"],
      ["progression after it", { course: "56 SD, 184 PD" }, {}, "0 none [a0]"],
      ["a disputed death", { course: "56 SD", death: 100, disputed: true }, {}, "0 none [a0]"],
      ["not in remission", { course: "56 SD, 60 NE, 184 SD" }, {}, "0 none [a0]"],
      ["not in remission on the due day", { course: "56 SD, 183 SD" }, {}, "0 none [a1]"],
      ["seen in the window, missing stated", { course: "155 SD" }, { missing: "not-evaluable" }, "0 none [a0]"],
      [
        "seen before it, missing stated",
        { course: "154 SD" },
        { missing: "not-evaluable" },
        "no-adequate-assessment [a0]",
      ],
      ["seen after the due day alone", { course: "190 SD" }, { missing: "not-evaluable" }, "no-adequate-assessment []"],
      ["never seen, missing stated", {}, { missing: "not-evaluable" }, "no-adequate-assessment []"],
      ["with residual, a full one", { course: "56 CR" }, { residual: true }, "1 @56 event [a0]"],
      ["confirmed after another result", { course: "28 SD, 56 CR, 84 CR" }, { confirm: "28d" }, "1 @56 event [a1]"],
      ["confirmed within the window", { course: "183 CR, 211 CR" }, { confirm: "28d" }, "1 @183 event [a0]"],
      ["confirmed after it", { course: "183 CR, 212 CR" }, { confirm: "28d" }, "0 none [a0]"],
    ],
    [1],
  );
  times("complete-remission", [
    ["reached", { course: "56 CR, 84 PD" }, {}, "56 event: complete response [a0]"],
    ["progression", { course: "56 SD, 84 PD" }, {}, "84 censored: progression [a1]"],
    ["not reached yet", { course: "56 SD, 60 NE" }, {}, "56 censored: last assessment [a0]"],
    ["never seen", {}, {}, "0 censored: last assessment []"],
  ]);
});

describe("a remission that lasts, with what shows it", () => {
  values(
    "remission-maintained",
    [
      ["seen in the window", { course: "56 CR, 155 CR" }, {}, "1 @155 none [a0 a1]"],
      ["reached on the due day", { course: "183 CR" }, {}, "1 @183 none [a0 a0]"],
      ["reached after it", { course: "190 CR" }, {}, "0 none []"],
      ["confirmed within the window", { course: "183 CR, 211 CR" }, { confirm: "28d" }, "1 @211 none [a0 a1]"],
      ["never reached", { course: "56 PR, 160 PR, 170 NE, 184 SD" }, {}, "0 none [a1]"],
      ["never reached, seen on the due day", { course: "56 PR, 183 SD" }, {}, "0 none [a1]"],
      ["lost", { course: "56 CR, 150 PD" }, {}, "0 @150 event [a0 a1]"],
      ["lost by death", { course: "56 CR", death: 150 }, {}, "0 @150 event [a0 death]"],
      [
        "lost by the death before a progression",
        { course: "56 CR, 160 PD", death: 150 },
        {},
        "0 @150 event [a0 death]",
      ],
      [
        "lost by another treatment",
        { course: "56 CR", therapies: [150] },
        { newTherapy: "event" },
        "0 @150 event [a0 t0]",
      ],
      ["a disputed death", { course: "56 CR", death: 100, disputed: true }, {}, "disputed-death [a0 death]"],
      ["a preliminary progression", { course: "56 CR, 112 CR", pending: "170 PD" }, {}, "preliminary-progression [a0]"],
      ["lost late, 2 × 56 + 14 days after a look", { course: "56 CR, 100 CR, 226 PD" }, {}, "1 @183 none [a0 a2]"],
      ["lost a day later", { course: "56 CR, 99 CR, 226 PD" }, {}, "no-adequate-assessment [a0 a2]"],
      ["not seen", { course: "56 CR" }, {}, "no-adequate-assessment [a0]"],
      ["not seen, a failure", { course: "56 CR" }, { missing: "failure" }, "0 none [a0]"],
    ],
    [1],
  );
  times("remission-maintained", [
    ["lost", { course: "56 CR, 150 PD" }, {}, "150 event: lost [a0 a1]"],
    ["kept", { course: "56 CR, 150 SD, 160 NE" }, {}, "150 censored: last assessment [a0 a1]"],
    ["a disputed death", { course: "56 CR", death: 100, disputed: true }, {}, "disputed-death [death]"],
  ]);
});

describe("a response that lasts", () => {
  for (const responding of [false, true]) {
    for (const response of ["CR", "CRr", "PR"]) {
      it(`begins with ${response}${responding ? ", also where an ungraded improvement counts" : ""}`, () =>
        expect(told("response-maintained", { course: `56 ${response}, 170 SD` }, { responding })).to.equal(
          "1 @170 none [a0 a1]",
        ));
    }
  }
  it("begins with an ungraded improvement only where the clause says so", () => {
    const improved = { course: "56 RESPONDING, 170 SD" };
    expect(told("response-maintained", improved, { responding: true })).to.equal("1 @170 none [a0 a1]");
    expect(told("response-maintained", improved)).to.equal("0 none [a1]");
  });
});

describe("best response, with what shows it", () => {
  values(
    "best-response",
    [
      ["complete on the due day", { course: "183 CR" }, {}, "3 @183 [a0]"],
      ["complete, confirmed in the window", { course: "183 CR, 211 CR" }, { confirm: "28d" }, "3 @183 [a0]"],
      ["partial on the due day", { course: "183 PR" }, {}, "2 @183 [a0]"],
      ["partial, confirmed in the window", { course: "183 PR, 211 PR" }, { confirm: "28d" }, "2 @183 [a0]"],
      ["stable, last seen on the due day", { course: "56 SD, 183 SD" }, {}, "1 @183 [a1]"],
      ["stable, seen again after it", { course: "56 SD, 184 SD" }, {}, "1 @56 [a0]"],
      ["stable, then not evaluable", { course: "56 SD, 60 NE" }, {}, "1 @56 [a0]"],
      ["progressive", { course: "20 SD, 60 PD" }, {}, "0 @60 [a1]"],
      ["seen, but nothing to be told", { course: "20 SD, 60 NE" }, {}, "no-adequate-assessment [a0 a1]"],
      ["improved, nobody said how much", { course: "56 RESPONDING" }, {}, "ungradeable-response [a0]"],
    ],
    [1, 2, 3],
  );
});

describe("survival, with what shows it", () => {
  values("os", [
    ["death on the due day", { death: 183 }, {}, "183 @183 event [death]"],
    ["death after it", { death: 300 }, {}, "183 @183 none [death]"],
    ["seen within the window", { alive: 155 }, {}, "183 @183 none [alive]"],
    ["seen before it", { alive: 154 }, {}, "unknown-at-due [alive]"],
    ["seen before it, at one price", { alive: 154 }, { cuts: [91] }, "154 @154 none [alive]"],
    ["never seen", {}, {}, "unknown-at-due []"],
    ["a disputed death", { death: 100, disputed: true }, {}, "disputed-death [death]"],
    ["a death before treatment", { death: -5 }, {}, "event-before-index [death]"],
    ["an as-of date before treatment", { death: 5 }, { asOf: T0 - 1 }, "no-index []"],
    ["an as-of date on the due day", { death: 100 }, { asOf: T0 + 183 }, "100 @100 event [death]"],
    ["an as-of date before it", { death: 100 }, { asOf: T0 + 182 }, "not-due []"],
  ]);
  times("os", [
    ["death", { death: 100 }, {}, "100 event: death [death]"],
    ["alive", { alive: 100 }, {}, "100 censored: last known alive [alive]"],
    ["last seen on the index day", { alive: 0 }, {}, "0 censored: last known alive [alive]"],
    ["last seen before it", { alive: -5 }, {}, "0 censored: last known alive []"],
    ["never seen", {}, {}, "0 censored: last known alive []"],
    ["a death that can't be dated", { death: [100, 150] }, {}, "partial-date [death]"],
  ]);
  it("sees the as-of date, and nothing after it", () => {
    expect(timed("os", { death: 300, alive: 150 }, {}, T0 + 300)).to.equal("300 event: death [death]");
    expect(timed("os", { death: 300, alive: 150 }, {}, T0 + 299)).to.equal("150 censored: last known alive [alive]");
    expect(timed("os", {}, {}, T0)).to.equal("0 censored: last known alive []");
    expect(timed("os", {}, {}, T0 - 1)).to.equal("no-index []");
  });
});

describe("being alive, with what shows it", () => {
  values(
    "alive",
    [
      ["death on the due day", { death: 183 }, {}, "0 @183 event [death]"],
      ["death after it", { death: 300 }, {}, "1 @300 none [death]"],
      ["seen within the window", { alive: 155 }, {}, "1 @155 none [alive]"],
      ["seen before it", { alive: 154 }, {}, "unknown-at-due [alive]"],
      ["a disputed death", { death: 100, disputed: true }, {}, "disputed-death [death]"],
    ],
    [1],
  );
});
