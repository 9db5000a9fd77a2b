/** What is reported of a group: size, events, median, and the estimates at the times that were asked for. */

import { interval, type IntervalKind } from "./interval.ts";
import { atRiskAt, isEstimable, kaplanMeier, rowAt, type Curve } from "./kaplanMeier.ts";
import { quantile, type Quantile } from "./quantile.ts";
import type { Observations } from "./tabulate.ts";
import { mergeNearTimes } from "./timefix.ts";

/** The estimate at one time. Null where undefined; nothing but the counts when it is not estimable. */
export interface Estimate {
  readonly t: number;
  /** At the first observed time from `t` on. */
  readonly nRisk: number;
  /** Events after the next smaller time asked for, or from the start, up to and with `t` (R's summary.survfit). */
  readonly nEvent: number;
  readonly survival: number | null;
  /** Greenwood's standard error of S; null once S is 0. */
  readonly se: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** False beyond the last observation when that was censored. */
  readonly estimable: boolean;
}

export interface GroupEstimates {
  readonly n: number;
  readonly events: number;
  readonly median: Quantile;
  /** In the order asked for. */
  readonly at: readonly Estimate[];
}

/**
 * @param groups estimated apart from each other
 * @param times not negative
 * @throws EmptyObservation when near-equal entry and exit are one time
 */
export function estimateGroups(
  groups: readonly Observations[],
  times: readonly number[],
  kind: IntervalKind = "log-log",
): readonly GroupEstimates[] {
  return mergeNearTimes(groups).map((observations) => {
    const curve = kaplanMeier(observations);
    const { n, events } = curve;
    return { n, events, median: quantile(curve, 0.5, kind), at: estimatesAt(curve, times, kind) };
  });
}

/** Estimates at several times. */
export function estimatesAt(curve: Curve, times: readonly number[], kind: IntervalKind = "log-log"): Estimate[] {
  const { table, survival, variance } = curve;
  const eventsUpTo = eventCounter(table.events);
  const ascending = [...new Set(times)].sort((a, b) => a - b);
  return times.map((t) => {
    const row = rowAt(curve, t);
    const before = ascending[ascending.indexOf(t) - 1];
    const nEvent = eventsUpTo(row) - (before === undefined ? 0 : eventsUpTo(rowAt(curve, before)));
    const head = { t, nRisk: atRiskAt(curve, t), nEvent };
    if (!isEstimable(curve, t)) {
      return { ...head, survival: null, se: null, lower: null, upper: null, estimable: false };
    }
    // Before the first time nothing is uncertain: R has [1, 1] there.
    if (row < 0) return { ...head, survival: 1, se: 0, lower: 1, upper: 1, estimable: true };
    const s = survival[row] as number;
    const v = variance[row] as number;
    const se = Number.isFinite(v) ? s * Math.sqrt(v) : null;
    return { ...head, survival: s, se, ...interval(kind, s, v), estimable: true };
  });
}

/** Events up to and with a row of the table. */
function eventCounter(events: Float64Array): (row: number) => number {
  const sums = new Float64Array(events.length);
  let sum = 0;
  for (let i = 0; i < events.length; i++) sums[i] = sum += events[i] as number;
  return (row) => sums[row] ?? 0;
}
