import { readFileSync } from "node:fs";

import { expect } from "chai";

import { patientEndpoint } from "../../../oracle/endpoints/find.ts";
import { rangeOf, take, type Reading } from "../../../oracle/endpoints/reading.ts";
import { floorTo, halfEven, halfUp, ratio } from "../../../oracle/endpoints/exact.ts";
import { readHba1c } from "../../../oracle/endpoints/ngsp.ts";
import type { Measurement } from "../../../oracle/record.ts";
import { readTerms } from "../../../terms/read.ts";
import { askFor, type Ask } from "../support.ts";
import { inFull, measured, patientWith, told } from "./support.ts";

const SHEET = readFileSync(new URL("../../../scenarios/nsclc-pfs-guarantee.yaml", import.meta.url), "utf8");
const CODE = "urn:lab|X";
const lab = (id: string, when: Parameters<typeof measured>[0], value: string, more: Partial<Measurement> = {}) =>
  measured(when, value, null, { codes: [CODE], id, ...more });

/** What a metric of the agreement's own is found to be from results; by default a plain number, exact. */
function found(take: string, measurements: Measurement[], ask: Ask = {}, kind = "", unit = ""): string {
  const observation = `observation: { codes: ["${CODE}"], take: ${take}${unit && `, unit: "${unit}"`} }`;
  const sheet = SHEET.replace("  cohorts:", `  metrics: { m: { ${kind && `${kind}, `}${observation} } }\n  cohorts:`);
  const { agreement, problems } = readTerms(sheet);
  const metric = agreement?.metrics.get("m");
  const endpoint = agreement && metric && patientEndpoint(agreement, metric);
  if (!endpoint) throw new Error(JSON.stringify(problems));
  return inFull(askFor(endpoint, patientWith({ measurements }), { ...("cuts" in ask ? {} : { exact: true }), ...ask }));
}

