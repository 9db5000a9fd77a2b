/**
 * How likely each tier of a rate is when the true rate is known and the patients are few: for reading, never for paying,
 * so doubles are good enough.
 */

import { tierOf } from "../payoff.ts";
import type { Metric, Payoff } from "../model.ts";

export interface Chance {
  /** True rate in percent. */
  readonly rate: number;
  /** Probability of each tier, in the order of the tiers. */
  readonly tiers: readonly number[];
}

/** Points off a threshold that are worth showing. */
const OFF = [-5, -2, 0, 2, 5];

/** Above this many patients the normal distribution stands in for the binomial: they no longer differ in print. */
const MANY = 20_000;

/** The chance of each tier at true rates a few points around every threshold, for `patients` independent patients. */
export function chances(metric: Metric, payoff: Payoff, patients: number): Chance[] {
  const unit = 10 ** metric.decimals;
  const thresholds = payoff.tiers.map(({ start }) => (start === null ? null : Number(start) / unit));
  const rates = new Set<number>();
  for (const threshold of thresholds) {
    if (threshold === null || threshold <= 0 || threshold > 100) continue;
    for (const off of OFF) {
      const rate = Math.round((threshold + off) * 100) / 100;
      if (rate > 0 && rate < 100) rates.add(rate);
    }
  }
  return [...rates]
    .sort((a, b) => a - b)
    .map((rate) => ({ rate, tiers: tierChances(metric, payoff, patients, rate / 100) }));
}

function tierChances(metric: Metric, payoff: Payoff, patients: number, rate: number): number[] {
  const chances = payoff.tiers.map(() => 0);
  if (patients > MANY) {
    const spread = Math.sqrt((rate * (1 - rate)) / patients);
    const below = (start: bigint | null | undefined, missing: number): number =>
      start === null || start === undefined
        ? missing
        : normal((Number(start) / 10 ** metric.decimals / 100 - rate) / spread);
    return payoff.tiers.map(({ start }, k) => below(payoff.tiers[k + 1]?.start, 1) - below(start, 0));
  }
  const whole = 100n * 10n ** BigInt(metric.decimals);
  const n = BigInt(patients);
  let logChoose = 0;
  for (let k = 0; k <= patients; k++) {
    if (k > 0) logChoose += Math.log((patients - k + 1) / k);
    const chance = Math.exp(logChoose + k * Math.log(rate) + (patients - k) * Math.log1p(-rate));
    const tier = tierOf(payoff.tiers, (2n * BigInt(k) * whole + n) / (2n * n));
    chances[tier] = (chances[tier] ?? 0) + chance;
  }
  return chances;
}

/** Standard normal distribution (Abramowitz and Stegun 7.1.26, error below 1.5e-7). */
function normal(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (poly * Math.exp(-x * x)) / 2;
  return z < 0 ? tail : 1 - tail;
}
