import { expect } from "chai";

import type { CohortEndpoint, CohortFinding, CohortQuestion } from "../../../oracle/endpoints/cohort.ts";
import { combine, isCombination, type Part } from "../../../oracle/endpoints/combine.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "../../../oracle/endpoints/endpoint.ts";
import { cohortEndpoint } from "../../../oracle/endpoints/findCohort.ts";
import { patientEndpoint } from "../../../oracle/endpoints/find.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import { ownCohortEndpoint } from "../../../oracle/endpoints/own-cohort.ts";
import { ownEndpoint } from "../../../oracle/endpoints/own.ts";
import { namedRule } from "../../../oracle/endpoints/rules.ts";
import { NO_NEEDS } from "../../../oracle/needs.ts";
import { builtInMetrics } from "../../../terms/metrics.ts";
import type { Agreement, Metric, MetricSource, Tier } from "../../../terms/model.ts";
import { askFor, record, type Facts } from "../support.ts";
import { inFull, patientWith, T0 } from "./support.ts";

const BUILT_IN = builtInMetrics({ code: "EUR", decimals: 2 });
const ALIVE = BUILT_IN.get("alive") as Metric;
const SURVIVAL = BUILT_IN.get("survival") as Metric;
const AGREEMENT = { rules: "2026.1", currency: { code: "EUR", decimals: 2 }, metrics: new Map<string, Metric>() };
const agreement = AGREEMENT as unknown as Agreement;

const own = (source: MetricSource | null, more: Partial<Metric> = {}): Metric => ({
  ...ALIVE,
  id: "m",
  definition: "as agreed",
  source,
  builtIn: false,
  ...more,
});

const SOURCES: Readonly<Record<string, MetricSource>> = {
  all: { type: "all", of: ["a", "b", "c"] },
  any: { type: "any", of: ["a", "b", "c"] },
  atLeast: { type: "atLeast", count: 2, of: ["a", "b", "c"] },
  unless: { type: "unless", metric: "a", stops: ["b", "c"] },
  when: { type: "when", value: "a", condition: "b" },
  difference: { type: "difference", minuend: "a", subtrahend: "b" },
};

/** The clause's own tiers, which begin at 7. */
const TIERS: readonly Tier[] = [null, 7n].map((start) => ({ start, pays: 0n, slope: 0n }));

/** What a part was asked: for a condition (0 or 1), for the clause's price, or for the value itself. */
function asked({ tiers, exact }: Pick<Question, "tiers" | "exact">): string {
  if (exact) return "value";
  const starts = tiers.map(({ start }) => start);
  expect(starts).to.have.length(2);
  return starts[1] === 7n ? "price" : starts[0] === null && starts[1] === 1n ? "condition" : "nothing";
}

