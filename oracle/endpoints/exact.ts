/** Exact fractions: everything that is signed is worked out with them and rounded once, at the end. */

import type { Decimal } from "../../terms/decimal.ts";

/** n / d with d > 0, in lowest terms. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Rational = { n: 0n, d: 1n };

const abs = (n: bigint): bigint => (n < 0n ? -n : n);

/** @throws RangeError when `d` is 0 */
export function ratio(n: bigint, d = 1n): Rational {
  if (d === 0n) throw new RangeError("a fraction over 0");
  let [a, b] = [abs(n), abs(d)];
  while (b !== 0n) [a, b] = [b, a % b];
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / a, d: abs(d) / a };
}

export const fromDecimal = ({ digits, scale }: Decimal): Rational => ratio(digits, 10n ** BigInt(scale));
export const add = (a: Rational, b: Rational): Rational => ratio(a.n * b.d + b.n * a.d, a.d * b.d);
export const subtract = (a: Rational, b: Rational): Rational => ratio(a.n * b.d - b.n * a.d, a.d * b.d);
export const multiply = (a: Rational, b: Rational): Rational => ratio(a.n * b.n, a.d * b.d);
export const divide = (a: Rational, b: Rational): Rational => ratio(a.n * b.d, a.d * b.n);
export const sum = (all: readonly Rational[]): Rational => all.reduce(add, ZERO);

/** Negative when a < b, 0 when equal. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** ⌊r × 10^decimals⌋. */
export function floorTo({ n, d }: Rational, decimals: number): bigint {
  const scaled = n * 10n ** BigInt(decimals);
  const quotient = scaled / d;
  return scaled < 0n && quotient * d !== scaled ? quotient - 1n : quotient;
}

/** r × 10^decimals as an integer, rounded in one of the two ways below. */
export type Round = (r: Rational, decimals: number) => bigint;

/** To the nearest, and from the middle to the even one: how a signed value is rounded unless its rule says otherwise. */
export const halfEven: Round = (r, decimals) => {
  const floor = floorTo(r, decimals);
  const twice = 2n * (r.n * 10n ** BigInt(decimals) - floor * r.d);
  if (twice === r.d) return floor % 2n === 0n ? floor : floor + 1n;
  return twice > r.d ? floor + 1n : floor;
};

/** To the nearest, and from the middle up: how laboratories round a converted result. */
export const halfUp: Round = (r, decimals) => floorTo(add(r, ratio(1n, 2n * 10n ** BigInt(decimals))), decimals);