describe("measured values, with what they rest on", () => {
  const course = [lab("c", 60, "2"), lab("b", 50, "2"), lab("a", 0, "5"), lab("d", 90, "5")];

  it("the least and the greatest rest on every result that is one, the first of them in time", () => {
    expect(found("min", course)).to.equal("2 @50 [b c]");
    expect(found("max", course)).to.equal("5 @0 [a d]");
  });

  it("a mean rests on all, and is of the last day", () => {
    expect(found("mean", course)).to.equal("4 @90 [a b c d]");
    expect(found("last", [lab("b", 180, "4"), lab("a", 180, "8"), lab("c", 160, "1")])).to.equal("6 @180 [a b]");
  });

  it("the first may be one of the day on which the treatment began", () => {
    const twice = [lab("b", -3, "4"), lab("a", -3, "8"), lab("c", 9, "1")];
    expect(found("first", twice, { lookBack: "28d", sameDay: "highest" })).to.equal("8 @-3 [a]");
    expect(found("first", twice, { lookBack: "28d", sameDay: "lowest" })).to.equal("4 @-3 [b]");
    expect(found("first", twice, { lookBack: "28d" })).to.equal("6 @-3 [a b]");
    const issued = [lab("a", -3, "4", { issued: 2 }), lab("b", -3, "8", { issued: 1 })];
    expect(found("first", issued, { lookBack: "28d" })).to.equal("4 @-3 [a]");
    expect(found("first", issued, { lookBack: "28d", sameDay: "mean" })).to.equal("6 @-3 [a b]");
  });

  it("beyond a limit have a price only where all that they can be has one", () => {
    const under = [lab("a", 9, "<5"), lab("b", 10, "8")];
    // The least is under 5: at most 4, and nobody knows how far down.
    expect(found("min", under, { cuts: [3] })).to.equal("inexact-result [a]");
    expect(found("min", under, { cuts: [5] })).to.equal("4 @9 [a]");
    // The greatest is 8, whatever the other is.
    expect(found("max", under, { cuts: [8] })).to.equal("8 @10 [b]");
    const over = [lab("a", 9, ">5"), lab("b", 10, "2")];
    // The greatest is over 5: 6 or more.
    expect(found("max", over, { cuts: [7] })).to.equal("inexact-result [a]");
    expect(found("max", over, { cuts: [6] })).to.equal("6 @9 [a]");
    expect(found("min", over, { cuts: [2] })).to.equal("2 @10 [b]");
    // Over 5, and 8: the least lies from 6 to 8.
    const both = [lab("a", 9, ">5"), lab("b", 10, "8")];
    expect(found("min", both, { cuts: [6, 9] })).to.equal("6 @9 [a b]");
    expect(found("min", both, { cuts: [7] })).to.equal("inexact-result [a b]");
    // … and the greatest is 8 or more: no single result says so.
    expect(found("max", both, { cuts: [7] })).to.equal("8 @9 [a b]");
    // Under 5, and 2: the greatest lies from 2 to 4.
    expect(found("max", [lab("a", 9, "<5"), lab("b", 10, "2")], { cuts: [2] })).to.equal("2 @9 [a b]");
  });

  it("count on the first and the last of the days that count", () => {
    for (const day of [155, 211]) expect(found("last", [lab("a", day, "7")])).to.equal(`7 @${day} [a]`);
    for (const day of [154, 212]) expect(found("last", [lab("a", day, "7")])).to.equal("no-result []");
    for (const day of [0, 183]) expect(found("max", [lab("a", day, "7")])).to.equal(`7 @${day} [a]`);
    for (const day of [-1, 184]) expect(found("max", [lab("a", day, "7")])).to.equal("no-result []");
  });

  it("at most 7 is no 7: the least rests on what has both its ends", () => {
    expect(found("min", [lab("a", 9, "<=7"), lab("b", 10, "7")], { cuts: [9] })).to.equal("7 @9 [a]");
  });

  it("have no mean beyond a limit", () => {
    const mean = [lab("a", 9, "<7"), lab("b", 10, ">8")];
    expect(found("mean", mean, { cuts: [] })).to.equal("inexact-result [a b]");
    expect(found("mean", [lab("a", 9, "<7"), lab("b", 10, "8")], { cuts: [8] })).to.equal("7 @10 [a b]");
    expect(found("mean", [lab("a", 9, "<7"), lab("b", 10, "8")], { cuts: [7] })).to.equal("inexact-result [a b]");
  });

  it("that do not fit in their units rest on all that would count", () => {
    const mixed = [lab("a", 9, "5", { unit: "g/L" }), lab("b", 10, "5", { unit: "mg/dL" }), lab("c", 300, "5")];
    expect(found("min", mixed)).to.equal("unit-differs [a b]");
  });

  const units: readonly (readonly [string, string, string, string | null, string])[] = [
    ["a percentage", "percent: true", "", "%", "50000 @180 [a]"],
    ["a percentage in another unit", "percent: true", "", "g/L", "unit-differs [a]"],
    ["days", "unit: d", "", "d", "5 @180 [a]"],
    ["days without a unit", "unit: d", "", null, "5 @180 [a]"],
    ["weeks for days", "unit: d", "", "wk", "unit-differs [a]"],
    ["money in another currency", "money: true", "", "USD", "unit-differs [a]"],
    ["spaces around a unit", "", "g/L", " g/L ", "5 @180 [a]"],
    ["an annotation beside a unit", "", "g/L", "g/L{dry}{x}", "5 @180 [a]"],
    ["an annotation inside a unit", "", "g/L", "{dry}g/L", "5 @180 [a]"],
    ["an annotation for UCUM's unity", "", "1", "{score}", "5 @180 [a]"],
    ["no unit for UCUM's unity", "", "1", null, "5 @180 [a]"],
  ];
  for (const [what, kind, stated, unit, expected] of units) {
    it(`${what}: ${expected}`, () =>
      expect(found("last", [lab("a", 180, "5", { unit })], {}, kind, stated)).to.equal(expected));
  }

  it("all fit, or none is taken", () => {
    const mixed = [lab("a", 9, "5", { unit: "%" }), lab("b", 10, "5", { unit: "g/L" })];
    expect(found("min", mixed, {}, "percent: true")).to.equal("unit-differs [a b]");
    const annotated = [lab("a", 9, "5", { unit: "{score}" }), lab("b", 10, "4")];
    expect(found("min", annotated)).to.equal("4 @10 [b]");
    expect(found("min", [lab("a", 9, "5", { unit: "1" }), lab("b", 10, "4")])).to.equal("4 @10 [b]");
  });

  for (const [value, expected] of [
    ["0", "0 @180 [a]"],
    ["2", "2 @180 [a]"],
    ["3", "unusable-result [a]"],
    ["-1", "unusable-result [a]"],
    ["0.5", "unusable-result [a]"],
    ["-0.5", "unusable-result [a]"],
  ] as const) {
    it(`${value} as one of three levels: ${expected}`, () =>
      expect(found("last", [lab("a", 180, value)], {}, "levels: [low, mid, high]")).to.equal(expected));
  }
});

