/**
 * Discounting by (1 + r)^−t, continuously in time, in fixed point: the same digits on every machine, where a float's exponential
 * would not be. Sixty digits are kept of what four are signed.
 */

import { divide, ratio, subtract, type Rational } from "./exact.ts";

const SCALE = 10n ** 80n;
const KEPT = 10n ** 20n;
const HALVINGS = 12n;

const fixed = ({ n, d }: Rational): bigint => (n * SCALE) / d;

/** ln(1 + r) for 0 < r ≤ 1, by the series of 2·artanh(r / (2 + r)). */
function logOnePlus(rate: Rational): bigint {
  const z = fixed(ratio(rate.n, 2n * rate.d + rate.n));
  const square = (z * z) / SCALE;
  let power = z;
  let total = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    total += power / k;
    power = (power * square) / SCALE;
  }
  return 2n * total;
}

/** e^−x for x ≥ 0, by its series on x / 2^12, squared 12 times. */
function expMinus(x: bigint): bigint {
  const small = x >> HALVINGS;
  let term = SCALE;
  let total = 0n;
  for (let k = 1n; term !== 0n; k++) {
    total += term;
    term = -(term * small) / (SCALE * k);
  }
  for (let k = 0n; k < HALVINGS; k++) total = (total * total) / SCALE;
  return total;
}

/** A line from (a, ua) to (b, ub), times in years, a < b. */
export interface Piece {
  readonly a: Rational;
  readonly b: Rational;
  readonly ua: Rational;
  readonly ub: Rational;
}

/**
 * ∫ u(t)·(1 + r)^−t dt over straight pieces, for a rate 0 < r ≤ 1 a year. With δ = ln(1 + r) and a piece of slope s it is
 * [u(a)·e^−δa − u(b)·e^−δb] / δ + s·[e^−δa − e^−δb] / δ².
 */
export function discountedArea(pieces: readonly Piece[], rate: Rational): Rational {
  const delta = logOnePlus(rate);
  let total = 0n;
  for (const { a, b, ua, ub } of pieces) {
    const atA = expMinus((delta * a.n) / a.d);
    const atB = expMinus((delta * b.n) / b.d);
    const slope = fixed(divide(subtract(ub, ua), subtract(b, a)));
    const ends = (fixed(ua) * atA - fixed(ub) * atB) / SCALE;
    total += (ends * SCALE) / delta + (((slope * (atA - atB)) / delta) * SCALE) / delta;
  }
  return ratio(total / KEPT, SCALE / KEPT);
}
