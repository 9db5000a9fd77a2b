/** Payoffs, locks and shares as the term sheet's grammar words them, in fractions. */

import type { Agreement, Clause, PartyRef, Payoff, Tier } from "../../terms/model.ts";
import type { Outcome } from "../../runner/step.ts";
import { ceiling, floor, minus, plus, times, towardZero, whole, type Fraction } from "./fraction.ts";

const slopeOf = (tier: Tier): Fraction => ({ top: tier.slope, bottom: 1_000_000_000n });

/** a + b·(x − s) on one tier, whether or not x lies in it. */
function onTier(tier: Tier, value: bigint): Fraction {
  if (tier.slope === 0n) return whole(tier.pays);
  if (tier.start === null) throw new RangeError("a slope without a start");
  return plus(whole(tier.pays), times(slopeOf(tier), whole(value - tier.start)));
}

/** f(value). */
function payoffAt({ tiers }: Payoff, value: bigint): Fraction {
  const reached = tiers.filter(({ start }) => start === null || start <= value);
  const tier = reached[reached.length - 1];
  if (tier === undefined) throw new RangeError("a payoff without a first tier");
  return onTier(tier, value);
}

/** What a milestone report pays: patient by patient, added up exactly, rounded once. */
export function milestonePays(payoff: Payoff, outcomes: readonly Outcome[], notEvaluable: number): bigint {
  let sum = whole(0n);
  for (const { value, patients } of outcomes) {
    for (let i = 0; i < patients; i++) sum = plus(sum, payoffAt(payoff, value));
  }
  for (let i = 0; i < notEvaluable; i++) sum = plus(sum, whole(payoff.notEvaluable));
  return towardZero(sum);
}

/** What a wager pays: `value` null when not evaluable, `weight` patients on basis patient, 1 on basis total. */
export function wagerPays(payoff: Payoff, value: bigint | null, weight: number): bigint {
  const one = value === null ? whole(payoff.notEvaluable) : payoffAt(payoff, value);
  return towardZero(times(one, whole(BigInt(weight))));
}

/** A member's part of a payment to (or, negative, from) a party: ⌊T·W_i/W⌋ − ⌊T·W_{i−1}/W⌋ of the amount's size. */
export function partOf(agreement: Agreement, party: PartyRef, member: number, total: bigint): bigint {
  if (member < party.first || member >= party.first + party.count) return 0n;
  const shares = sharesOf(agreement, party);
  const sum = (list: readonly bigint[]): bigint => list.reduce((a, b) => a + b, 0n);
  const upTo = (count: number): bigint => {
    const size = total < 0n ? -total : total;
    return floor({ top: size * sum(shares.slice(0, count)), bottom: sum(shares) });
  };
  const position = member - party.first;
  const part = upTo(position + 1) - upTo(position);
  return total < 0n ? -part : part;
}

/** What one lock of a clause in a cohort holds of a member. */
export function lockOf(agreement: Agreement, clause: Clause, payoff: Payoff, member: number): bigint {
  const worst = worstCases(payoff);
  return lockPart(agreement, clause.from, member, worst.from) + lockPart(agreement, clause.to, member, worst.to);
}

function lockPart(agreement: Agreement, party: PartyRef, member: number, lock: bigint): bigint {
  if (member < party.first || member >= party.first + party.count) return 0n;
  const shares = sharesOf(agreement, party);
  const share = shares[member - party.first] ?? 0n;
  return ceiling({ top: lock * share, bottom: shares.reduce((a, b) => a + b, 0n) });
}

/** `from`: max(0, sup f, not evaluable). `to`: max(0, −inf f, −not evaluable). A slope counts up to its upper end. */
function worstCases(payoff: Payoff): { from: bigint; to: bigint } {
  const amounts = [whole(0n), whole(payoff.notEvaluable)];
  payoff.tiers.forEach((tier, k) => {
    amounts.push(whole(tier.pays));
    const next = payoff.tiers[k + 1]?.start;
    if (next !== undefined && next !== null) amounts.push(onTier(tier, next));
  });
  const most = (list: readonly Fraction[]): bigint => list.map(ceiling).reduce((a, b) => (a > b ? a : b));
  return { from: most(amounts), to: most(amounts.map(minus)) };
}

/** A party that is one member of a group carries everything. */
function sharesOf({ members }: Agreement, { first, count }: PartyRef): bigint[] {
  return count === 1 ? [1n] : members.slice(first, first + count).map(({ share }) => share);
}
