/**
 * The payoff engine in TypeScript: the twin of `contracts/libraries/Payoff.sol`. Every payment model is the same
 * piecewise-affine function; nothing here knows a model by name.
 */

import { SLOPE_SCALE, WHOLE, type Member, type Payoff, type Tier } from "./model.ts";

/** Patients of one tier: how many, and the sum of their values. Flat tiers carry a sum of zero. */
export interface Tally {
  readonly patients: number;
  readonly sum: bigint;
}

const max = (...values: bigint[]): bigint => values.reduce((a, b) => (a > b ? a : b));

/** Position of the tier that holds `value`. */
export function tierOf(tiers: readonly Tier[], value: bigint): number {
  let k = tiers.length - 1;
  while (k > 0 && value < (tiers[k]?.start ?? value)) k--;
  return k;
}

/** n·a + b·(Σx − n·s), in 10⁻⁹ minor units, exact. */
function scaled(tier: Tier, patients: bigint, sum: bigint): bigint {
  const slope = tier.slope === 0n ? 0n : tier.slope * (sum - patients * (tier.start ?? 0n));
  return patients * tier.pays * SLOPE_SCALE + slope;
}

/** Total of a milestone report in minor units: exact, rounded once, toward zero, which favours whoever pays. */
export function milestoneTotal(payoff: Payoff, tallies: readonly Tally[], notEvaluable: number): bigint {
  const exact = payoff.tiers.reduce(
    (total, tier, k) => {
      const { patients, sum } = tallies[k] ?? { patients: 0, sum: 0n };
      return total + scaled(tier, BigInt(patients), sum);
    },
    BigInt(notEvaluable) * payoff.notEvaluable * SLOPE_SCALE,
  );
  return exact / SLOPE_SCALE;
}

/** Total of a wager in minor units: f(value) × weight, the weight being the patients enrolled, or 1 for basis `total`. */
export function wagerTotal(payoff: Payoff, value: bigint | null, weight: bigint): bigint {
  if (value === null) return payoff.notEvaluable * weight;
  const tier = payoff.tiers[tierOf(payoff.tiers, value)];
  if (tier === undefined) throw new RangeError("a payoff has at least one tier");
  return (scaled(tier, 1n, value) * weight) / SLOPE_SCALE;
}

/** What each side must lock for one patient (one clause, on basis `total`): the worst case, rounded away from zero. */
export function locks(payoff: Payoff): { from: bigint; to: bigint } {
  let highest = max(0n, payoff.notEvaluable);
  let lowest = max(0n, -payoff.notEvaluable);
  payoff.tiers.forEach((tier, k) => {
    const end = payoff.tiers[k + 1]?.start;
    const ends = [tier.pays * SLOPE_SCALE];
    if (tier.slope !== 0n && end !== undefined && end !== null) ends.push(scaled(tier, 1n, end));
    for (const amount of ends) {
      highest = max(highest, divideUp(amount, SLOPE_SCALE));
      lowest = max(lowest, divideUp(-amount, SLOPE_SCALE));
    }
  });
  return { from: highest, to: lowest };
}

/** A group's total over its members in listed order, by cumulative rounding: the parts add up to the total exactly. */
export function split(total: bigint, members: readonly Member[]): bigint[] {
  const shares = weights(members);
  const whole = shares.reduce((a, b) => a + b, 0n);
  const size = total < 0n ? -total : total;
  let running = 0n;
  let given = 0n;
  return shares.map((share) => {
    running += share;
    const upTo = (size * running) / whole;
    const part = upTo - given;
    given = upTo;
    return total < 0n ? -part : part;
  });
}

/** Each member's part of one lock, rounded up. */
export function splitLock(lock: bigint, members: readonly Member[]): bigint[] {
  const shares = weights(members);
  const whole = shares.reduce((a, b) => a + b, 0n);
  return shares.map((share) => divideUp(lock * share, whole));
}

/** A single member carries everything, whatever its share of the group. */
function weights(members: readonly Member[]): bigint[] {
  return members.length === 1 ? [WHOLE] : members.map(({ share }) => share);
}

/** ⌈a / b⌉ for positive b. */
function divideUp(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a > 0n && quotient * b !== a ? quotient + 1n : quotient;
}
