import { expect } from "chai";
import fc from "fast-check";

import { findEndpoint, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";
import type { Administration, Cost } from "../../../oracle/record.ts";
import { askFor, inWords, value, type Ask, type Facts } from "../support.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import { given, patientWith, spent, T0, told } from "./support.ts";

describe("cost", () => {
  function found(costs: Cost[], ask: Ask = {}, facts: Facts = {}, code = "EUR", decimals = 2): string {
    const endpoint = findEndpoint(NEWEST_RULES, "cost", { code, decimals });
    if (endpoint === undefined) throw new Error("no endpoint");
    return inWords(askFor(endpoint, patientWith({ costs }, facts), { exact: true, ...ask }));
  }
  const cases: [string, () => string, string][] = [
    ["exact amounts from the index day to the due day", () => found([spent(0, "0.1"), spent(183, "0.2")]), "30"],
    ["nothing before or after", () => found([spent(-1, "5"), spent(184, "5"), spent(10, "1")]), "100"],
    ["a credit note", () => found([spent(10, "100"), spent(20, "-30.5")]), "6950"],
    ["fractions of a cent, rounded once, half to even", () => found([spent(1, "0.005"), spent(2, "0.02")]), "2"],
    ["the same the other way", () => found([spent(1, "0.005"), spent(2, "0.01")]), "2"],
    ["a currency without cents", () => found([spent(1, "1234", "JPY")], {}, {}, "JPY", 0), "1234"],
    ["an amount without a currency", () => found([spent(1, "12", null)]), "1200"],
    ["an amount in another currency", () => found([spent(1, "12"), spent(2, "1", "USD")]), "other-currency"],
    ["another currency out of time", () => found([spent(1, "12"), spent(200, "1", "USD")]), "1200"],
    [
      "codes that the clause names",
      () => found([spent(1, "12", "EUR", ["urn:a|1"]), spent(1, "5")], { codes: "urn:a|1" }),
      "1200",
    ],
    ["no cost in a patient who was seen", () => found([]), "0"],
    ["a patient lost from sight", () => found([spent(1, "12")], {}, { alive: 100 }), "unknown-at-due"],
    ["a patient who died", () => found([spent(1, "12")], {}, { alive: 1, death: 2 }), "1200"],
    ["a partial date over the due day", () => found([spent([180, 190], "12")]), "partial-date"],
    ["amounts beyond what a float holds", () => found([spent(1, "9007199254740993.01")]), "900719925474099301"],
  ];
  for (const [what, result, expected] of cases) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));

  it("takes whichever single currency the records are in when nobody says which", () => {
    const endpoint = findEndpoint(NEWEST_RULES, "cost");
    if (endpoint === undefined) throw new Error("no endpoint");
    const of = (...costs: Cost[]): string => inWords(askFor(endpoint, patientWith({ costs })));
    expect(of(spent(1, "2", "USD"))).to.equal("200");
    expect(of(spent(1, "2", "USD"), spent(1, "2", "EUR"))).to.equal("other-currency");
  });
});

const treated = (metric: string, administrations: Administration[], ask: Ask = {}, facts: Facts = {}): string =>
  value(metric, patientWith({ administrations }, facts), ask);

describe("units", () => {
  const found = (administrations: Administration[], ask: Ask = {}, facts: Facts = {}): string =>
    treated("units", administrations, { exact: true, ...ask }, facts);
  const cases: [string, () => string, string][] = [
    ["administrations where none states a quantity", () => found([given(0), given(21), given(42)]), "3"],
    ["the sum of quantities", () => found([given(0, 0, "2"), given(21, 21, "1.5"), given(42, 42, "0.5")]), "4"],
    ["a fraction, half to even", () => found([given(0, 0, "2.5")]) + found([given(0, 0, "3.5")]), "24"],
    ["a period counts on the day it begins", () => found([given(0), given(180, 190, null)]), "2"],
    ["not what begins after the due day, or before treatment", () => found([given(-5), given(0), given(184)]), "1"],
    ["a quantity here and none there", () => found([given(0, 0, "2"), given(21)]), "quantity-missing"],
    ["a source without administrations", () => found([]), "no-administration"],
    [
      "another drug than the clause names",
      () => found([given(0), given(1, 1, null, ["urn:drugs|B"])], { codes: "urn:drugs|A" }),
      "1",
    ],
    ["only other drugs than the clause names", () => found([given(0)], { codes: "urn:drugs|B" }), "0"],
    ["a patient lost from sight", () => found([given(0)], {}, { alive: 100 }), "unknown-at-due"],
    [
      "a patient lost from sight in the last tier already",
      () => found([given(0), given(1)], { exact: undefined, cuts: [2] } as never, { alive: 100 }),
      "2",
    ],
    ["a patient who died", () => found([given(0)], {}, { alive: 1, death: 2 }), "1"],
  ];
  for (const [what, result, expected] of cases) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));
});

