import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { patientEndpoint } from "../../../oracle/endpoints/find.ts";
import { endpointsOf, findEndpoint, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import { ruleNames } from "../../../oracle/endpoints/rules.ts";
import { clausesWithoutRule, needsOf } from "../../../oracle/records.ts";
import type { Measurement, PatientRecord } from "../../../oracle/record.ts";
import { builtInMetrics } from "../../../terms/metrics.ts";
import type { Agreement, Clause } from "../../../terms/model.ts";
import { readTerms } from "../../../terms/read.ts";
import { askFor, inWords, type Ask, type Facts } from "../support.ts";
import { happened, measured, patientWith } from "./support.ts";

const SCENARIOS = new URL("../../../scenarios/", import.meta.url);

/** An agreement that pays for the metric `m`. */
function agreementOn(metrics: string, endpoint = "", clause = "metric: m"): Agreement {
  const sheet = readFileSync(new URL("nsclc-pfs-guarantee.yaml", SCENARIOS), "utf8")
    .replace("  cohorts:", `  metrics: { ${metrics} }\n  cohorts:`)
    .replace("metric: pfs", clause)
    .replace("{ atLeast: 6mo, pays: 0 }", "{ atLeast: 1, pays: 0 }")
    .replace("notEvaluable: 50% }", `notEvaluable: 50%${endpoint} }`);
  const { agreement, problems } = readTerms(sheet);
  if (agreement === null) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return agreement;
}

/** What `m` is found to be. */
function found(metrics: string, record: PatientRecord, ask: Ask = {}): string {
  const agreement = agreementOn(metrics);
  const metric = agreement.metrics.get("m");
  const endpoint = metric && patientEndpoint(agreement, metric);
  if (endpoint === undefined) return "no rule";
  return inWords(askFor(endpoint, record, { exact: true, ...ask }));
}

const CODE = "urn:lab|X";
const lab = (
  when: Parameters<typeof measured>[0],
  value: string,
  unit: string | null = null,
  more: Partial<Measurement> = {},
) => measured(when, value, unit, { codes: [CODE], ...more });
const observation = (take: string, kind = "", unit = ""): string =>
  `m: { ${kind === "" ? "" : `${kind}, `}observation: { codes: ["${CODE}"], take: ${take}${unit === "" ? "" : `, unit: "${unit}"`} } }`;
const values = (...measurements: Measurement[]): PatientRecord => patientWith({ measurements });

describe("an observation as a metric", () => {
  const course = [
    lab(-1, "99"),
    lab(0, "5"),
    lab(60, "2"),
    lab(120, "9"),
    lab(183, "4"),
    lab(190, "7"),
    lab(212, "98"),
  ];
  for (const [take, expected] of [
    ["first", "5"],
    ["last", "7"],
    ["min", "2"],
    ["max", "9"],
    ["mean", "5"],
  ] as const) {
    it(`takes the ${take} of the values when they count`, () =>
      expect(found(observation(take), values(...course))).to.equal(expected));
  }

  const cases: [string, () => string, string][] = [
    ["a percentage", () => found(observation("last", "percent: true"), values(lab(180, "12.5", "%"))), "125000"],
    [
      "a percentage whose source states no unit",
      () => found(observation("last", "percent: true"), values(lab(180, "12.5"))),
      "125000",
    ],
    ["money", () => found(observation("max", "money: true"), values(lab(180, "12.505", "CNY"))), "1250"],
    ["days", () => found(observation("max", "unit: d"), values(lab(180, "12", "d"))), "12"],
    ["a level", () => found(observation("last", "levels: [low, mid, high]"), values(lab(180, "2", "{score}"))), "2"],
    [
      "a level that is none",
      () => found(observation("last", "levels: [low, mid, high]"), values(lab(180, "3"))),
      "unusable-result",
    ],
    [
      "half a level",
      () => found(observation("last", "levels: [low, mid, high]"), values(lab(180, "1.5"))),
      "unusable-result",
    ],
    [
      "decimals of the metric, half to even",
      () => found(observation("last", "decimals: 1"), values(lab(180, "0.25"))),
      "2",
    ],
    ["decimals of a mean, half to even", () => found(observation("mean"), values(lab(1, "1"), lab(2, "2"))), "2"],
    ["a unit that the metric states", () => found(observation("last", "", "g/L"), values(lab(180, "5", "g/L"))), "5"],
    ["another unit", () => found(observation("last", "", "g/L"), values(lab(180, "5", "mg/dL"))), "unit-differs"],
    [
      "a unit in other letters",
      () => found(observation("last", "", "g/L"), values(lab(180, "5", "g/l"))),
      "unit-differs",
    ],
    ["one unit where the metric states none", () => found(observation("last"), values(lab(180, "5", "g/L"))), "5"],
    [
      "two units where the metric states none",
      () => found(observation("min"), values(lab(9, "5", "g/L"), lab(99, "5", "mg/dL"))),
      "unit-differs",
    ],
    [
      "a unit in one value and none in another",
      () => found(observation("min"), values(lab(9, "5", "g/L"), lab(99, "5"))),
      "unit-differs",
    ],
    [
      "a stated unit that the source lacks",
      () => found(observation("last", "", "g/L"), values(lab(180, "5"))),
      "unit-differs",
    ],
    ["an annotation is no unit", () => found(observation("last"), values(lab(180, "5", "{score}"))), "5"],
    ["UCUM's unity", () => found(observation("last"), values(lab(180, "5", "1"))), "5"],
    [
      "two units where both count",
      () => found(observation("min", "", "g/L"), values(lab(9, "5", "g/L"), lab(99, "5", "mg/dL"))),
      "unit-differs",
    ],
    [
      "another unit when it does not count",
      () => found(observation("last", "", "g/L"), values(lab(9, "5", "mg/dL"), lab(180, "5", "g/L"))),
      "5",
    ],
    ["another code", () => found(observation("last"), values(measured(180, "5", null))), "no-result"],
    ["nothing in the window", () => found(observation("last"), values(lab(154, "5"))), "no-result"],
    ["nothing by the due day", () => found(observation("max"), values(lab(184, "5"))), "no-result"],
    [
      "beyond a limit, with one price",
      () => found(observation("max"), values(lab(9, ">5")), { exact: undefined, cuts: [4] } as never),
      "6",
    ],
    [
      "beyond a limit, with two",
      () => found(observation("max"), values(lab(9, ">5")), { exact: undefined, cuts: [7] } as never),
      "inexact-result",
    ],
    ["under a limit, beside a greater", () => found(observation("max"), values(lab(9, "<5"), lab(10, "8"))), "8"],
    [
      "under a limit, for the least",
      () => found(observation("min"), values(lab(9, "<5"), lab(10, "8"))),
      "inexact-result",
    ],
    [
      "twice a day, the later issued",
      () =>
        found(
          observation("last"),
          values(lab(9, "1"), lab(180, "3", null, { issued: 5 }), lab(180, "8", null, { issued: 4 })),
        ),
      "3",
    ],
    [
      "twice a day, not issued",
      () => found(observation("last"), values(lab(180, "3"), lab(180, "8"), lab(180, "4"))),
      "5",
    ],
    [
      "twice a day, as the clause says",
      () => found(observation("last"), values(lab(180, "3"), lab(180, "8")), { sameDay: "highest" }),
      "8",
    ],
    ["a negative value", () => found(observation("min"), values(lab(9, "-2.5"), lab(10, "-3.5"))), "-4"],
  ];
  for (const [what, result, expected] of cases) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));

  it("takes for first what the treatment began with", () => {
    const before = [lab(-40, "1"), lab(-20, "2"), lab(-3, "3")];
    expect(found(observation("first"), values(...before, lab(9, "4"), lab(20, "5")))).to.equal("4");
    expect(found(observation("first"), values(...before, lab(9, "4")), { lookBack: "28d" })).to.equal("3");
    expect(found(observation("first"), values(...before, lab(0, "0"), lab(9, "4")), { lookBack: "28d" })).to.equal("0");
    expect(found(observation("first"), values(lab(9, "4"), lab(20, "5")), { lookBack: "28d" })).to.equal("4");
    expect(found(observation("min"), values(...before, lab(9, "4")), { lookBack: "28d" })).to.equal("4");
  });

  it("asks intake for its codes", () => {
    expect(needsOf(agreementOn(observation("last"))).measurements).to.deep.equal(new Set([CODE]));
  });
});

