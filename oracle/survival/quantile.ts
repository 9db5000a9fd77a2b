/**
 * Quantiles of a Kaplan–Meier curve by R's rule (survival's `quantile.survfit`): the smallest time with S(t) ≤ 1 − p; when
 * S is exactly that on an interval, the middle of the interval. The bounds come from the bounds of S in the same way.
 */

import { interval, type IntervalKind } from "./interval.ts";
import type { Curve } from "./kaplanMeier.ts";

export interface Quantile {
  /** Null when the curve does not come down that far. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** R's tolerance for "exactly". */
const TOLERANCE = 2 ** -26;

/** @param p share of rows whose time is to be found: 0.5 for the median */
export function quantile(curve: Curve, p: number, kind: IntervalKind = "log-log"): Quantile {
  const { table, survival, variance } = curve;
  const rows = table.time.length;
  const lower = new Float64Array(rows);
  const upper = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (i > 0 && table.events[i] === 0) {
      lower[i] = lower[i - 1] as number;
      upper[i] = upper[i - 1] as number;
      continue;
    }
    const bounds = interval(kind, survival[i] as number, variance[i] as number);
    lower[i] = bounds.lower ?? NaN;
    upper[i] = bounds.upper ?? NaN;
  }
  // A lower survival comes down sooner: it gives the lower bound of the time.
  return {
    estimate: crossing(table.time, survival, p),
    lower: crossing(table.time, lower, p),
    upper: crossing(table.time, upper, p),
  };
}

/** Where 1 − values, from 0 at time 0, reaches p. NaN where a bound is undefined. */
function crossing(time: Float64Array, values: Float64Array, p: number): number | null {
  // Bounds may turn back a little, so it is the least height that reaches p, not the first.
  let reached = -1;
  let passed = -1;
  let reachedHeight = Infinity;
  let passedHeight = Infinity;
  for (let i = 0; i < values.length; i++) {
    const height = 1 - (values[i] as number);
    if (height + TOLERANCE >= p && height < reachedHeight) {
      reachedHeight = height;
      reached = i;
    }
    if (height - TOLERANCE >= p && height < passedHeight) {
      passedHeight = height;
      passed = i;
    }
  }
  if (reached < 0) return null;
  const first = time[reached] as number;
  if (Math.abs(p - lastHeight(values)) < TOLERANCE) return (first + (time[time.length - 1] as number)) / 2;
  return passed < 0 ? null : (first + (time[passed] as number)) / 2;
}

/** The height at the end of the curve; NaN when the bound is undefined there for the first time. */
function lastHeight(values: Float64Array): number {
  const last = values[values.length - 1] ?? NaN;
  if (!Number.isNaN(last)) return 1 - last;
  // R drops repeated values before it looks at the last: an undefined end after an undefined beginning is a repetition.
  if (!Number.isNaN(values[0] ?? NaN)) return NaN;
  for (let i = values.length - 1; i >= 0; i--) if (!Number.isNaN(values[i])) return 1 - (values[i] as number);
  return NaN;
}
