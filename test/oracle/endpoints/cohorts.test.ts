import { expect } from "chai";

import { horizonOf, type CohortFinding, type CohortQuestion } from "../../../oracle/endpoints/cohort.ts";
import { cohortEndpoint } from "../../../oracle/endpoints/findCohort.ts";
import { followUp, type FollowUp } from "../../../oracle/endpoints/follow-up.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import type { Measurement, PatientRecord, Statement } from "../../../oracle/record.ts";
import { builtInMetrics } from "../../../terms/metrics.ts";
import type { Agreement, Clause, Cohort, EndpointOptions, Metric } from "../../../terms/model.ts";
import { record, type Facts } from "../support.ts";
import { decimal, happened, inFull, measured, patientWith, spent, T0 } from "./support.ts";

const CURRENCY = { code: "EUR", decimals: 2 };
const BUILT_IN = builtInMetrics(CURRENCY);
const builtIn = (id: string): Metric => BUILT_IN.get(id) ?? expect.fail(id);
const agreement = { rules: "2026.1", currency: CURRENCY, metrics: new Map() } as unknown as Agreement;

const asking = (endpoint: EndpointOptions, more: Partial<CohortQuestion> = {}): CohortQuestion => ({
  agreement,
  clause: { due: 183 } as Clause,
  cohort: { id: "a" } as Cohort,
  asOf: T0 + 1000,
  options: resolveOptions(endpoint),
  tiers: [{ start: null, pays: 0n, slope: 0n }],
  missing: 0,
  statements: [],
  ...more,
});

function found(
  metric: string | Metric,
  records: readonly PatientRecord[],
  endpoint: EndpointOptions = {},
  more: Partial<CohortQuestion> = {},
): CohortFinding {
  const asked = typeof metric === "string" ? builtIn(metric) : metric;
  return cohortEndpoint(agreement, asked)?.value(records, asking(endpoint, more)) ?? expect.fail();
}

/** The cohort's value or reason, then each patient's part. */
function inWords({ outcome, parts }: CohortFinding): string {
  const whole = "value" in outcome ? outcome.value.toString() : outcome.notEvaluable;
  return [whole, ...parts.map(inFull)].join(" | ");
}

describe("the horizon of a cohort", () => {
  it("is the clause's own, else the clause's due, which at enrolment is the index day", () => {
    expect(horizonOf(asking({ horizon: "30d" }))).to.equal(30);
    expect(horizonOf(asking({}))).to.equal(183);
    expect(horizonOf(asking({}, { clause: { due: "enrolment" } as Clause }))).to.equal(0);
  });
});

