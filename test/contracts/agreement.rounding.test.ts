import { expect } from "chai";
import fc from "fast-check";

import { locks, milestoneTotal, split, splitLock, tierOf, type Tally } from "../../terms/payoff.ts";
import { at, openAgreement } from "./support/agreement.ts";
import { sheet } from "./support/sheet.ts";

const RUNS = { numRuns: 25, seed: 20260101 };

/** Parts of a hundred percent, in millionths of a percent. */
const shares = fc.uniqueArray(fc.integer({ min: 1, max: 99_999_999 }), { minLength: 0, maxLength: 3 }).map((cuts) => {
  const ends = [...cuts.toSorted((a, b) => a - b), 100_000_000];
  return ends.map((end, i) => end - (ends[i - 1] ?? 0));
});

/** Cents, as money with two decimals. */
const money = (cents: number): string => (cents / 100).toFixed(2);
const cents = fc.integer({ min: -5_000, max: 20_000 });

const clause = fc.record({
  amounts: fc.tuple(cents, cents, cents, cents),
  start: fc.integer({ min: -1_000, max: 1_000 }),
  width: fc.integer({ min: 1, max: 5_000 }),
  slope: fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
});

/** A patient's value in cents; null: not evaluable. In reports of up to four. */
const reports = fc.array(fc.array(fc.option(fc.integer({ min: -2_000, max: 7_000 })), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 4,
});

const group = (name: string, parts: readonly number[]): string =>
  parts.map((part, i) => `{ name: ${name} ${i}, share: ${(part / 1e6).toFixed(6)}% }`).join(", ");

describe("Rounding", () => {
  it("given any shares, payoff and batches, then the exact locks cover every report, and parts add up", async () => {
    await fc.assert(
      fc.asyncProperty(shares, shares, clause, reports, async (payers, makers, shape, batches) => {
        const [first, second, third, notEvaluable] = shape.amounts;
        const source = sheet({
          parties: `{ payer: [${group("Fund", payers)}], manufacturer: [${group("Maker", makers)}] }`,
          oracle: "{ reportWithin: 30d }",
          clauses: `
  cap: { type: milestone, metric: cost, due: 90d, from: manufacturer, to: payer, pays: [{ pays: ${money(first)} }, { atLeast: ${money(shape.start)}, pays: ${money(second)}, perUnit: ${(shape.slope / 1e9).toFixed(9)} }, { atLeast: ${money(shape.start + shape.width)}, pays: ${money(third)} }], notEvaluable: ${money(notEvaluable)} }`,
        });
        const { model, agreement, fund, enrol, report, books, token, address } = await openAgreement(source);
        const payoff = model.clauses[0]!.payoffs.get(0)!;
        const payer = model.members.slice(0, payers.length);
        const maker = model.members.slice(payers.length);
        const worst = locks(payoff);
        const enrolled = BigInt(batches.flat().length);
        const exact = [...splitLock(worst.to, payer), ...splitLock(worst.from, maker)].map((part) => part * enrolled);

        await fund(...exact);
        await enrol({ patients: Number(enrolled) });
        expect(await books()).to.deep.equal(exact.map((part) => [part, part]));
        await at("2026-04-01");
        let expected = exact;
        for (const values of batches) {
          const tallies = talliesOf(payoff.tiers, values);
          const missing = values.filter((value) => value === null).length;
          const total = milestoneTotal(payoff, tallies, missing);
          const parts = [...split(total, payer), ...split(-total, maker)];
          expected = expected.map((balance, i) => balance + parts[i]!);
          expect(parts.reduce((a, b) => a + b, 0n)).to.equal(0n);
          await report({ clause: 0, tallies, notEvaluable: missing });
        }
        expect(await books()).to.deep.equal(expected.map((balance) => [balance, 0n]));
        expect(await token.balanceOf(address)).to.equal(expected.reduce((a, b) => a + b, 0n));
        expect((await agreement.clauseState(0, 0)).assessed).to.equal(enrolled);
      }),
      RUNS,
    );
  });

  it("given a cent for three members, then the one whose running share completes it has it", async () => {
    const { fund, enrol, report, books } = await openAgreement(
      sheet({
        parties:
          "{ payer: [{ name: Fund }], manufacturer: [{ name: A, share: 33.333333% }, { name: B, share: 33.333333% }, { name: C, share: 33.333334% }] }",
        clauses: `
  bonus: { type: milestone, metric: alive, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -0.01 }, { atLeast: 1, pays: 0.01 }], notEvaluable: 0 }`,
      }),
    );
    await fund(3n, 3n, 3n, 3n);
    await enrol({ patients: 3 });
    expect((await books()).map(([, locked]) => locked)).to.deep.equal([3n, 3n, 3n, 3n]);
    await at("2026-04-01");
    const one = (dead: number, alive: number) => [
      { patients: dead, sum: 0n },
      { patients: alive, sum: 0n },
    ];
    await report({ clause: 0, tallies: one(0, 1) });
    expect((await books()).map(([balance]) => balance)).to.deep.equal([2n, 3n, 3n, 4n]);
    await report({ clause: 0, tallies: one(2, 0) });
    expect((await books()).map(([balance]) => balance)).to.deep.equal([4n, 3n, 2n, 3n]);
  });

  it("given a member with a millionth of a percent, when a patient may cost a cent, then that member locks a cent too", async () => {
    const { fund, enrol, books } = await openAgreement(
      sheet({
        parties:
          "{ payer: [{ name: Fund }], manufacturer: [{ name: A, share: 0.000001% }, { name: B, share: 99.999999% }] }",
        clauses: `
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 0.01 }, { atLeast: 1, pays: 0 }], notEvaluable: 0 }`,
      }),
    );
    await fund(0n, 1n, 1n);
    await enrol({ patients: 1 });
    expect((await books()).map(([, locked]) => locked)).to.deep.equal([0n, 1n, 1n]);
  });
});

function talliesOf(tiers: Parameters<typeof tierOf>[0], values: readonly (number | null)[]): Tally[] {
  const tallies = tiers.map(() => ({ patients: 0, sum: 0n }));
  for (const value of values) {
    if (value === null) continue;
    const k = tierOf(tiers, BigInt(value));
    tallies[k]!.patients += 1;
    if (tiers[k]!.slope !== 0n) tallies[k]!.sum += BigInt(value);
  }
  return tallies;
}
