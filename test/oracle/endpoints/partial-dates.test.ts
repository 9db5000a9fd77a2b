import { expect } from "chai";

import { agreed, sameTime, samePrice } from "../../../oracle/endpoints/agree.ts";
import type { Outcome, Question } from "../../../oracle/endpoints/endpoint.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import type { ClinicalEvent, PatientRecord } from "../../../oracle/record.ts";
import type { Ask } from "../support.ts";
import { given, happened, patientWith, T0, timed, told, type When } from "./support.ts";

const question = (cuts: readonly bigint[], exact?: true): Question => ({
  due: 183,
  asOf: T0 + 3000,
  options: resolveOptions({}),
  tiers: [null, ...cuts].map((start) => ({ start, pays: 0n, slope: 0n })),
  ...(exact && { exact }),
});
const found = (value: bigint, day: number, ...evidence: string[]): Outcome => ({ value, day, event: null, evidence });

describe("one answer from several", () => {
  it("is the smallest of one price, and of two that are equal the first; it rests on all", () => {
    const all = [found(5n, 1, "a"), found(7n, 2, "b"), found(5n, 3, "c", "a")];
    expect(agreed(all, question([9n]))).to.deep.equal(found(5n, 1, "a", "b", "c"));
    expect(agreed([...all].reverse(), question([9n]))).to.deep.equal(found(5n, 3, "c", "a", "b"));
    expect(agreed([found(7n, 2, "b"), found(5n, 1, "a")], question([9n]))).to.deep.equal(found(5n, 1, "b", "a"));
  });

  it("is none where prices differ, or there is no answer at all", () => {
    expect(agreed([found(5n, 1, "a"), found(7n, 2, "b")], question([6n]))).to.include({ notEvaluable: "partial-date" });
    expect(agreed([], question([6n]))).to.deep.equal({
      notEvaluable: "partial-date",
      day: null,
      event: null,
      evidence: [],
    });
    expect(sameTime([])).to.include({ notEvaluable: "partial-date" });
  });

  it("has one price for all up to a limit, or from one on, when no tier begins in between", () => {
    expect(samePrice(question([-5n]), null, -6n)).to.equal(true);
    expect(samePrice(question([-5n]), null, 3n)).to.equal(false);
    expect(samePrice(question([-5n]), -5n, null)).to.equal(true);
    expect(samePrice(question([-5n]), -6n, null)).to.equal(false);
    expect(samePrice(question([], true), 3n, 3n)).to.equal(true);
    expect(samePrice(question([], true), 3n, 4n)).to.equal(false);
    expect(samePrice(question([], true), null, null)).to.equal(false);
  });
});

describe("partial dates of the course of a disease", () => {
  const rows: readonly [what: string, result: () => string, expected: string][] = [
    ["a progression", () => timed("pfs", { course: "50..80 PD" }), "partial-date [a0]"],
    ["another result alone", () => timed("pfs", { course: "50..80 SD" }), "partial-date [a0]"],
    ["both", () => timed("pfs", { course: "50..80 SD, 100..130 PD" }), "partial-date [a1]"],
    [
      "a progression on the day of another result, or not yet",
      () => timed("pfs", { course: "56 SD, 56..500 PD" }, {}, T0 + 400),
      "partial-date [a1 a0]",
    ],
    [
      "two reasons why there is none",
      () => timed("pfs", { course: "0..500 PD" }, { rules: "rwpfs" }, T0 + 400),
      "partial-date [a0]",
    ],
    [
      "a result in the window or before it, and a late progression",
      () => told("pfs", { course: "150..160 SD, 300..310 PD" }),
      "partial-date [a0]",
    ],
    [
      "too long a gap only where one is early and the other late",
      () => told("pfs", { course: "100..110 SD, 220..236 PD" }),
      "partial-date [a1 a0]",
    ],
    [
      "one of two treatments",
      () => timed("pfs", { course: "56 SD, 120 SD", therapies: [[100, 140], 300] }, { newTherapy: "censor" }),
      "partial-date [a0 t0 a1]",
    ],
    ["a death, at one price", () => told("os", { death: [100, 150] }), "100 @100 event [death]"],
    ["a death, at two", () => told("os", { death: [100, 190] }, { cuts: [150] }), "partial-date [death]"],
  ];
  for (const [what, result, expected] of rows) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));
});

describe("partial dates of events", () => {
  const event = (id: string, when: When, more: Partial<ClinicalEvent> = {}) => happened(when, { id, ...more });
  const value = (events: ClinicalEvent[], ask: Ask = {}, alive = 2000, more: Partial<PatientRecord> = {}): string =>
    told("complication", patientWith({ events, ...more }, { alive }), { cuts: [1], ...ask });

  it("that decide either way leave the first as it was", () => {
    expect(value([event("a", [10, 40]), event("b", 20)])).to.equal("1 @10 event [a]");
  });

  it("that lead to two reasons are the reason", () => {
    const ungraded = [event("a", [180, 190])];
    expect(value(ungraded, { grade: 3 }, 100)).to.equal("partial-date [a alive]");
    expect(value(ungraded, { grade: 3 })).to.equal("partial-date [a alive]");
    expect(value([event("a", [180, 190])], {}, 100)).to.equal("partial-date [a alive]");
    expect(value([event("a", [20, 40])], { grade: 3 })).to.equal("event-detail-missing [a]");
  });

  it("of treatments count, where the risk window does", () => {
    const ask = { riskWindow: "30d" };
    const treated = (...administrations: ReturnType<typeof given>[]) => ({ administrations });
    const late = (day: number) => [event("a", day)];
    expect(value(late(100), ask, 2000, treated(given([60, 80])))).to.equal("partial-date [alive a]");
    expect(value(late(140), ask, 2000, treated(given(0, [90, 119])))).to.equal("partial-date [alive a]");
    expect(value(late(100), ask, 2000, treated(given(0, [90, 119])))).to.equal("1 @100 event [a]");
    // A treatment that goes on, begun by the due day or after it.
    expect(value(late(100), ask, 2000, treated(given(0), given([180, 190], null)))).to.equal("partial-date [a alive]");
  });

  it("leave the time open, and a risk period that ends on the day of an event too", () => {
    const time = (events: ClinicalEvent[], options = {}, more: Partial<PatientRecord> = {}): string =>
      timed("complication", patientWith({ events, ...more }), options);
    expect(time([event("a", [90, 100])])).to.equal("partial-date [a]");
    const treated = { administrations: [given(0)] };
    expect(time([event("a", [30, 40])], { riskWindow: "30d" }, treated)).to.equal("partial-date [a alive]");
    expect(time([event("a", 90)])).to.equal("90 event: event [a]");
  });
});
