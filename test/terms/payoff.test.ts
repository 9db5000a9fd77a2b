import { expect } from "chai";
import fc from "fast-check";

import { SLOPE_SCALE, WHOLE, type Member, type Payoff, type Tier } from "../../terms/model.ts";
import { locks, milestoneTotal, split, splitLock, tierOf, wagerTotal, type Tally } from "../../terms/payoff.ts";

const amounts = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });

/** Payoffs as the grammar allows them: ascending starts, no slope in the first and the last tier. */
const payoffs: fc.Arbitrary<Payoff> = fc
  .record({
    starts: fc.uniqueArray(fc.bigInt({ min: -10_000n, max: 10_000n }), { maxLength: 5 }),
    pays: fc.array(amounts, { minLength: 6, maxLength: 6 }),
    slopes: fc.array(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), { minLength: 6, maxLength: 6 }),
    notEvaluable: amounts,
  })
  .map(({ starts, pays, slopes, notEvaluable }) => {
    const sorted = [null, ...starts.sort((a, b) => (a < b ? -1 : 1))];
    const tiers = sorted.map((start, k): Tier => {
      const inner = k > 0 && k < sorted.length - 1;
      return { start, pays: pays[k] ?? 0n, slope: inner ? (slopes[k] ?? 0n) : 0n };
    });
    return { tiers, notEvaluable };
  });

const values = fc.bigInt({ min: -20_000n, max: 20_000n });

const groups: fc.Arbitrary<Member[]> = fc
  .array(fc.bigInt({ min: 1n, max: WHOLE }), { minLength: 1, maxLength: 8 })
  .map((weights) => {
    const sum = weights.reduce((a, b) => a + b, 0n);
    const shares = weights.map((weight) => (weight * WHOLE) / sum || 1n);
    const rest = WHOLE - shares.slice(1).reduce((a, b) => a + b, 0n);
    return [rest, ...shares.slice(1)].map((share, k) => ({
      group: "payer",
      name: `m${k}`,
      share,
      address: null,
      payout: "on-request",
    }));
  });

/** Tallies of patients with these values. */
function tally(payoff: Payoff, patients: readonly bigint[]): Tally[] {
  const tallies = payoff.tiers.map(() => ({ patients: 0, sum: 0n }));
  for (const value of patients) {
    const one = tallies[tierOf(payoff.tiers, value)];
    if (one === undefined) throw new Error("no tier");
    one.patients += 1;
    one.sum += value;
  }
  return tallies;
}

describe("terms/payoff", () => {
  it("locks what any value can cost, either way", () => {
    fc.assert(
      fc.property(payoffs, values, (payoff, value) => {
        const { from, to } = locks(payoff);
        const paid = wagerTotal(payoff, value, 1n);
        const missing = wagerTotal(payoff, null, 1n);
        return paid <= from && paid >= -to && missing <= from && missing >= -to;
      }),
    );
  });

  it("locks no more than some value, or the end of a tier, costs", () => {
    fc.assert(
      fc.property(payoffs, (payoff) => {
        const ends = payoff.tiers.flatMap((tier, k) => {
          const next = payoff.tiers[k + 1]?.start;
          const rise = next == null || tier.start === null ? 0n : tier.slope * (next - tier.start);
          return [tier.pays * SLOPE_SCALE, tier.pays * SLOPE_SCALE + rise];
        });
        const all = [...ends, payoff.notEvaluable * SLOPE_SCALE];
        const most = all.reduce((a, b) => (a > b ? a : b), 0n);
        return locks(payoff).from * SLOPE_SCALE < most + SLOPE_SCALE;
      }),
    );
  });

  it("never makes k patients cost more than k locks", () => {
    fc.assert(
      fc.property(payoffs, fc.array(values, { maxLength: 30 }), fc.nat(20), (payoff, patients, missing) => {
        const total = milestoneTotal(payoff, tally(payoff, patients), missing);
        const k = BigInt(patients.length + missing);
        const { from, to } = locks(payoff);
        return total <= k * from && total >= -k * to;
      }),
    );
  });

  it("pays a report what its patients are worth one by one, but for the rounding of their sum", () => {
    fc.assert(
      fc.property(payoffs, fc.array(values, { maxLength: 20 }), (payoff, patients) => {
        const together = milestoneTotal(payoff, tally(payoff, patients), 0);
        const apart = patients.reduce((sum, value) => sum + wagerTotal(payoff, value, 1n), 0n);
        const difference = together - apart;
        return (difference < 0n ? -difference : difference) <= BigInt(patients.length);
      }),
    );
  });

  it("splits a total into parts that add up to it, each between zero and it", () => {
    fc.assert(
      fc.property(amounts, groups, (total, members) => {
        const parts = split(total, members);
        const sum = parts.reduce((a, b) => a + b, 0n);
        return (
          sum === total &&
          parts.every((part) => (total < 0n ? part <= 0n && part >= total : part >= 0n && part <= total))
        );
      }),
    );
  });

  it("releases for every member at least what a settlement can cost it", () => {
    fc.assert(
      fc.property(payoffs, fc.array(values, { minLength: 1, maxLength: 20 }), groups, (payoff, patients, members) => {
        const total = milestoneTotal(payoff, tally(payoff, patients), 0);
        const { from, to } = locks(payoff);
        const k = BigInt(patients.length);
        const costs = split(total, members);
        const [given, taken] = [splitLock(from, members), splitLock(to, members)];
        return members.every(
          (_, m) => (costs[m] ?? 0n) <= k * (given[m] ?? 0n) && -(costs[m] ?? 0n) <= k * (taken[m] ?? 0n),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("rounds toward zero, once", () => {
    const third: Payoff = {
      tiers: [
        { start: null, pays: 0n, slope: 0n },
        { start: 0n, pays: 0n, slope: -333_333_333n },
        { start: 100n, pays: 0n, slope: 0n },
      ],
      notEvaluable: 0n,
    };
    expect(wagerTotal(third, 2n, 1n)).to.equal(0n);
    expect(wagerTotal(third, 2n, 10n)).to.equal(-6n);
    expect(
      milestoneTotal(
        third,
        [
          { patients: 0, sum: 0n },
          { patients: 10, sum: 20n },
        ],
        0,
      ),
    ).to.equal(-6n);
    expect(locks(third)).to.deep.equal({ from: 0n, to: 34n });
  });

  it("rounds patients with a value and patients without one together", () => {
    const payoff: Payoff = {
      tiers: [
        { start: null, pays: 0n, slope: 0n },
        { start: 0n, pays: 0n, slope: -500_000_000n },
        { start: 10n, pays: 0n, slope: 0n },
      ],
      notEvaluable: 3n,
    };
    const oneStep = [
      { patients: 0, sum: 0n },
      { patients: 1, sum: 1n },
    ];
    // −0.5 + 3 is 2.5: whoever pays that pays 2.
    expect(milestoneTotal(payoff, oneStep, 1)).to.equal(2n);
  });
});
