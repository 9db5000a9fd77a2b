import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";

import { indexOf, VALUE_SETS, type ValueSet } from "../../../oracle/endpoints/eq5d/valueSets.ts";
import { fromDecimal, halfEven, halfUp, multiply, ratio, type Rational } from "../../../oracle/endpoints/exact.ts";
import { qalyGain } from "../../../oracle/endpoints/qaly-gain.ts";
import { qalys } from "../../../oracle/endpoints/qaly.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import { fixture, outcome, readCsv, value, type Ask } from "../support.ts";
import { answered, decimal, patientWith, T0, told } from "./support.ts";

const number = (text: string | number): Rational => fromDecimal(decimal(String(text)));

function set(country: string): ValueSet {
  const found = [...VALUE_SETS.values()].find(({ id }) => id.startsWith(`EQ-5D-5L/${country}@`));
  if (found === undefined) throw new RangeError(`no value set of ${country}`);
  return found;
}

/** Columns of the tables are named by country, some by method or year too. */
const countryOf = (column: string): string =>
  ({ Japan_cTTO: "Japan", Peru_cTTO: "Peru", Sweden_2022: "Sweden", Trinidad_and_Tobago: "TrinidadAndTobago" })[
    column
  ] ?? column;

describe("EQ-5D-5L value sets", () => {
  it("give the published index of every state in every country of the table", function () {
    const table = readCsv(join(fixture(this, "eq5d"), "eq5d5l_index_all_3125_states.csv"));
    expect(table).to.have.length(3125);
    const columns = Object.keys(table[0] ?? {}).filter((column) => column !== "state");
    expect(columns).to.have.length(19);
    for (const column of columns) {
      const values = set(countryOf(column));
      for (const row of table) {
        const exact = indexOf(values, row["state"] ?? "");
        if (exact === null) throw new Error(`${column}: no index of ${row["state"]}`);
        // The table is rounded to 3 places, as far as floats do.
        const thousandths = number(row[column] ?? "");
        const off = multiply(
          ratio(exact.n * thousandths.d - thousandths.n * exact.d, exact.d * thousandths.d),
          ratio(2000n),
        );
        expect(off.n >= -off.d && off.n <= off.d, `${column} ${row["state"]}: ${exact.n}/${exact.d}`).to.equal(true);
      }
    }
  });

  it("have the coefficients of the published models, country by country", function () {
    const rows = readCsv(join(fixture(this, "eq5d"), "VT_valuesets.csv"));
    const coefficients = new Map(rows.map((row) => [row[""] ?? "", row]));
    const left = ["Japan_DCE", "Peru_DCE", "Singapore", "Sweden_2020", "WePP"];
    const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== "" && !left.includes(column));
    expect(columns.map(countryOf).sort()).to.deep.equal(
      [...VALUE_SETS.values()].map(({ id }) => /\/(.*)@/.exec(id)?.[1] ?? "").sort(),
    );
    const of = (name: string, column: string): number =>
      Number(coefficients.get(name)?.[column]?.replace("NA", "0") ?? 0);
    for (const column of columns) {
      for (const state of ["11111", "21111", "13111", "11411", "11151", "11112", "23451", "55555", "44444"]) {
        const levels = [...state];
        let expected = of("StartValue", column) + (state === "11111" ? 0 : of("Intercept", column));
        ["MO", "SC", "UA", "PD", "AD"].forEach((dimension, k) => {
          expected += of(`${dimension}${levels[k]}`, column);
          if ((levels[k] ?? "") >= "4") expected += of(`${dimension}45`, column);
        });
        const bad = levels.filter((level) => level >= "4").length;
        if (bad > 0) expected += of("N4", column) + of("Num45sq", column) * (bad - 1) ** 2;
        if (state.includes("5")) expected += of("N5", column);
        const exact = indexOf(set(countryOf(column)), state);
        expect(Math.abs(Number(exact?.n) / Number(exact?.d) - expected), `${column} ${state}`).to.be.below(1e-12);
      }
    }
  });

  for (const state of ["1111", "111111", "11116", "01111", "1111 ", "1111x", "", "-1111", "１1111"]) {
    it(`give no index of ${JSON.stringify(state)}`, () => expect(indexOf(set("Germany"), state)).to.equal(null));
  }

  it("name a publication and an id of their own, each", () => {
    for (const [id, { doi, instrument }] of VALUE_SETS) {
      expect(id).to.match(/^EQ-5D-5L\/[A-Za-z]+@20\d\d$/);
      expect(doi).to.match(/^10\.\d{4,}\//);
      expect(instrument).to.equal("EQ-5D-5L");
    }
  });
});