describe("follow-up for Kaplan–Meier, with a horizon of a year", () => {
  const of = (facts: Facts, today: number, more: Partial<PatientRecord> = {}): FollowUp =>
    followUp(record(facts, more), 365, T0 + today);
  const alive = (days: number) => ({ days, died: false });
  const died = (days: number) => ({ days, died: true });
  const sure = (followed: { days: number; died: boolean }, ...evidence: string[]): FollowUp => ({
    least: followed,
    greatest: followed,
    shortest: followed,
    leftOut: null,
    open: null,
    evidence,
  });
  const out = (leftOut: FollowUp["leftOut"], ...evidence: string[]): FollowUp => ({
    ...sure(alive(0), ...evidence),
    leftOut,
  });

  it("ends at a death that is sure, or at the last sign of life from the index day on", () => {
    expect(of({ death: 300, alive: 150 }, 1000)).to.deep.equal(sure(died(300), "death"));
    expect(of({ death: 300, alive: 150 }, 300)).to.deep.equal(sure(died(300), "death"));
    expect(of({ death: 300, alive: 150 }, 299)).to.deep.equal(sure(alive(150), "alive"));
    expect(of({ death: 500 }, 1000)).to.deep.equal(sure(died(500), "death"));
    expect(of({ alive: 0 }, 1000)).to.deep.equal(sure(alive(0), "alive"));
    expect(of({ alive: -5 }, 1000)).to.deep.equal(sure(alive(0)));
    expect(of({}, 1000)).to.deep.equal(sure(alive(0)));
  });

  it("counts for nothing where the record may not or can't be used", () => {
    expect(of({ alive: 9 }, 1000, { consent: false })).to.deep.equal(out("no-consent"));
    expect(of({ alive: 9 }, 1000, { index: null })).to.deep.equal(out("no-index"));
    expect(of({ alive: 9 }, -1)).to.deep.equal(out("no-index"));
    expect(of({ alive: 0 }, 0)).to.deep.equal(sure(alive(0), "alive"));
    expect(of({ death: -5 }, 1000)).to.deep.equal(out("event-before-index", "death"));
  });

  it("of a death within an interval lies between its ends, the horizon and today", () => {
    const open = { leftOut: null, open: "partial-date", evidence: ["death"] } as const;
    const dates = { death: [300, 400] as const };
    expect(of(dates, 1000)).to.deep.equal({ ...open, least: died(365), greatest: died(400), shortest: died(300) });
    expect(of(dates, 400)).to.deep.equal({ ...open, least: died(365), greatest: died(400), shortest: died(300) });
    expect(of(dates, 399)).to.deep.equal({ ...open, least: died(365), greatest: alive(399), shortest: died(300) });
    expect(of(dates, 350)).to.deep.equal({ ...open, least: died(350), greatest: alive(350), shortest: died(300) });
    const early = { death: [100, 200] as const };
    expect(of(early, 1000)).to.deep.equal({ ...open, least: died(200), greatest: died(100), shortest: died(100) });
    expect(of(early, 200)).to.deep.equal({ ...open, least: died(200), greatest: died(100), shortest: died(100) });
    expect(of(early, 199)).to.deep.equal({ ...open, least: died(199), greatest: alive(199), shortest: died(100) });
    expect(of({ death: [300, 365] }, 1000).greatest).to.deep.equal(died(300));
    expect(of({ death: [300, 400], alive: 370 }, 1000).least).to.deep.equal(died(370));
  });

  it("of a disputed death has none of which anybody can be sure", () => {
    expect(of({ death: 300, disputed: true }, 1000)).to.deep.equal({
      least: died(365),
      greatest: alive(1000),
      shortest: died(300),
      leftOut: null,
      open: "disputed-death",
      evidence: ["death"],
    });
  });
});

describe("survival of a cohort, with each patient's part", () => {
  it("shows the follow-up of all, also where there is no estimate", () => {
    const one = patientWith({}, { alive: 100 });
    expect(inWords(found("survival", [one]))).to.equal("beyond-follow-up | 200 none [alive]");
    expect(found("survival", [one]).evidence).to.deep.equal([]);
    const dead = patientWith({}, { death: 100 });
    expect(inWords(found("survival", [dead, patientWith({})]))).to.equal(
      "500000 | 201 event [death] | 4000 none [alive]",
    );
  });

  it("names what leaves the estimate open", () => {
    const tiers = [null, 600_000n].map((start) => ({ start, pays: 0n, slope: 0n }));
    const open = patientWith({}, { death: [100, 300], alive: 50 });
    const sure = patientWith({}, { alive: 400 });
    expect(inWords(found("survival", [open, sure], {}, { tiers }))).to.equal(
      "partial-date | partial-date [death] | 800 none [alive]",
    );
    expect(inWords(found("survival", [open, sure]))).to.equal("500000 | 367 event [death] | 800 none [alive]");
  });

  it("is beyond follow-up where a death that may not have come yet is the last thing seen", () => {
    const open = patientWith({}, { death: [1900, 1950], alive: 50 });
    expect(inWords(found("survival", [open], { horizon: "2192d" }, { asOf: T0 + 1915 }))).to.match(/^beyond-follow-up/);
  });

  it("counts patients without a record", () => {
    const two = [patientWith({}, { death: 100 }), patientWith({}, { alive: 400 })];
    expect(inWords(found("survival", two, {}, { missing: 2 }))).to.match(/^500000 /);
    expect(inWords(found("survival", [], {}, { missing: 2 }))).to.equal("beyond-follow-up");
    expect(inWords(found("survival", []))).to.equal("no-patients");
  });
});