describe("duration", () => {
  const found = (administrations: Administration[], ask: Ask = {}, facts: Facts = {}): string =>
    treated("duration", administrations, { exact: true, ...ask }, facts);
  const cases: [string, () => string, string][] = [
    ["a treatment that goes on", () => found([given(0, null)]), "183"],
    ["a period", () => found([given(0, 99)]), "100"],
    ["one day", () => found([given(0)]), "1"],
    ["doses 21 days apart are one time on treatment", () => found([given(0), given(21), given(42)]), "43"],
    ["doses just 30 days apart too", () => found([given(0), given(30)]), "31"],
    ["a longer gap is off treatment", () => found([given(0), given(31)]), "2"],
    ["a gap that the clause allows", () => found([given(0), given(60)], { allowedGap: "8w" }), "2"],
    ["the same with more", () => found([given(0), given(56)], { allowedGap: "8w" }), "57"],
    ["overlapping periods once", () => found([given(0, 50), given(20, 30), given(40, 79)]), "80"],
    ["a period that began before the index day", () => found([given(-20, 9)]), "10"],
    ["a treatment that begins late", () => found([given(10, 19)]), "10"],
    ["a dose after the due day closes the gap over it", () => found([given(0, 170), given(190)]), "183"],
    ["but not one after the window", () => found([given(0, 182 - 3), given(212)]), "180"],
    ["nothing after death", () => found([given(0, null)], {}, { alive: 50, death: 60 }), "60"],
    ["a patient lost from sight", () => found([given(0, 10)], {}, { alive: 11 }), "unknown-at-due"],
    [
      "lost from sight, with one price either way",
      () => found([given(0, 10)], { exact: undefined, cuts: [300] } as never, { alive: 11 }),
      "11",
    ],
    ["a source without administrations", () => found([]), "no-administration"],
    ["a death that is disputed", () => found([given(0, null)], {}, { death: 60, disputed: true }), "disputed-death"],
    ["an end known to the month", () => found([given(0, [90, 119])]), "partial-date"],
  ];
  for (const [what, result, expected] of cases) it(`${what}: ${expected}`, () => expect(result()).to.equal(expected));

  it("is what a calendar with one box a day shows", () => {
    const when = fc.integer({ min: 0, max: 220 });
    fc.assert(
      fc.property(fc.array(fc.tuple(when, fc.integer({ min: 0, max: 40 })), { minLength: 1, maxLength: 8 }), (all) => {
        const boxes = new Set<number>();
        const periods = all.map(([first, length]): [number, number] => [first, first + length]);
        for (const [first, last] of periods) {
          for (let day = first; day <= last; day++) boxes.add(day);
          // The days up to the next beginning, when it is near enough to the last day covered before it.
          const before = periods.filter(([other]) => other < first && first <= 211).map(([, end]) => end);
          const until = Math.max(...before, -Infinity);
          if (first - until <= 30) for (let day = until; day < first; day++) boxes.add(day);
        }
        const days = String([...boxes].filter((day) => day < 183).length);
        const expected = periods.some(([first]) => first <= 183) ? days : "no-administration";
        expect(found(periods.map(([first, last]) => given(first, last)))).to.equal(expected);
      }),
    );
  });
});

describe("cost, units and duration, with what shows them", () => {
  const named = (id: string, ...when: Parameters<typeof given>): Administration => ({ ...given(...when), id });
  const of = (metric: string, administrations: Administration[], ask: Ask = {}, facts: Facts = {}): string =>
    told(metric, patientWith({ administrations }, facts), { exact: true, ...ask });

  it("cost rests on the amounts that count, by id, and on who was seen", () => {
    const costs = [
      { ...spent(9, "1"), id: "b" },
      { ...spent(3, "2"), id: "a" },
      { ...spent(184, "4"), id: "c" },
    ];
    expect(told("cost", patientWith({ costs }), { exact: true })).to.equal("300 [a b alive]");
    const mixed = [...costs, { ...spent(5, "1", "USD"), id: "d" }];
    expect(told("cost", patientWith({ costs: mixed }), { exact: true })).to.equal("other-currency [a b d]");
  });

  it("units rest on the administrations that begin from the index day to the due day, in order", () => {
    const all = [named("c", 30), named("b", 0, 10), named("a", 0, 10), named("d", 0, 5), named("e", 184)];
    expect(of("units", all)).to.equal("4 [d a b c alive]");
    expect(of("units", [...all].reverse())).to.equal("4 [d a b c alive]");
    expect(of("units", [named("a", 183)])).to.equal("1 [a alive]");
    expect(of("units", [named("a", -5, 10), named("b", 20)])).to.equal("1 [b alive]");
    expect(of("units", [named("a", 0, 0, "2"), named("b", 9)])).to.equal("quantity-missing [a b]");
  });

  it("need an administration from the index day to the due day, known on the as-of date", () => {
    for (const metric of ["units", "duration"]) {
      expect(of(metric, [named("a", -20, -10)])).to.equal("no-administration []");
      expect(of(metric, [named("a", 300)], { asOf: T0 + 200 })).to.equal("no-administration []");
      const codes = "urn:drugs|A";
      expect(of(metric, [named("a", 0), named("b", 250)], { asOf: T0 + 200, codes })).to.equal("1 [a alive]");
      const endpoint = findEndpoint(NEWEST_RULES, metric);
      expect(endpoint?.needs?.(resolveOptions({}))).to.deep.equal({ administrations: true });
    }
  });

  it("duration rests on every administration up to the window after the due day", () => {
    expect(of("duration", [named("b", 100, 120), named("a", 0, 90)])).to.equal("121 [a b alive]");
    const closed = (last: number): string =>
      of("duration", [named("a", 0, 100), named("b", last)], { allowedGap: "20w" });
    expect(closed(211)).to.equal("183 [a b]");
    expect(closed(212)).to.equal("101 [a alive]");
  });

  it("duration begins on the index day, whatever was given before", () => {
    expect(of("duration", [named("a", -20, -10), named("b", 5, 9)])).to.equal("5 [b alive]");
  });

  it("duration waits for nobody's death after the due day", () => {
    const treated = [named("a", 0, null)];
    expect(of("duration", treated, {}, { death: 182, disputed: true })).to.equal("disputed-death [death]");
    expect(of("duration", treated, {}, { death: 183, disputed: true })).to.equal("183 [a]");
    expect(of("duration", treated, {}, { death: 300, disputed: true })).to.equal("183 [a]");
  });
});