/** What each part must be asked for, by its position. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  all: ["condition", "condition", "condition"],
  any: ["condition", "condition", "condition"],
  atLeast: ["condition", "condition", "condition"],
  unless: ["price", "condition", "condition"],
  when: ["price", "condition"],
  difference: ["value", "value"],
};

describe("a patient's metric made of others", () => {
  const question: Question = { due: 183, asOf: T0 + 3000, options: resolveOptions({}), tiers: TIERS };
  const one = (id: string, outcome: Outcome, more: Partial<Endpoint> = {}): Endpoint => ({
    id,
    description: id,
    value: () => outcome,
    ...more,
  });
  const yes = (id: string, day: number | null = T0 + 5): Outcome => ({ value: 1n, day, event: true, evidence: [id] });

  for (const [type, source] of Object.entries(SOURCES)) {
    it(`asks its parts for no more than it needs: ${type}`, () => {
      const seen: string[] = [];
      const part = (id: string): Endpoint => ({
        ...one(id, yes(id)),
        value: (_, question) => {
          seen.push(asked(question));
          return yes(id);
        },
      });
      ownEndpoint(own(source), part)?.value(record({}), question);
      expect(seen).to.deep.equal(ASKED[type]);
    });
  }

  it("is of a day when one part decides, and rests on all that decide", () => {
    const any = ownEndpoint(own(SOURCES["any"] ?? null), (id) =>
      one(id, id === "b" ? yes("x") : notEvaluable("no-result")),
    );
    expect(inFull(any?.value(record({}), question) ?? expect.fail())).to.equal("1 @5 [x]");
    const all = ownEndpoint(own(SOURCES["all"] ?? null), () => one("a", yes("x")));
    expect(inFull(all?.value(record({}), question) ?? expect.fail())).to.equal("1 [x]");
    const lost = ownEndpoint(own(SOURCES["all"] ?? null), (id) => one(id, notEvaluable("no-result", [id])));
    expect(inFull(lost?.value(record({}), question) ?? expect.fail())).to.equal("no-result [a b c]");
  });

  it("has its definition, its parts' needs, and the first problem of one", () => {
    const parts: Readonly<Record<string, Endpoint>> = {
      a: one("a", yes("a"), { needs: () => ({ costs: true }), problem: () => null }),
      b: one("b", yes("b"), { problem: () => "needs b" }),
      c: one("c", yes("c"), { needs: () => ({ healthStates: true }), problem: () => "needs c" }),
    };
    const whole = ownEndpoint(own(SOURCES["all"] ?? null), (id) => parts[id]);
    expect(whole).to.include({ id: "m", description: "as agreed" });
    expect(whole?.needs?.(question.options)).to.deep.equal({ ...NO_NEEDS, costs: true, healthStates: true });
    expect(whole?.problem?.(question.options)).to.equal("b needs b");
    const sound = ownEndpoint(own(SOURCES["difference"] ?? null), () => parts["a"]);
    expect(sound?.problem?.(question.options)).to.equal(null);
  });

  it("can't be computed without each part, nor without a source", () => {
    const parts = (id: string): Endpoint | undefined => (id === "b" ? undefined : one(id, yes(id)));
    expect(ownEndpoint(own(SOURCES["all"] ?? null), parts)).to.equal(undefined);
    expect(ownEndpoint(own(null), parts)).to.equal(undefined);
    expect(ownEndpoint(own({ type: "statement", name: "x" }), parts)).to.equal(undefined);
    expect(patientEndpoint(agreement, own({ type: "all", of: ["alive", "nowhere"] }))).to.equal(undefined);
    expect(patientEndpoint(agreement, own({ type: "all", of: ["alive"] }))).not.to.equal(undefined);
    expect(patientEndpoint(agreement, ALIVE)).not.to.equal(undefined);
    expect(patientEndpoint(agreement, { ...ALIVE, of: "cohort" })).to.equal(undefined);
  });
});

describe("a cohort's metric made of others", () => {
  const question = { options: resolveOptions({}), tiers: TIERS } as unknown as CohortQuestion;
  const finding = (value: bigint, evidence: string[], parts: Outcome[] = []): CohortFinding => ({
    outcome: { value },
    evidence,
    parts,
  });
  const one = (id: string, found: CohortFinding, more: Partial<CohortEndpoint> = {}): CohortEndpoint => ({
    id,
    description: id,
    value: () => found,
    ...more,
  });
  const share = (source: MetricSource | null): Metric => own(source, { of: "cohort" });

  for (const [type, source] of Object.entries(SOURCES)) {
    it(`asks its parts for no more than it needs: ${type}`, () => {
      const seen: string[] = [];
      const part = (id: string): CohortEndpoint => ({
        ...one(id, finding(1n, [])),
        value: (_, question) => {
          seen.push(asked(question));
          return finding(1n, []);
        },
      });
      ownCohortEndpoint(share(source), part)?.value([], question);
      expect(seen).to.deep.equal(ASKED[type]);
    });
  }

  it("shows the patients behind the first part that has any, and rests on all that decide", () => {
    const patients = [notEvaluable("no-result")];
    const parts: Readonly<Record<string, CohortFinding>> = {
      a: finding(1n, ["x", "y"]),
      b: finding(1n, ["y"], patients),
      c: finding(1n, ["z"]),
    };
    const all = ownCohortEndpoint(share(SOURCES["all"] ?? null), (id) => one(id, parts[id] ?? expect.fail()));
    expect(all?.value([], question)).to.deep.equal({
      outcome: { value: 1n },
      evidence: ["x", "y", "z"],
      parts: patients,
    });
    const bare = ownCohortEndpoint(share(SOURCES["all"] ?? null), (id) => one(id, finding(1n, [id])));
    expect(bare?.value([], question)).to.deep.equal({ outcome: { value: 1n }, evidence: ["a", "b", "c"], parts: [] });
    const none: CohortFinding = { outcome: { notEvaluable: "no-statement" }, evidence: ["s"], parts: [] };
    const open = ownCohortEndpoint(share(SOURCES["all"] ?? null), () => one("a", none));
    expect(open?.value([], question)).to.deep.equal(none);
  });

  it("has its definition, its parts' needs, and the first problem of one", () => {
    const parts: Readonly<Record<string, CohortEndpoint>> = {
      a: one("a", finding(1n, []), { needs: () => ({ costs: true }), problem: () => null }),
      b: one("b", finding(1n, []), { problem: () => "needs b" }),
      c: one("c", finding(1n, []), { needs: () => ({ healthStates: true }), problem: () => "needs c" }),
    };
    const whole = ownCohortEndpoint(share(SOURCES["all"] ?? null), (id) => parts[id]);
    expect(whole).to.include({ id: "m", description: "as agreed" });
    expect(whole?.needs?.(question.options)).to.deep.equal({ ...NO_NEEDS, costs: true, healthStates: true });
    expect(whole?.problem?.(question.options)).to.equal("b needs b");
    const sound = ownCohortEndpoint(share(SOURCES["difference"] ?? null), () => parts["a"]);
    expect(sound?.problem?.(question.options)).to.equal(null);
  });

  it("can't be computed without each part, nor without a source or under other rules", () => {
    const parts = (id: string): CohortEndpoint | undefined => (id === "b" ? undefined : one(id, finding(1n, [])));
    expect(ownCohortEndpoint(share(SOURCES["all"] ?? null), parts)).to.equal(undefined);
    expect(ownCohortEndpoint(share(null), parts)).to.equal(undefined);
    expect(
      cohortEndpoint(agreement, share({ type: "difference", minuend: "survival", subtrahend: "nowhere" })),
    ).to.equal(undefined);
    expect(cohortEndpoint(agreement, SURVIVAL)).not.to.equal(undefined);
    expect(cohortEndpoint(agreement, { ...SURVIVAL, of: "patient" })).to.equal(undefined);
    expect(cohortEndpoint(agreement, { ...SURVIVAL, id: "outlay" })).to.equal(undefined);
    expect(cohortEndpoint({ ...agreement, rules: "2031.4" }, SURVIVAL)).to.equal(undefined);
  });
});

describe("a combination", () => {
  const [one, zero, five]: readonly Part[] = [{ value: 1n }, { value: 0n }, { value: 5n }];
  const lost: Part = { notEvaluable: "r" };

  it("names the parts that decided, also where it is not evaluable", () => {
    const when = { type: "when", value: "a", condition: "b" } as const;
    const difference = { type: "difference", minuend: "a", subtrahend: "b" } as const;
    const of = (...parts: (Part | undefined)[]) => parts.map((part) => part ?? expect.fail());
    expect(combine(when, of(five, one))).to.deep.equal({ value: 5n, by: [0, 1] });
    expect(combine(when, of(lost, one))).to.deep.equal({ notEvaluable: "r", by: [0] });
    expect(combine(when, of(five, lost))).to.deep.equal({ notEvaluable: "r", by: [1] });
    expect(combine(when, of(zero, lost))).to.deep.equal({ value: 0n, by: [0] });
    expect(combine(difference, of(five, one))).to.deep.equal({ value: 4n, by: [0, 1] });
    expect(combine(difference, of(lost, one))).to.deep.equal({ notEvaluable: "r", by: [0] });
    expect(combine(difference, of(one, lost))).to.deep.equal({ notEvaluable: "r", by: [1] });
  });

  it("has the parts that it is made of", () => {
    expect(() => combine({ type: "when", value: "a", condition: "b" }, [])).to.throw(RangeError);
    expect(() => combine({ type: "difference", minuend: "a", subtrahend: "b" }, [{ value: 1n }])).to.throw(RangeError);
    expect(() => combine({ type: "difference", minuend: "a", subtrahend: "b" }, [])).to.throw(RangeError);
    expect(isCombination(null)).to.equal(false);
    expect(isCombination({ type: "statement", name: "x" })).to.equal(false);
  });
});

describe("named rules, with what they rest on", () => {
  const plain = own(null, { kind: "number", decimals: 0 });
  const of = (name: string, facts: Facts, more = {}): string => {
    const rule = namedRule(plain, name, "1");
    if (rule === undefined) throw new RangeError(`no rule ${name}`);
    expect(rule.id).to.equal("m");
    return inFull(askFor(rule, patientWith(more, facts), { cuts: [1] }));
  };

  it("death", () => {
    expect(of("death", { death: 183 })).to.equal("1 @183 event [death]");
    expect(of("death", { alive: 155 })).to.equal("0 @155 none [alive]");
    expect(of("death", { alive: 154 })).to.equal("unknown-at-due [alive]");
  });

  it("another treatment, the first after the index day, and of two on one day the one whose id comes first", () => {
    expect(of("new-therapy", { therapies: [100, 50] })).to.equal("1 @50 event [t1]");
    expect(of("new-therapy", { therapies: [50, 50] })).to.equal("1 @50 event [t0]");
    const turned = [...record({ therapies: [50, 50] }).therapies].reverse();
    expect(of("new-therapy", {}, { therapies: turned })).to.equal("1 @50 event [t0]");
    expect(of("new-therapy", { therapies: [183] })).to.equal("1 @183 event [t0]");
    expect(of("new-therapy", { therapies: [184, 0, -5] })).to.equal("0 none [alive]");
    expect(of("new-therapy", { therapies: [[150, 200]] })).to.equal("partial-date [t0 alive]");
    const ours = record({ therapies: [50] }).therapies.map((one) => ({ ...one, contract: true }));
    expect(of("new-therapy", {}, { therapies: ours })).to.equal("0 none [alive]");
    expect(of("new-therapy", { alive: 100 })).to.equal("unknown-at-due [alive]");
  });

  it("are for whole numbers", () => {
    expect(namedRule({ ...plain, decimals: 1 }, "death", "1")).to.equal(undefined);
    expect(namedRule({ ...plain, kind: "percent" }, "death", "1")).to.equal(undefined);
  });
});