describe("rates of a cohort, with each patient's part", () => {
  const hba1c = (percent: string): PatientRecord =>
    patientWith({ measurements: [measured(183, percent, "%", { id: "m" })] });
  const rate = (target: EndpointOptions, ...percents: string[]): string =>
    inWords(found("attainment-rate", percents.map(hba1c), { metric: "hba1c", ...target }));

  it("count who lies on the right side of a target, also one below 0 or between two values", () => {
    expect(rate({ below: "7.0" }, "6.99", "7")).to.equal("500000 | 1 @183 [m] | 0 @183 [m]");
    expect(rate({ atLeast: "7.0" }, "6.99", "7")).to.equal("500000 | 0 @183 [m] | 1 @183 [m]");
    expect(rate({ atLeast: "6.995" }, "6.99", "7")).to.equal("500000 | 0 @183 [m] | 1 @183 [m]");
    expect(rate({ atLeast: "-7" }, "6.99")).to.equal("1000000 | 1 @183 [m]");
    expect(rate({ below: "8", atLeast: "7" }, "6.9", "7", "8")).to.equal(
      "333333 | 0 @183 [m] | 1 @183 [m] | 0 @183 [m]",
    );
  });

  it("rest on results beyond a limit where the target lies on one side of all that they can be", () => {
    expect(rate({ below: "7.0" }, "<7", ">8")).to.equal("500000 | 1 @183 [m] | 0 @183 [m]");
    expect(rate({ below: "7.0", minEvaluable: "0%" }, "<8")).to.equal("0 | inexact-result [m]");
    expect(rate({ below: "9", atLeast: "7" }, ">9")).to.equal("0 | 0 @183 [m]");
    expect(rate({ below: "9", atLeast: "7", minEvaluable: "0%" }, ">8")).to.equal("0 | inexact-result [m]");
    expect(rate({ below: "7", atLeast: "9", minEvaluable: "0%" }, ">8")).to.equal("0 | inexact-result [m]");
  });

  it("of a target below 0 between two values of the metric count from the upper one", () => {
    const qaly: Metric = {
      ...builtIn("qaly-gain"),
      id: "m",
      decimals: 0,
      builtIn: false,
      source: { type: "observation", codes: ["urn:a|1"], take: "last" },
    };
    const own = { ...agreement, metrics: new Map([["m", qaly]]) };
    const reached = (value: string, target: EndpointOptions): string => {
      const result: Measurement = measured(183, value, null, { codes: ["urn:a|1"], id: "m" });
      const endpoint = cohortEndpoint(own, builtIn("attainment-rate"));
      return inWords(
        endpoint?.value([patientWith({ measurements: [result] })], asking({ metric: "m", ...target })) ?? expect.fail(),
      );
    };
    expect(reached("-2", { atLeast: "-2.5" })).to.equal("1000000 | 1 @183 [m]");
    expect(reached("-3", { atLeast: "-2.5" })).to.equal("0 | 0 @183 [m]");
    expect(reached("-3", { below: "-2" })).to.equal("1000000 | 1 @183 [m]");
    expect(reached("0", { atLeast: "-0.5" })).to.equal("1000000 | 1 @183 [m]");
    expect(reached("0", { atLeast: "0.5" })).to.equal("0 | 0 @183 [m]");
    expect(reached("1", { atLeast: "0.5" })).to.equal("1000000 | 1 @183 [m]");
  });

  it("of complications tell 0 from 1 whatever the clause pays for", () => {
    const open = patientWith({ events: [happened([180, 190], { id: "e" })] });
    expect(inWords(found("complication-rate", [open], { minEvaluable: "0%" }))).to.equal(
      "no-patients | partial-date [e alive]",
    );
    expect(found("complication-rate", [open]).evidence).to.deep.equal([]);
  });

  it("say what they are, what they need and what they lack", () => {
    const attainment = cohortEndpoint(agreement, builtIn("attainment-rate"));
    const complication = cohortEndpoint(agreement, builtIn("complication-rate"));
    expect(attainment).to.include({ id: "attainment-rate", description: "share of patients who reached the target" });
    expect(complication).to.include({ id: "complication-rate", description: "share of patients with a complication" });
    const needs = (options: EndpointOptions) => attainment?.needs?.(resolveOptions(options));
    expect(needs({ metric: "alive" })).to.deep.equal({});
    expect(needs({})).to.deep.equal({});
    expect(needs({ metric: "cost" })).to.deep.equal({ costs: true });
    expect(complication?.needs?.(resolveOptions({ codes: "urn:a|1" }))).to.deep.equal({
      adverseEvents: true,
      events: new Set(["urn:a|1"]),
      administrations: false,
    });
    expect(complication?.problem?.(resolveOptions({}))).to.equal(null);
    const problem = (options: EndpointOptions) => attainment?.problem?.(resolveOptions(options));
    expect(problem({})).to.equal("needs endpoint.metric: what the target is set for");
    expect(problem({ metric: "cure" })).to.equal("has no metric cure");
    expect(problem({ metric: "survival" })).to.equal("has no rule for a patient's survival");
    expect(problem({ metric: "hba1c" })).to.equal("needs endpoint.below or endpoint.atLeast: the target for hba1c");
    expect(problem({ metric: "hba1c", below: "7" })).to.equal(null);
    expect(problem({ metric: "hba1c", atLeast: "7" })).to.equal(null);
    expect(problem({ metric: "alive" })).to.equal(null);
    expect(problem({ metric: "major-illness" })).to.match(/^major-illness needs endpoint.codes/);
    expect(() => found("attainment-rate", [])).to.throw(RangeError);
    expect(() => found("attainment-rate", [], { metric: "survival" })).to.throw(RangeError);
  });
});

