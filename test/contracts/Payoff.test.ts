import { expect } from "chai";
import { getAddress, toBeHex } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import { readScenario } from "../../runner/story.ts";
import { WHOLE, type Agreement, type Member, type Payoff, type Tier } from "../../terms/model.ts";
import { compileTerms } from "../../terms/onchain/compile.ts";
import { packTerms } from "../../terms/onchain/pack.ts";
import { locks, milestoneTotal, split, splitLock, wagerTotal, type Tally } from "../../terms/payoff.ts";
import {
  AgreementFactory__factory,
  PayoffCalculator__factory,
  PlainToken__factory,
} from "../../typechain-types/index.ts";
import { Dice } from "../scenarios/dice.ts";
import { drawSheet } from "../scenarios/sheets.ts";

const { ethers } = await network.create();
const [signer] = await ethers.getSigners();
if (signer === undefined) throw new Error("the in-process chain has no accounts");

const BATCH = 100;
const BATCHES = 30;
const SHEETS = 60;

const amounts = fc.oneof(
  fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
);
const counts = fc.oneof(fc.nat(20), fc.nat(2 ** 32 - 1));

interface Question {
  readonly payoff: Payoff;
  readonly tallies: readonly Tally[];
  readonly unknown: number;
  readonly value: bigint;
  readonly weight: number;
}

const questions: fc.Arbitrary<Question> = fc
  .record({
    first: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
    widths: fc.array(fc.oneof(fc.bigInt(1n, 50n), fc.bigInt(1n, 2n ** 40n)), { maxLength: 5 }),
    pays: fc.array(amounts, { minLength: 6, maxLength: 6 }),
    slopes: fc.array(fc.bigInt(-(2n ** 60n), 2n ** 60n), { minLength: 6, maxLength: 6 }),
    notEvaluable: amounts,
    patients: fc.array(counts, { minLength: 6, maxLength: 6 }),
    places: fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 }),
    unknown: counts,
    weight: counts,
    offset: fc.bigInt(-100n, 2n ** 41n),
  })
  .map(({ first, widths, pays, slopes, notEvaluable, patients, places, unknown, weight, offset }) => {
    let start = first;
    const starts = [null, ...widths.map((width) => (start += width))];
    const tiers = starts.map((from, k): Tier => {
      const inner = k > 0 && k < starts.length - 1;
      return { start: from, pays: pays[k] ?? 0n, slope: inner ? (slopes[k] ?? 0n) : 0n };
    });
    const tallies = tiers.map((tier, k): Tally => {
      const n = patients[k] ?? 0;
      const next = tiers[k + 1]?.start;
      if (tier.slope === 0n || tier.start === null || next == null) return { patients: n, sum: 0n };
      const room = BigInt(n) * (next - 1n - tier.start);
      return { patients: n, sum: BigInt(n) * tier.start + (room * BigInt(places[k] ?? 0)) / 1_000n };
    });
    return { payoff: { tiers, notEvaluable }, tallies, unknown, value: first + offset, weight };
  });

/** The agreement with an address for everybody. */
function bound(agreement: Agreement): Agreement {
  const address = (n: number): string => getAddress(toBeHex(n + 1, 20));
  const { oracle, members } = agreement;
  return {
    ...agreement,
    members: members.map((member, i) => ({ ...member, address: address(i + 10) })),
    oracle: {
      ...oracle,
      address: address(1),
      arbiter: oracle.arbiter && { name: oracle.arbiter.name, address: address(2) },
    },
  };
}

function draw(dice: Dice): Agreement {
  const { story, problems } = readScenario(`scenario: Drawn\nterms:\n${drawSheet(dice)}steps: [{ at: +0d }]\n`);
  expect(problems).to.deep.equal([]);
  if (story === null) throw new Error("no story");
  return bound(story.agreement);
}

