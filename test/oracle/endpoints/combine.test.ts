import { expect } from "chai";
import fc from "fast-check";

import { combine, type Combination, type Part } from "../../../oracle/endpoints/combine.ts";

/** 0, 1, or not evaluable for a reason of its own. */
const condition = (k: number): fc.Arbitrary<Part> =>
  fc.constantFrom<Part>({ value: 0n }, { value: 1n }, { notEvaluable: `r${k}` });

const conditions = (least = 1): fc.Arbitrary<Part[]> =>
  fc.integer({ min: least, max: 6 }).chain((n) => fc.tuple(...Array.from({ length: n }, (_, k) => condition(k))));

const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((n): Part => ({ value: BigInt(n) })),
  fc.constant<Part>({ notEvaluable: "value" }),
);

/** Every way in which the parts that are not evaluable could turn out. */
function worlds(parts: readonly Part[], possible: (at: number) => readonly bigint[]): bigint[][] {
  return parts.reduce<bigint[][]>(
    (all, part, at) =>
      all.flatMap((one) => ("value" in part ? [part.value] : possible(at)).map((value) => [...one, value])),
    [[]],
  );
}

/** What the source means where every part is known. */
function meaning(source: Combination, values: readonly bigint[]): bigint {
  const [first = 0n, ...others] = values;
  const met = (all: readonly bigint[]): number => all.filter((value) => value === 1n).length;
  switch (source.type) {
    case "all":
      return met(values) === values.length ? 1n : 0n;
    case "any":
      return met(values) > 0 ? 1n : 0n;
    case "atLeast":
      return met(values) >= source.count ? 1n : 0n;
    case "unless":
      return met(others) > 0 ? 0n : first;
    case "when":
      return others[0] === 1n ? first : 0n;
    case "difference":
      return first - (others[0] ?? 0n);
  }
}

/** The value in all worlds, or null when they differ. */
function sure(source: Combination, parts: readonly Part[], possible: (at: number) => readonly bigint[]): bigint | null {
  const found = new Set(worlds(parts, possible).map((values) => meaning(source, values)));
  const [only, another] = found;
  return another === undefined ? (only ?? null) : null;
}

const YES_NO = [0n, 1n];
const NUMBERS = [-3n, -2n, -1n, 0n, 1n, 2n, 3n, 4n];

function agrees(source: Combination, parts: readonly Part[], possible: (at: number) => readonly bigint[]): void {
  const whole = combine(source, parts);
  const expected = sure(source, parts, possible);
  if (expected === null) {
    expect(whole).to.have.property("notEvaluable");
    // The reason is that of a part which is not evaluable, and which the whole depends on.
    expect(
      parts.some(
        (part) => "notEvaluable" in part && "notEvaluable" in whole && part.notEvaluable === whole.notEvaluable,
      ),
    ).to.equal(true);
  } else expect(whole).to.include({ value: expected });
}

const names = (parts: readonly Part[]): string[] => parts.map((_, k) => `m${k}`);

describe("combinations of metrics", () => {
  it("have a value exactly when it is the same however the unknown parts turn out (all, any)", () => {
    fc.assert(
      fc.property(conditions(), (parts) => {
        agrees({ type: "all", of: names(parts) }, parts, () => YES_NO);
        agrees({ type: "any", of: names(parts) }, parts, () => YES_NO);
      }),
    );
  });

  it("have a value exactly when it is the same however the unknown parts turn out (k of n)", () => {
    fc.assert(
      fc.property(conditions(), fc.nat(6), (parts, k) => {
        agrees({ type: "atLeast", count: 1 + (k % parts.length), of: names(parts) }, parts, () => YES_NO);
      }),
    );
  });

  it("have a value exactly when it is the same however the unknown parts turn out (unless, when, difference)", () => {
    const possible = (at: number): readonly bigint[] => (at === 0 ? NUMBERS : YES_NO);
    fc.assert(
      fc.property(number, conditions(), (value, stops) => {
        agrees({ type: "unless", metric: "m", stops: names(stops) }, [value, ...stops], possible);
        agrees({ type: "when", value: "m", condition: "c" }, [value, ...stops.slice(0, 1)], possible);
      }),
    );
    fc.assert(
      fc.property(number, number, (minuend, subtrahend) =>
        agrees({ type: "difference", minuend: "a", subtrahend: "b" }, [minuend, subtrahend], () => NUMBERS),
      ),
    );
  });

  it("follow the laws of De Morgan", () => {
    const not = (part: Part): Part => ("value" in part ? { value: 1n - part.value } : part);
    fc.assert(
      fc.property(conditions(), (parts) => {
        const all = combine({ type: "all", of: names(parts) }, parts.map(not));
        const any = combine({ type: "any", of: names(parts) }, parts);
        const { by: _, ...negated } = { by: any.by, ...not(any) };
        const { by: __, ...whole } = all;
        expect(whole).to.deep.equal(negated);
      }),
    );
  });

  it("do not depend on the order of what they list, but for which reason is named", () => {
    fc.assert(
      fc.property(conditions(2), fc.nat(), (parts, turn) => {
        const k = turn % parts.length;
        const turned = [...parts.slice(k), ...parts.slice(0, k)];
        const value = (all: Part[]): string | bigint => {
          const whole = combine({ type: "atLeast", count: 2, of: names(all) }, all);
          return "value" in whole ? whole.value : "not evaluable";
        };
        expect(value(turned)).to.equal(value(parts));
      }),
    );
  });

  it("take no value but 0 and 1 for a condition", () => {
    const odd: Part = { value: 2n };
    expect(combine({ type: "all", of: ["a", "b"] }, [odd, { value: 1n }])).to.include({ notEvaluable: "not-0-or-1" });
    expect(combine({ type: "all", of: ["a", "b"] }, [odd, { value: 0n }])).to.include({ value: 0n });
    expect(combine({ type: "when", value: "a", condition: "b" }, [{ value: 7n }, odd])).to.include({
      notEvaluable: "not-0-or-1",
    });
  });

  it("say which parts decided", () => {
    const [yes, no, unknown]: Part[] = [{ value: 1n }, { value: 0n }, { notEvaluable: "r" }];
    const by = (source: Combination, parts: (Part | undefined)[]) =>
      combine(
        source,
        parts.filter((part) => part !== undefined),
      ).by;
    expect(by({ type: "all", of: ["a", "b", "c"] }, [yes, no, unknown])).to.deep.equal([1]);
    expect(by({ type: "any", of: ["a", "b", "c"] }, [yes, no, unknown])).to.deep.equal([0]);
    expect(by({ type: "all", of: ["a", "b", "c"] }, [yes, unknown, unknown])).to.deep.equal([1, 2]);
    expect(by({ type: "unless", metric: "a", stops: ["b"] }, [{ value: 5n }, yes])).to.deep.equal([1]);
    expect(by({ type: "unless", metric: "a", stops: ["b"] }, [{ value: 5n }, no])).to.deep.equal([0, 1]);
    expect(by({ type: "when", value: "a", condition: "b" }, [no, unknown])).to.deep.equal([0]);
  });
});
