/**
 * S(t) as it is signed: the exact fraction, rounded once. A product of fixed-point factors would carry an error of up to
 * half a last digit for each event time; with 10¹⁸ that can't reach the fourth decimal of a percentage unless the true value
 * lies within 10⁻¹² of a tie, and ties are not rare in cohorts of hundreds (1/32 of them is 3.125%). The exact fraction has
 * no such case and costs little: an event time multiplies it by two integers no greater than the cohort.
 */

import { halfEven } from "../endpoints/exact.ts";
import type { LifeTable } from "./tabulate.ts";

/**
 * S(t) × 10^decimals, rounded half to even.
 * @param t in the table's unit; not beyond the last observation when that was censored
 */
export function exactSurvival({ time, atRisk, events }: LifeTable, t: number, decimals: number): bigint {
  let numerator = 1n;
  let denominator = 1n;
  for (let i = 0; i < time.length && (time[i] as number) <= t; i++) {
    const died = events[i] as number;
    if (died === 0) continue;
    const present = atRisk[i] as number;
    numerator *= BigInt(present - died);
    denominator *= BigInt(present);
    if (numerator === 0n) return 0n;
  }
  return halfEven({ n: numerator, d: denominator }, decimals);
}
