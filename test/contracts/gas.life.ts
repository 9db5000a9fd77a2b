/** The whole life of a cohort on chain: enrolment with an upfront payment, reports, settlement; create and deposits apart. */

import type { ContractTransactionResponse } from "ethers";

import { at, openAgreement, patients, type MilestoneReport, type Stage } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { draft } from "./support/draft.ts";
import { sheet } from "./support/sheet.ts";

/** The 3-of-5 committee is every agreement's oracle here; the token is OpenZeppelin's ERC-20; two tiers. */
const source = (oracle = "{ reportWithin: 30d }"): string =>
  sheet({
    parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker, payout: automatic }] }",
    oracle,
    cohorts: `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 1000000 }`,
  });

const WITH_WINDOW = "{ reportWithin: 30d, challengeWindow: 7d, challengeBond: 1, arbiter: Board }";

/** What the story pays for a patient, in minor units; what is at risk goes back to the payer when the patient dies. */
export const PRICE = 100_000n;
export const AT_RISK = 60_000n;

/** What the payer holds for patients to come: the account's slot stays in use. */
const SPARE = PRICE;

export interface Life {
  /** With a challenge window each report settles a week later in a call of its own. */
  readonly window?: boolean;
  /** The payer funds what the enrolments take and nothing else: its account is emptied, and refunded into. */
  readonly toTheLastCent?: boolean;
}

/** Patients of a batch for whom the maker refunds: one in five, none of a single one. */
export const failures = (batch: number): number => Math.floor(batch / 5);

/** How many of `total` fall to each of `parts`, as evenly as can be. */
export function shared(total: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) => Math.floor((total * (i + 1)) / parts) - Math.floor((total * i) / parts),
  );
}

async function used(call: Promise<ContractTransactionResponse>): Promise<bigint> {
  return (await (await call).wait())!.gasUsed;
}

/** Gas of creating the agreement, by which the lives differ in nothing. */
export async function measureCreate(): Promise<bigint> {
  return used((await draft(source())).create());
}

/**
 * Gas of a cohort's life in as many enrolments as reports, a batch each.
 * @throws Error when the money is not where the terms say that it goes.
 */
export async function measureLife(
  total: number,
  batches: number,
  { window = false, toTheLastCent = false }: Life = {},
): Promise<bigint> {
  if (batches > total) throw new RangeError(`found ${batches} batches of ${total} patients, expected one patient each`);
  const stage = await openAgreement(source(window ? WITH_WINDOW : undefined));
  const spare = toTheLastCent ? 0n : SPARE;
  await stage.fund(PRICE * BigInt(total) + spare, 0n);
  const sizes = shared(total, batches);
  let gas = 0n;
  for (const [i, size] of sizes.entries()) {
    await at("2026-01-02", i * 86_400);
    gas += await used(stage.enrol({ patients: size, indexedDay: dayOf("2026-01-02") + i }));
  }
  const reports: MilestoneReport[] = [];
  for (const [i, size] of sizes.entries()) {
    // 90 days after the batch.
    await at("2026-04-02", i * 86_400);
    const { message } = await stage.forgeReport({ tallies: patients(failures(size), size - failures(size)) });
    gas += await used(stage.report(message, { hint: BigInt(i + 1) }));
    reports.push(message);
  }
  if (window) {
    await at("2026-04-20");
    for (const report of reports) gas += await used(stage.agreement.settleMilestone(report));
  }
  await mustBePaid(stage, sizes, spare);
  return gas;
}

/** The maker holds the price but for the refunds, the payer's account these and what was spare; nothing is locked. */
async function mustBePaid(stage: Stage, sizes: readonly number[], spare: bigint): Promise<void> {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const refunded = AT_RISK * BigInt(sizes.reduce((sum, size) => sum + failures(size), 0));
  const found = [await stage.token.balanceOf(stage.party(1)), ...(await stage.books()).flat()];
  const expected = [PRICE * BigInt(total) - refunded, spare + refunded, 0n, 0n, 0n];
  if (found.join() !== expected.join()) throw new Error(`found ${found.join()}, expected ${expected.join()}`);
}

/** Gas of a report that settles at once, in a cohort of several batches: a clause's first, and a later one. */
export async function measureReports(): Promise<{ first: bigint; later: bigint }> {
  const stage = await openAgreement(source());
  const sizes = [500, 500, 500];
  await stage.fund(PRICE * 1_500n + SPARE, 0n);
  for (const size of sizes) await stage.enrol({ patients: size });
  await at("2026-04-01");
  const report = () => used(stage.report({ tallies: patients(100, 400) }, { hint: BigInt(sizes.length) }));
  return { first: await report(), later: await report() };
}
