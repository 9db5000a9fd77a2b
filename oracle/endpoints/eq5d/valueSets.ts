/** The value sets by id, and the index that one gives to a health state. */

import { parseDecimal } from "../../../terms/decimal.ts";
import { add, fromDecimal, multiply, ratio, subtract, type Rational } from "../exact.ts";
import { VALUE_SET_TABLE } from "./table.ts";

interface Term {
  readonly kind: "any" | "squared";
  readonly level: number;
  readonly less: Rational;
}

export interface ValueSet {
  /** `instrument/country@year`. */
  readonly id: string;
  readonly instrument: "EQ-5D-5L" | "EQ-5D-3L";
  /** Where it was published. */
  readonly doi: string;
  /** Index of the best state. */
  readonly full: Rational;
  /** By dimension, what levels 2, 3 … take away. */
  readonly less: readonly (readonly Rational[])[];
  readonly terms: readonly Term[];
}

function number(text: string): Rational {
  const decimal = parseDecimal(text);
  if (decimal === null) throw new RangeError(`no decimal in the table of value sets: ${text}`);
  return fromDecimal(decimal);
}

function readLine(line: string): ValueSet {
  const [id = "", doi = "", full = "", less = "", terms = ""] = line.split(" | ");
  return {
    id,
    instrument: id.startsWith("EQ-5D-3L/") ? "EQ-5D-3L" : "EQ-5D-5L",
    doi,
    full: number(full),
    less: less.split(" / ").map((dimension) => dimension.split(" ").map(number)),
    terms: (terms === "" ? [] : terms.split(", ")).map((term) => {
      const [kind = "", level = "", amount = ""] = term.split(" ");
      if (kind !== "any" && kind !== "squared") throw new RangeError(`no term of a value set: ${term}`);
      return { kind, level: Number(level), less: number(amount) };
    }),
  };
}

/** By id, such as `EQ-5D-5L/England@2018`. */
export const VALUE_SETS: ReadonlyMap<string, ValueSet> = new Map(
  VALUE_SET_TABLE.trim()
    .split("\n")
    .map((line) => {
      const set = readLine(line);
      return [set.id, set];
    }),
);

/**
 * The index of a state such as `21232`, exact and not rounded; null when a dimension is missing or no level of the
 * instrument: an answer is never imputed.
 */
export function indexOf({ full, less, terms }: ValueSet, state: string): Rational | null {
  if (state.length !== less.length) return null;
  let index = full;
  const levels: number[] = [];
  for (const [k, dimension] of less.entries()) {
    const level = /[1-9]/.test(state[k] ?? "") ? Number(state[k]) : 0;
    if (level < 1 || level > dimension.length + 1) return null;
    levels.push(level);
    // Level 1 takes nothing away.
    index = subtract(index, dimension[level - 2] ?? ratio(0n));
  }
  for (const term of terms) {
    const bad = levels.filter((level) => level >= term.level).length;
    if (bad === 0) continue;
    const times = term.kind === "any" ? 1n : BigInt(bad - 1) ** 2n;
    index = add(index, multiply(ratio(-times), term.less));
  }
  return index;
}