describe("QALYs as the area under the curve", () => {
  it("agree with the reference numbers", function () {
    const path = join(fixture(this, "survival"), "other_endpoints.json");
    const { qaly } = JSON.parse(readFileSync(path, "utf8")) as {
      qaly: {
        name: string;
        t: number[];
        u: number[];
        T: number;
        death?: number;
        rule?: string;
        disc?: number;
        qaly: number | null;
      }[];
    };
    expect(qaly).to.have.length(9);
    for (const { name, t, u, T, death, rule, disc, qaly: expected } of qaly) {
      const found = qalys({
        points: t.map((time, k) => ({ t: number(time), u: number(u[k] ?? 0) })),
        horizon: number(T),
        death: death === undefined ? null : number(death),
        deathPath: rule === "locf_to_death" ? "last" : "linear",
        carry: number(0),
        discount: number(disc ?? 0),
      });
      if (expected === null) expect(found, name).to.equal(null);
      else expect(Math.abs(Number(found?.n) / Number(found?.d) - expected), name).to.be.below(1e-11);
    }
  });

  it("discount to the digits of an independent calculation", () => {
    // ∫₀¹⁰ 1.05^−t dt = (1 − 1.05^−10) / ln 1.05 = 7.91321285190…
    const flat = qalys({
      points: [
        { t: ratio(0n), u: ratio(1n) },
        { t: ratio(10n), u: ratio(1n) },
      ],
      horizon: ratio(10n),
      death: null,
      deathPath: "linear",
      carry: ratio(0n),
      discount: ratio(5n, 100n),
    });
    const expected = (1 - 1.05 ** -10) / Math.log(1.05);
    expect(Math.abs(Number(halfEven(flat ?? ratio(0n), 14)) / 1e14 - expected)).to.be.below(1e-12);
  });

  it("tend to the plain area as the discount vanishes, and fall as it grows", () => {
    const at = (discount: Rational): Rational =>
      qalys({
        points: [
          { t: ratio(0n), u: ratio(1n, 3n) },
          { t: ratio(1n, 7n), u: ratio(-1n, 5n) },
          { t: ratio(2n), u: ratio(9n, 10n) },
        ],
        horizon: ratio(2n),
        death: null,
        deathPath: "linear",
        carry: ratio(0n),
        discount,
      }) ?? ratio(0n);
    const plain = Number(halfEven(at(ratio(0n)), 12));
    expect(Math.abs(Number(halfEven(at(ratio(1n, 10n ** 12n)), 12)) - plain)).to.be.below(3);
    expect(halfEven(at(ratio(1n, 10n)), 12) < halfEven(at(ratio(1n, 100n)), 12)).to.equal(true);
  });
});

describe("QALYs of a course that does not begin at its start", () => {
  const course = { horizon: ratio(1n), deathPath: "linear", carry: ratio(0n), discount: ratio(0n) } as const;
  const late = [{ t: ratio(1n, 2n), u: ratio(1n) }];

  it("are none, alive or dead", () => {
    for (const points of [[], late, [...late, { t: ratio(1n), u: ratio(1n) }]])
      for (const death of [null, ratio(3n, 4n)]) expect(qalys({ ...course, points, death })).to.equal(null);
  });

  it("are those up to the horizon where the last point lies on it, with points after it or none", () => {
    const points = [0n, 1n].map((t) => ({ t: ratio(t), u: ratio(1n) }));
    expect(qalys({ ...course, points, death: null })).to.deep.equal(ratio(1n));
    const more = [...points, { t: ratio(2n), u: ratio(0n) }];
    expect(qalys({ ...course, points: more, death: null })).to.deep.equal(ratio(1n));
    const discounted = qalys({ ...course, points: more, death: null, discount: ratio(5n, 100n) }) ?? ratio(0n);
    expect(Math.abs(Number(halfEven(discounted, 9)) - ((1 - 1 / 1.05) / Math.log(1.05)) * 1e9)).to.be.below(1);
  });
});