describe("a range", () => {
  it("of a value with more decimals than the metric has", () => {
    const seven = ratio(15n, 2n);
    expect(rangeOf(seven, null, 0, halfUp)).to.deep.equal({ lo: 8n, hi: 8n });
    expect(rangeOf(seven, "<", 0, halfUp)).to.deep.equal({ lo: null, hi: 7n });
    expect(rangeOf(seven, "<", 1, halfUp)).to.deep.equal({ lo: null, hi: 74n });
    expect(rangeOf(seven, "<=", 0, halfUp)).to.deep.equal({ lo: null, hi: 8n });
    expect(rangeOf(seven, ">", 0, halfUp)).to.deep.equal({ lo: 8n, hi: null });
    expect(rangeOf(seven, ">=", 0, halfUp)).to.deep.equal({ lo: 8n, hi: null });
  });

  it("of nothing is none", () => {
    expect(take([], "last", "latest", halfEven)).to.equal(null);
    const one: Reading = { day: 3, issued: 7, range: { lo: 1n, hi: 1n }, ids: ["a"] };
    for (const how of ["first", "last", "min", "max", "mean"] as const)
      for (const sameDay of ["lowest", "highest", "mean", "latest"] as const)
        expect(take([one], how, sameDay, halfEven)).to.deep.include({ day: 3, range: one.range, ids: ["a"] });
  });
});

describe("exact fractions", () => {
  it("have the sign above, and are in lowest terms", () => {
    expect(ratio(1n, -2n)).to.deep.equal({ n: -1n, d: 2n });
    expect(ratio(-6n, -4n)).to.deep.equal({ n: 3n, d: 2n });
    expect(ratio(0n, -5n)).to.deep.equal({ n: 0n, d: 1n });
    expect(() => ratio(1n, 0n)).to.throw(RangeError);
  });

  it("round down below 0 too, and not at all where they are whole", () => {
    expect(floorTo(ratio(-1n, 2n), 1)).to.equal(-5n);
    expect(floorTo(ratio(-1n, 2n), 0)).to.equal(-1n);
    expect(floorTo(ratio(-1n, 3n), 2)).to.equal(-34n);
    expect(floorTo(ratio(0n), 3)).to.equal(0n);
    expect(halfEven(ratio(-1n, 2n), 1)).to.equal(-5n);
    expect(halfUp(ratio(-1n, 2n), 1)).to.equal(-5n);
  });
});

describe("HbA1c, with what it rests on", () => {
  const of = (measurements: Measurement[], ask: Ask = {}): string => told("hba1c", patientWith({ measurements }), ask);
  const result = (id: string, value: string, more: Partial<Measurement> = {}): Measurement =>
    measured(180, value, "%", { id, ...more });

  it("passes over results of other codes, and names those that can't be used", () => {
    expect(of([result("a", "7", { codes: ["http://loinc.org|2345-7"] })])).to.equal("no-result []");
    expect(of([result("a", "53")])).to.equal("unusable-result [a]");
    expect(of([result("a", "53"), result("b", "7")], { cuts: [700] })).to.equal("700 @180 [b]");
  });

  it("takes a mean of all results of the day, also of those released earlier", () => {
    const twice = [result("b", "7", { issued: 1 }), result("a", "8", { issued: 2 })];
    expect(of(twice, { sameDay: "mean", exact: true })).to.equal("750 @180 [a b]");
    expect(of(twice, { exact: true })).to.equal("700 @180 [b]");
  });

  it("reads a unit with spaces, and no measurement that carries codes of two schemes", () => {
    const read = (unit: string, codes: string[]) => readHba1c(measured(0, "7.1", unit, { codes }));
    expect(read(" % ", ["http://loinc.org|4548-4"])).to.deep.equal({ range: { lo: 710n, hi: 710n } });
    expect(read("%", ["http://loinc.org|4548-4", "http://loinc.org|62388-4"])).to.deep.equal({
      problem: "unit contradicts code",
    });
  });

  it("reads limits with decimals", () => {
    const read = (value: string) => readHba1c(measured(0, value));
    expect(read("<7.5")).to.deep.equal({ range: { lo: null, hi: 749n } });
    expect(read(">=7.5")).to.deep.equal({ range: { lo: 750n, hi: null } });
  });
});