describe("metrics made of others", () => {
  const dead: Facts = { death: 60, alive: 50 };
  const alive: Facts = {};
  const lost: Facts = { alive: 50 };
  const ill = { events: [happened(10)] };

  const cases: [string, () => string, string][] = [
    ["all of two that hold", () => found("m: { all: [alive, complication] }", patientWith(ill, alive)), "1"],
    [
      "all of two, one lost from sight and one that is not",
      () => found("m: { all: [alive, complication] }", patientWith({}, { alive: 10, death: 20 })),
      "0",
    ],
    [
      "all of two, one that holds and one unknown",
      () => found("m: { all: [complication, alive] }", patientWith(ill, lost)),
      "unknown-at-due",
    ],
    [
      "any of two, one that holds and one unknown",
      () => found("m: { any: [alive, complication] }", patientWith(ill, lost)),
      "1",
    ],
    [
      "at least two of three",
      () =>
        found("d: { rule: death@1 }, m: { atLeast: 2, of-these: [d, complication, alive] }", patientWith(ill, dead)),
      "1",
    ],
    [
      "at least two of three, none known",
      () => found("d: { rule: death@1 }, m: { atLeast: 2, of-these: [d, alive, complication] }", patientWith({}, lost)),
      "unknown-at-due",
    ],
    [
      "a metric unless a stop came",
      () => found("d: { rule: death@1 }, m: { metric: complication, unless: [d] }", patientWith(ill, dead)),
      "0",
    ],
    [
      "a metric when no stop came",
      () => found("d: { rule: death@1 }, m: { metric: complication, unless: [d] }", patientWith(ill, alive)),
      "1",
    ],
    [
      "a metric when nobody knows of a stop",
      () => found("d: { rule: death@1 }, m: { metric: complication, unless: [d] }", patientWith(ill, lost)),
      "unknown-at-due",
    ],
    [
      "a value when a condition holds",
      () => found(`${observation("last").replace("m:", "v:")}, m: { value: v, when: alive }`, values(lab(180, "7"))),
      "7",
    ],
    [
      "a value when it does not",
      () =>
        found(`${observation("last").replace("m:", "v:")}, m: { value: v, when: complication }`, values(lab(180, "7"))),
      "0",
    ],
    [
      "0 whatever a condition is",
      () =>
        found(
          `${observation("last").replace("m:", "v:")}, m: { value: v, when: alive }`,
          patientWith({ measurements: [lab(180, "0")] }, lost),
        ),
      "0",
    ],
    [
      "a difference",
      () =>
        found(
          `${observation("first").replace("m:", "a:")}, ${observation("last").replace("m:", "b:")}, m: { difference: [b, a] }`,
          values(lab(0, "9"), lab(180, "2")),
        ),
      "-7",
    ],
    [
      "a difference of what is only known to a limit",
      () =>
        found(
          `${observation("first").replace("m:", "a:")}, ${observation("last").replace("m:", "b:")}, m: { difference: [b, a] }`,
          values(lab(0, ">9"), lab(180, "2")),
          { exact: undefined, cuts: [-1000] } as never,
        ),
      "inexact-result",
    ],
    [
      "one made of one made of others",
      () =>
        found(
          "x: { all: [alive, complication] }, y: { any: [x, complication] }, m: { atLeast: 2, of-these: [x, y, alive] }",
          patientWith(ill, alive),
        ),
      "1",
    ],
    [
      "a condition that is neither 0 nor 1",
      () => found(`${observation("last").replace("m:", "v:")}, m: { all: [v, alive] }`, values(lab(180, "2"))),
      "not-0-or-1",
    ],
    [
      "a condition measured as 0 or 1",
      () => found(`${observation("last").replace("m:", "v:")}, m: { all: [v, alive] }`, values(lab(180, "1"))),
      "1",
    ],
  ];
  for (const [what, result, expected] of cases) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));

  it("rest on what decided them", () => {
    const event = happened(10);
    const agreement = agreementOn("m: { any: [alive, complication] }");
    const metric = agreement.metrics.get("m");
    const endpoint = metric && patientEndpoint(agreement, metric);
    const outcome = endpoint && askFor(endpoint, patientWith({ events: [event] }, { alive: 50 }));
    expect(outcome).to.deep.equal({ value: 1n, day: 20_010, event: null, evidence: [event.id] });
  });

  it("need what their parts need", () => {
    const needs = needsOf(
      agreementOn(`${observation("last").replace("m:", "v:")}, m: { value: v, when: complication }`),
    );
    expect(needs.adverseEvents).to.equal(true);
    expect([...needs.measurements]).to.deep.equal([CODE]);
  });
});