describe("mean cost of a cohort", () => {
  it("needs one patient whose cost is known, whatever share the clause asks for", () => {
    const lost = patientWith({ costs: [spent(9, "5")] }, { alive: 10 });
    expect(inWords(found("mean-cost", [lost], { minEvaluable: "0%" }))).to.equal(
      "no-patients | unknown-at-due [alive]",
    );
    expect(found("mean-cost", [lost]).evidence).to.deep.equal([]);
    expect(cohortEndpoint(agreement, builtIn("mean-cost"))?.needs?.(resolveOptions({}))).to.deep.equal({ costs: true });
  });
});

describe("stated figures, in their units", () => {
  const figure = (kind: Metric["kind"], unit: string, decimals = 0): Metric => ({
    ...builtIn("research-cost"),
    id: "figure",
    kind,
    unit,
    decimals,
    builtIn: false,
    source: { type: "statement", name: "figure" },
  });
  const statement = (more: Partial<Statement>, id = "s"): Statement => ({
    name: "figure",
    value: decimal("12"),
    cohort: null,
    statedBy: "Auditor",
    documentSha256: "ab",
    id,
    ...more,
  });
  const of = (metric: Metric, ...statements: Statement[]): string => inWords(found(metric, [], {}, { statements }));

  for (const [kind, unit, stated, expected] of [
    ["money", "EUR", {}, "12"],
    ["money", "EUR", { currency: "EUR" }, "12"],
    ["money", "EUR", { currency: "USD" }, "unit-differs"],
    ["money", "EUR", { unit: "kg" }, "unit-differs"],
    ["percent", "percent", { unit: "%" }, "12"],
    ["percent", "percent", { unit: "percent" }, "12"],
    ["percent", "percent", { unit: "d" }, "unit-differs"],
    ["percent", "percent", {}, "12"],
    ["days", "days", { unit: "d" }, "12"],
    ["days", "days", { unit: "days" }, "12"],
    ["days", "days", { unit: "%" }, "unit-differs"],
    ["number", "beds", { unit: "beds" }, "12"],
    ["number", "beds", { unit: "d" }, "unit-differs"],
    ["number", "d", { unit: "days" }, "unit-differs"],
    ["number", "beds", { unit: "%" }, "unit-differs"],
    ["number", "beds", { currency: "EUR" }, "unit-differs"],
  ] as const) {
    it(`${kind} in ${unit}, stated as ${JSON.stringify(stated)}: ${expected}`, () =>
      expect(of(figure(kind, unit), statement(stated))).to.equal(expected));
  }

  it("name every statement that was found, in order, or none", () => {
    const both = [statement({}, "t"), statement({}, "s")];
    const several = found(figure("number", "beds"), [], {}, { statements: both });
    expect(several.outcome).to.deep.equal({ notEvaluable: "several-statements" });
    expect(several.evidence).to.deep.equal(["s sha256:ab", "t sha256:ab"]);
    expect(found(figure("number", "beds"), [])).to.deep.equal({
      outcome: { notEvaluable: "no-statement" },
      evidence: [],
      parts: [],
    });
  });
});
