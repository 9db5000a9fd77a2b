/** The whole life of a cohort on chain: enrolment with an upfront payment, reports, settlement; create and deposits apart. */

import type { ContractTransactionResponse } from "ethers";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { dayOf } from "./support/chain.ts";
import { draft } from "./support/draft.ts";
import { sheet } from "./support/sheet.ts";

/** The 3-of-5 committee is every agreement's oracle here; the token is OpenZeppelin's ERC-20; two tiers. */
const SOURCE = sheet({
  parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker, payout: automatic }] }",
  cohorts: `
  2026: { population: Adults, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 1000000 }`,
});

/** What the story pays for a patient, in minor units; what is at risk goes back to the payer when the patient dies. */
export const PRICE = 100_000n;
export const AT_RISK = 60_000n;

/** What the payer holds for patients to come: the account's slot stays in use. */
const SPARE = PRICE;

/** Patients of a batch for whom the maker refunds: one in five, none of a single one. */
export const failures = (batch: number): number => Math.floor(batch / 5);

/** How many of `total` fall to each of `parts`, as evenly as can be. */
export function shared(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, i) => Math.floor((total * (i + 1)) / parts) - Math.floor((total * i) / parts));
}

async function used(call: Promise<ContractTransactionResponse>): Promise<bigint> {
  return (await (await call).wait())!.gasUsed;
}

/** Gas of creating the agreement, by which the lives differ in nothing. */
export async function measureCreate(): Promise<bigint> {
  return used((await draft(SOURCE)).create());
}

/**
 * Gas of a cohort's life in as many enrolments as reports, a batch each.
 * @throws Error when the money is not where the terms say that it goes.
 */
export async function measureLife(total: number, batches: number): Promise<bigint> {
  if (batches > total) throw new RangeError(`found ${batches} batches of ${total} patients, expected one patient each`);
  const stage = await openAgreement(SOURCE);
  await stage.fund(PRICE * BigInt(total) + SPARE, 0n);
  const sizes = shared(total, batches);
  let gas = 0n;
  for (const [i, size] of sizes.entries()) {
    await at("2026-01-02", i * 86_400);
    gas += await used(stage.enrol({ patients: size, indexedDay: dayOf("2026-01-02") + i }));
  }
  for (const [i, size] of sizes.entries()) {
    // 90 days after the batch.
    await at("2026-04-02", i * 86_400);
    const tallies = patients(failures(size), size - failures(size));
    gas += await used(stage.report({ tallies }, { hint: BigInt(i + 1) }));
  }
  const refunded = AT_RISK * BigInt(sizes.reduce((sum, size) => sum + failures(size), 0));
  const [paid, kept] = [await stage.token.balanceOf(stage.party(1)), await stage.books()];
  const expected = PRICE * BigInt(total) - refunded;
  if (paid !== expected) throw new Error(`the maker holds ${paid}, expected ${expected}`);
  if (kept[0]?.[0] !== SPARE + refunded) {
    throw new Error(`the payer's account holds ${kept[0]?.[0]}, expected ${SPARE + refunded}`);
  }
  if (kept.some(([, locked]) => locked !== 0n)) throw new Error("something is locked after the last report");
  return gas;
}
