/**
 * The Kaplan–Meier estimate S(t) = Π (1 − d/n) over the event times up to t, with Greenwood's variance
 * S² Σ d / (n (n − d)) (Kaplan and Meier 1958; R's survfit).
 *
 * An event at the time of a censoring comes first: who is censored at t is at risk at t. Doubles, for display; what is
 * signed comes from `exactSurvival`.
 */

import { lastAtMost } from "./order.ts";
import { tabulate, type LifeTable, type Observations } from "./tabulate.ts";

export interface Curve {
  /** Rows. */
  readonly n: number;
  readonly events: number;
  readonly table: LifeTable;
  /** S at each time of the table: events at the time are counted. */
  readonly survival: Float64Array;
  /** Σ d / (n (n − d)) at each time of the table: the variance of log S. Infinite once S is 0. */
  readonly variance: Float64Array;
}

export function kaplanMeier(observations: Observations): Curve {
  const table = tabulate(observations);
  const rows = table.time.length;
  const survival = new Float64Array(rows);
  const variance = new Float64Array(rows);
  let alive = 1;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const died = table.events[i] as number;
    if (died > 0) {
      const present = table.atRisk[i] as number;
      alive *= (present - died) / present;
      sum += died / (present * (present - died));
    }
    survival[i] = alive;
    variance[i] = sum;
  }
  return { n: observations.exits.length, events: observations.events.length, table, survival, variance };
}

/** Position of the last time of the table that is not after t; −1 before the first. */
export function rowAt({ table }: Curve, t: number): number {
  return lastAtMost(table.time, t);
}

/** Whether S(t) can be told: not beyond the last observation when somebody was censored then. */
export function isEstimable({ table }: Curve, t: number): boolean {
  const last = table.time.length - 1;
  return last >= 0 && (t <= (table.time[last] as number) || table.censored[last] === 0);
}

/** The number at risk at the first observed time that is not before t; 0 after the last (R's summary.survfit). */
export function atRiskAt({ table }: Curve, t: number): number {
  const row = lastAtMost(table.time, t);
  return table.atRisk[row >= 0 && table.time[row] === t ? row : row + 1] ?? 0;
}
