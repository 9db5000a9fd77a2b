/** Chance that can be repeated: every stream follows from the seed and its names, and no stream disturbs another. */

import { createHash } from "node:crypto";

import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface Random {
  /** Whole number between the two, both included. */
  int(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  shuffled<T>(list: readonly T[]): T[];
  /** Whole days until an event, at least 1: Weibull, of which the exponential is the one with shape 1. */
  daysUntil(time: Weibull): number;
}

/** S(t) = exp(−(t / scale)^shape), in days. */
export interface Weibull {
  readonly shape: number;
  readonly scale: number;
}

/** Days that are never reached. */
const NEVER = 1_000_000;

export function randomOf(seed: number, ...names: readonly (string | number)[]): Random {
  const digest = createHash("sha256")
    .update([seed, ...names].join("/"))
    .digest();
  const generator = xoroshiro128plus(digest.readInt32LE(0));
  const int = (from: number, to: number): number => uniformInt(generator, from, to);
  return {
    int,
    chance: (probability) => uniformFloat64(generator) < probability,
    pick: (list) => list[int(0, list.length - 1)] ?? list[0],
    shuffled: (list) => {
      const result = [...list];
      for (let k = result.length - 1; k > 0; k--) {
        const other = int(0, k);
        const [a, b] = [result[k], result[other]];
        if (a !== undefined && b !== undefined) [result[k], result[other]] = [b, a];
      }
      return result;
    },
    daysUntil: ({ shape, scale }) => {
      const days = scale * (-Math.log1p(-uniformFloat64(generator))) ** (1 / shape);
      return Math.max(1, Math.min(NEVER, Math.round(days)));
    },
  };
}