describe("named rules", () => {
  it("are there under their names and versions", () => {
    expect(ruleNames()).to.deep.equal(["death@1", "new-therapy@1", "overall-survival@1"]);
    expect(found("m: { rule: death@1 }", patientWith({}, { death: 60 }))).to.equal("1");
    expect(found("m: { rule: death@1 }", patientWith({}))).to.equal("0");
    expect(found("m: { rule: new-therapy@1 }", patientWith({}, { therapies: [50] }))).to.equal("1");
    expect(found("m: { rule: new-therapy@1 }", patientWith({}, { therapies: [190] }))).to.equal("0");
    expect(found("m: { rule: new-therapy@1 }", patientWith({}, { alive: 100 }))).to.equal("unknown-at-due");
    expect(found("m: { unit: d, rule: overall-survival@1 }", patientWith({}, { death: 60 }))).to.equal("60");
  });

  it("are missing under another version, another name, or for another kind of value", () => {
    expect(found("m: { rule: death@2 }", patientWith({}))).to.equal("no rule");
    expect(found("m: { rule: cure@1 }", patientWith({}))).to.equal("no rule");
    expect(found("m: { unit: d, rule: death@1 }", patientWith({}))).to.equal("no rule");
    expect(found("m: { rule: overall-survival@1 }", patientWith({}))).to.equal("no rule");
  });
});

