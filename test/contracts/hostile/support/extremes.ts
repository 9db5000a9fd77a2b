/** Agreements as large as the factory takes them. */

import { Wallet, id } from "ethers";

import type { SignedClause, SignedTerms, SignedTier } from "../../../../terms/onchain/compile.ts";
import type { GasEatingToken, OracleCommittee } from "../../../../typechain-types/index.ts";
import { openAgreement, type Stage } from "../../support/agreement.ts";
import { endorsedBy, ethers } from "../../support/chain.ts";
import { sheet } from "../../support/sheet.ts";

/** EIP-7825: what one transaction may use at most. */
export const MOST_GAS = 2n ** 24n;
/** What 32 bits hold. */
export const MOST_PATIENTS = 2n ** 32n - 1n;
/** What 96 bits hold with a sign. */
export const MOST_AMOUNT = 2n ** 95n - 1n;

/** A payer and fifteen makers, all of them paid automatically. */
export const CROWD = `{ payer: [{ name: Fund, payout: automatic }], manufacturer: [${Array.from(
  { length: 15 },
  (_, i) => `{ name: Maker ${i}, share: ${i === 0 ? 30 : 5}%, payout: automatic }`,
).join(", ")}] }`;

/** Bytes of packed terms, as `PackedTerms` lays them out, and the code's room for them. */
const ROOM = 24_531;
const HEADER = 91;
const MEMBER = 25;
const COHORT = 15;
const CLAUSE = 62;
const TIER = 24;
const SLOPED_TIER = 40;

/** As many further tiers as the code has room for. */
export function mostTiers(terms: SignedTerms, sloped = false): number {
  const payoffs = terms.clauses.flatMap((clause) => clause.payoffs);
  const used =
    HEADER +
    terms.parties.length * MEMBER +
    terms.cohorts.length * COHORT +
    payoffs.length * CLAUSE +
    payoffs.reduce((sum, { tiers }) => sum + tiers.length * TIER, 0);
  return Math.floor((ROOM - used) / (sloped ? SLOPED_TIER : TIER));
}

/** Tiers below zero: a negative number has no zero byte. */
export const tiersOf = (count: number, sloped = false): SignedTier[] =>
  Array.from({ length: count }, (_, i) => ({
    atLeast: BigInt(i - count),
    pays: -1n,
    slope: sloped && i < count - 1 ? -1n : 0n,
  }));

/** Fillers, then a payment at enrolment, a milestone, a wager of the oracle's and one on outlay: found last of 64. */
export const WIDE = { treatment: 60, refund: 61, score: 62, outlay: 63 } as const;

const CLAUSES = `
  filler: { type: milestone, metric: alive, due: 30d, from: manufacturer, to: payer, pays: [{ pays: 0.02 }, { atLeast: 1, pays: -0.02 }], notEvaluable: 0.01 }
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100 }
  refund: { type: milestone, metric: alive, due: 30d, from: manufacturer, to: payer, pays: [{ pays: 0.02 }, { atLeast: 1, pays: 0.01 }], notEvaluable: 0.01 }
  score: { type: wager, metric: attainment-rate, due: 30d, from: manufacturer, to: payer, pays: [{ pays: 0.02 }, { atLeast: 50%, pays: 0.01 }], notEvaluable: 0.01 }
  budget: { type: wager, metric: outlay, due: 30d, basis: total, from: manufacturer, to: payer, pays: [{ pays: 2 }, { atLeast: 1, pays: 1 }] }`;

const cohorts = (maxPatients = MOST_PATIENTS): string => `
  2026: { population: Adults, price: 1, opens: 2026-01-01, closes: 2026-02-01, maxPatients: ${maxPatients} }`;

function copies(clause: SignedClause, count: number): SignedClause[] {
  return Array.from({ length: count }, (_, i) => ({ ...structuredClone(clause), id: `${clause.id}-${i}` }));
}

/** The members of a committee of 255. */
export const crowd = Array.from({ length: 255 }, (_, i) => new Wallet(id(`member ${i + 1}`)));

/** All of them. */
export const byCrowd = endorsedBy(crowd);

/** A committee of which every member must sign. */
export async function openCrowd(members: readonly Wallet[] = crowd): Promise<OracleCommittee> {
  const addresses = members.map(({ address }) => address);
  return ethers.deployContract("OracleCommittee", [addresses, members.length], { gasLimit: MOST_GAS });
}

export interface Extreme {
  /** 64 clauses in the cohort, those of `WIDE` the last; else two, a payment at enrolment and a milestone. */
  readonly wide?: boolean;
  readonly sloped?: boolean;
  readonly oracle?: string;
}

/** The largest terms: sixteen members, and tiers until the code is full, in a token that burns what a payout is given. */
export async function openExtreme(extreme: Extreme): Promise<Stage<GasEatingToken>> {
  const stage = await openAgreement(
    sheet({
      parties: CROWD,
      oracle: extreme.oracle ?? "{ reportWithin: 30d }",
      cohorts: cohorts(),
      clauses: CLAUSES,
    }),
    {
      token: () => ethers.deployContract("GasEatingToken", [2]),
      byKey: true,
      stretch: (terms) => {
        const [filler, treatment, refund, score, budget] = terms.clauses as [
          SignedClause,
          SignedClause,
          SignedClause,
          SignedClause,
          SignedClause,
        ];
        terms.clauses = extreme.wide ? [...copies(filler, 60), treatment, refund, score, budget] : [treatment, refund];
        refund.payoffs[0]!.tiers = [];
        const count = mostTiers(terms, extreme.sloped);
        refund.payoffs[0]!.tiers = tiersOf(count, extreme.sloped);
      },
    },
  );
  for (const { address } of stage.parties) await stage.token.setMarked(address, true);
  return stage;
}