describe("Payoff and Book, against the engine in TypeScript", () => {
  it(`agree on ${BATCH * BATCHES} reports, values and locks`, async () => {
    const calculator = await new PayoffCalculator__factory(signer).deploy();
    const property = fc.asyncProperty(fc.array(questions, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
      const answers = await calculator.answer(
        batch.map(({ payoff, tallies, unknown, value, weight }) => ({
          pieces: payoff.tiers.map(({ start, pays, slope }) => ({ start: start ?? 0n, pays, slope })),
          notEvaluable: payoff.notEvaluable,
          tallies: tallies.map(({ patients, sum }) => ({ patients, sum })),
          unknown,
          value,
          weight,
        })),
      );
      batch.forEach(({ payoff, tallies, unknown, value, weight }, i) => {
        const answer = answers[i];
        const worst = locks(payoff);
        expect(answer?.milestone).to.equal(milestoneTotal(payoff, tallies, unknown));
        expect(answer?.wager).to.equal(wagerTotal(payoff, value, BigInt(weight)));
        expect(answer?.fromLock).to.equal(worst.from);
        expect(answer?.toLock).to.equal(worst.to);
      });
    });
    await fc.assert(property, { numRuns: BATCHES, endOnFailure: true });
  });

  it(`agree on how ${SHEETS} drawn agreements are packed, and their totals and locks split`, async () => {
    const calculator = await new PayoffCalculator__factory(signer).deploy();
    const factory = await new AgreementFactory__factory(signer).deploy();
    const token = await new PlainToken__factory(signer).deploy(6);
    const property = fc.asyncProperty(
      fc.gen(),
      fc.array(amounts, { minLength: 10, maxLength: 10 }),
      fc.integer({ min: -1_000, max: 1_000 }),
      async (g, totals, times) => {
        const agreement = draw(new Dice((n) => g(evenly, n)));
        const terms = compileTerms(agreement, await token.getAddress());
        const packed = await factory.pack(terms);
        expect(packed).to.equal(packTerms(agreement, terms, 6));

        const first = agreement.clauses.find(({ payoffs }) => payoffs.has(0));
        const payoff = first?.payoffs.get(0);
        if (first === undefined || payoff === undefined) return;
        const { money, locks: locked } = await calculator.spread(packed, totals, times);
        const side = ({ first: from, count }: { first: number; count: number }): readonly Member[] =>
          agreement.members.slice(from, from + count);
        const expected = (ofFrom: readonly bigint[], ofTo: readonly bigint[]): bigint[] =>
          agreement.members.map((_, i) => (ofFrom[i - first.from.first] ?? 0n) + (ofTo[i - first.to.first] ?? 0n));
        totals.forEach((total, i) => {
          expect(money[i]).to.deep.equal(expected(split(-total, side(first.from)), split(total, side(first.to))));
        });
        const worst = locks(payoff);
        const parts = expected(splitLock(worst.from, side(first.from)), splitLock(worst.to, side(first.to)));
        expect(locked).to.deep.equal(parts.map((part) => part * BigInt(times)));
      },
    );
    await fc.assert(property, { numRuns: SHEETS, endOnFailure: true });
  });

  it("given a slope that ends a billionth of a minor unit from zero, then a whole one is locked, on the side that may pay it", async () => {
    const calculator = await new PayoffCalculator__factory(signer).deploy();
    const question = (slope: bigint) => ({
      pieces: [0n, slope, 0n].map((of, k) => ({ start: BigInt(k), pays: 0n, slope: of })),
      notEvaluable: 0n,
      tallies: [0, 0, 0].map((patients) => ({ patients, sum: 0n })),
      unknown: 0,
      value: 0n,
      weight: 0,
    });
    const answers = await calculator.answer([1n, -1n].map(question));
    expect(answers.map(({ fromLock, toLock }) => [fromLock, toLock])).to.deep.equal([
      [1n, 0n],
      [0n, 1n],
    ]);
  });

  it("draws groups whose shares add up to the whole", () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const { members } = draw(new Dice((n) => g(evenly, n)));
        for (const { group } of members) {
          const shares = members.filter((member) => member.group === group).map(({ share }) => share);
          expect(shares.reduce((a, b) => a + b, 0n)).to.equal(WHOLE);
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** Every number below `n` as often as any other. */
const evenly = (n: number): fc.Arbitrary<number> => fc.noBias(fc.nat({ max: n - 1 }));