describe("an oracle without a rule", () => {
  const lacking = (metrics: string): string[] => clausesWithoutRule(agreementOn(metrics)).map(({ id }) => id);

  it("says which clause it can't compute", () => {
    expect(lacking("m: { definition: as the doctor says }")).to.deep.equal(["pfs-6mo-refund"]);
    expect(lacking("m: { rule: cure@1 }")).to.deep.equal(["pfs-6mo-refund"]);
    expect(lacking("x: { rule: cure@1 }, m: { all: [x, alive] }")).to.deep.equal(["pfs-6mo-refund"]);
    expect(lacking("m: { statement: doctors-word }")).to.deep.equal(["pfs-6mo-refund"]);
    expect(lacking("m: { all: [alive, complication] }")).to.deep.equal([]);
  });

  it("has none for a version of the rules that it does not know", () => {
    const agreement = { ...agreementOn("m: { all: [alive, complication] }"), rules: "2031.4" };
    expect(clausesWithoutRule(agreement).map(({ id }) => id)).to.deep.equal(["pfs-6mo-refund"]);
    expect(endpointsOf("2031.4")).to.deep.equal([]);
    expect(findEndpoint("2031.4", "pfs")).to.equal(undefined);
  });

  it("refuses a clause that leaves out what its metric needs, by name", () => {
    const major = agreementOn("x: { all: [alive] }", "", "metric: major-illness");
    expect(() => needsOf(major)).to.throw(/clause pfs-6mo-refund: major-illness needs endpoint.codes/);
    const part = agreementOn("m: { all: [alive, major-illness] }");
    expect(() => needsOf(part)).to.throw(/clause pfs-6mo-refund: m major-illness needs endpoint.codes/);
    const stated = agreementOn("m: { all: [alive, major-illness] }", ', endpoint: { codes: ["urn:icd|I63"] }');
    expect([...needsOf(stated).events]).to.deep.equal(["urn:icd|I63"]);
  });
});

describe("every patient's metric of the scenarios", () => {
  for (const file of readdirSync(SCENARIOS)) {
    const { agreement } = readTerms(readFileSync(new URL(file, SCENARIOS), "utf8"));
    const milestones = (agreement?.clauses ?? []).filter(({ metric }: Clause) => metric?.of === "patient");
    if (agreement === null || milestones.length === 0) continue;
    it(`of ${file} has an endpoint, or says what it lacks`, () => {
      for (const { id, metric, endpoint: options } of milestones) {
        const endpoint = metric === null ? undefined : patientEndpoint(agreement, metric);
        expect(endpoint, `${id}: ${metric?.id}`).not.to.equal(undefined);
        const problem = endpoint?.problem?.(resolveOptions(options)) ?? null;
        const expected = { "major-illness": "codes", "qaly-gain": "valueSet" }[metric?.id ?? ""];
        if (expected === undefined) expect(problem).to.equal(null);
        else expect(problem).to.match(new RegExp(`^needs endpoint.${expected}`));
      }
    });
  }

  it("and of the grammar have an endpoint each", () => {
    for (const metric of builtInMetrics({ code: "CNY", decimals: 2 }).values()) {
      if (metric.of === "patient") expect(findEndpoint(NEWEST_RULES, metric.id), metric.id).not.to.equal(undefined);
    }
  });
});

describe("the endpoints of patients", () => {
  const metrics = `${observation("min").replace("m:", "v:")}, m: { value: v, when: alive }`;

  it("do not depend on the order of the records", () => {
    const result = fc.tuple(fc.integer({ min: -40, max: 230 }), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(fc.array(result, { maxLength: 7 }), fc.nat(), (all, turn) => {
        const measurements = all.map(([day, value]) => lab(day, String(value)));
        const k = all.length === 0 ? 0 : turn % all.length;
        const turned = [...measurements.slice(k), ...measurements.slice(0, k)].reverse();
        expect(found(metrics, values(...turned))).to.equal(found(metrics, values(...measurements)));
      }),
    );
  });
});