describe("qaly-gain", () => {
  const GERMANY = { valueSet: "EQ-5D-5L/Germany@2018", due: 365, exact: true } as const;
  const found = (healthStates: ReturnType<typeof answered>[], ask: Ask = {}, facts = {}): string =>
    value("qaly-gain", patientWith({ healthStates }, facts), { ...GERMANY, ...ask });

  // Germany: 11112 is 0.970, 21111 is 0.974, 55555 is −0.661.
  it("is the area over the time to the due day less the baseline carried forward", () => {
    // From 0.970 to 1 over 365 days: (0.985 − 0.970) × 365 / 365.25 = 0.01499.
    expect(found([answered(0, "11112"), answered(365, "11111")])).to.equal("150");
    expect(found([answered(0, "11111"), answered(365, "11111")])).to.equal("0");
    // From 1 to −0.661 and back halfway: negative.
    expect(found([answered(0, "11111"), answered(365, "55555")])).to.equal("-8299");
  });

  it("takes a stated number of QALYs to compare with", () => {
    // 1 × 365 / 365.25 = 0.99932; less 0.6.
    expect(found([answered(0, "11111"), answered(365, "11111")], { comparator: "0.6" })).to.equal("3993");
    expect(found([answered(0, "11111"), answered(365, "11111")], { comparator: "-0.5" })).to.equal("14993");
  });

  it("takes the last answer before treatment as baseline, and needs one", () => {
    const end = answered(365, "11111");
    expect(found([answered(-28, "11112"), end])).to.equal("150");
    expect(found([answered(-20, "55555"), answered(-1, "11112"), end])).to.equal("150");
    expect(found([answered(-29, "11112"), end])).to.equal("no-baseline");
    expect(found([answered(1, "11112"), end])).to.equal("no-baseline");
    expect(found([answered(0, "1111"), end])).to.equal("unusable-result");
  });

  it("reads the due day by interpolation, or from an answer within the window before it", () => {
    const start = answered(0, "11112");
    // At 365 on the way from 0.970 on day 0 to 1 on day 375: 0.9992; the area is (0.0146 × 365.25⁻¹ × 365).
    expect(found([start, answered(375, "11111")])).to.equal("146");
    // 0.970 to 1 over 337 days, then 1 for 28 more: 0.015 × 337 / 365.25 + 0.03 × 28 / 365.25.
    expect(found([start, answered(337, "11111")])).to.equal("161");
    expect(found([start, answered(336, "11111")])).to.equal("no-result");
    expect(found([start, answered(336, "11111"), answered(394, "11111")])).to.equal("no-result");
  });

  it("is 0 from a death on, by the agreed path", () => {
    const states = [answered(0, "11111"), answered(100, "11111")];
    // 100 days at 1, then a line to 0 on day 200: 150 days; less 365.
    expect(found(states, {}, { death: 200 })).to.equal("-5886");
    expect(found(states, { deathPath: "last" }, { death: 200 })).to.equal("-4517");
    expect(found([answered(0, "11111")], {}, { death: 0 })).to.equal("-9993");
    expect(found([...states, answered(200, "11111")], {}, { death: 200 })).to.equal("-5886");
    expect(found(states, {}, { death: 366 })).to.equal("no-result");
    expect(found(states, {}, { death: 200, disputed: true })).to.equal("disputed-death");
    expect(found(states, {}, { death: [200, 201] })).to.equal("partial-date");
    expect(found(states, { exact: undefined, cuts: [0] } as never, { death: [200, 201] })).to.match(/^-58\d\d$/);
  });

  it("takes what was released later on one day, else the mean", () => {
    const end = answered(365, "11111");
    const twice = (first: number | null, second: number | null) => [
      answered(0, "11112", { issued: first }),
      answered(0, "55555", { issued: second }),
      end,
    ];
    expect(found(twice(2, 1))).to.equal("150");
    expect(found(twice(1, 2))).to.equal("8299");
    // (0.970 − 0.661) / 2 = 0.1545; half of the way to 1.
    expect(found(twice(1, null))).to.equal("4225");
    expect(found(twice(3, 3))).to.equal("4225");
  });

  it("uses neither another instrument nor an answer with a gap", () => {
    const start = answered(0, "11112");
    expect(found([start, answered(365, "11111", { instrument: "EQ-5D-3L" })])).to.equal("unusable-result");
    expect(found([start, answered(365, "111 1"), answered(360, "11111")])).to.equal("152");
  });

  it("rounds the signed value half to even", () => {
    expect([25n, 35n, -25n, -35n].map((n) => halfEven(ratio(n, 10n), 0))).to.deep.equal([2n, 4n, -2n, -4n]);
    expect([25n, -25n].map((n) => halfUp(ratio(n, 10n), 0))).to.deep.equal([3n, -2n]);
  });

  it("refuses a clause without a value set, and one that nobody published", () => {
    const problem = (options: object): string | null => endpointProblem(options);
    expect(problem({})).to.match(/^needs endpoint.valueSet/);
    expect(problem({ valueSet: "EQ-5D-5L/Atlantis@1999" })).to.match(/found EQ-5D-5L\/Atlantis@1999, expected one of/);
    expect(problem({ valueSet: GERMANY.valueSet, comparator: "usual care" })).to.match(/found usual care/);
    expect(problem({ valueSet: GERMANY.valueSet, comparator: "0.62" })).to.equal(null);
  });

  it("depends on nothing that is answered after the window", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -30, max: 393 }), fc.stringMatching(/^[1-5]{5}$/)), { maxLength: 6 }),
        fc.integer({ min: 394, max: 900 }),
        fc.stringMatching(/^[1-5]{5}$/),
        (all, late, state) => {
          const states = all.map(([day, one]) => answered(day, one));
          expect(found([...states, answered(late, state)])).to.equal(found(states));
        },
      ),
    );
  });

  it("names the answers it rests on by day, and of one day by id, whatever their order", () => {
    const of = (states: ReturnType<typeof answered>[], ask: Ask = {}, facts = {}): string =>
      told("qaly-gain", patientWith({ healthStates: states }, facts), { ...GERMANY, ...ask });
    const [start, end] = [answered(0, "11112", { id: "b" }), answered(365, "11111", { id: "a" })];
    expect(of([end, start])).to.equal("150 [b a]");
    expect(of([start, answered(0, "11112", { id: "a" }), end])).to.equal("150 [a b a]");
    expect(of([start], { due: 0, discount: "3%" })).to.equal("0 [b]");
    // 100 days at 1, then a line to 0 on the due day: 232.5 days, less 365.
    const alive = [answered(0, "11111", { id: "a" }), answered(100, "11111", { id: "b" })];
    expect(of(alive, {}, { death: 365 })).to.equal("-3628 [a b death]");
    expect(of([start, end], {}, { death: 365, disputed: true })).to.equal("disputed-death [death]");
    expect(of([start, end], {}, { death: 366, disputed: true })).to.equal("150 [b a death]");
    // Interpolated from the last day of the window: 0.03 × 365 / 393 / 2 × 365 / 365.25.
    expect(of([start, answered(393, "11111", { id: "c" })])).to.equal("139 [b c]");
  });

  it("asks intake for the answers, and says which value sets there are", () => {
    expect(qalyGain.needs?.(resolveOptions({}))).to.deep.equal({ healthStates: true });
    expect(endpointProblem({})).to.include("EQ-5D-5L/England@2018, EQ-5D-5L/Ethiopia@2020, ");
    expect(endpointProblem({ valueSet: GERMANY.valueSet })).to.equal(null);
    expect(endpointProblem({ valueSet: GERMANY.valueSet, comparator: "baseline" })).to.equal(null);
    expect(() => value("qaly-gain", patientWith({}), { due: 365 })).to.throw(RangeError);
  });

  it("names the answers it rests on", () => {
    const states = [answered(-3, "11112"), answered(100, "11111"), answered(365, "11111")];
    const result = outcome("qaly-gain", patientWith({ healthStates: states }), GERMANY);
    expect(result.evidence).to.deep.equal(states.map(({ id }) => id));
    expect(T0).to.equal(20_000);
  });
});

function endpointProblem(options: object): string | null {
  return qalyGain.problem?.(resolveOptions(options as never)) ?? null;
}
