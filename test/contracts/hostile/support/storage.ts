/** Brings an agreement's storage where no test could bring it by calls: billions of batches, the last number of a type. */

import { AbiCoder, keccak256, toBeHex } from "ethers";

import { networkHelpers } from "../../support/chain.ts";

/** More slots than the agreement and its bases declare. */
const BASES = 32n;

/** The slot of a value in a mapping, or in a mapping of mappings, that stands at `base`. */
const slotOf = (base: bigint, keys: readonly bigint[]): string =>
  keys.reduce(
    (slot, key) => keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "bytes32"], [key, slot])),
    toBeHex(base, 32),
  );

/**
 * Writes one word of a mapping. Which of the contract's mappings it is follows from what its views say then, so that the
 * order in which the contract declares them does not matter.
 * @throws Error when no mapping shows it.
 */
export async function setMapped(
  address: string,
  keys: readonly bigint[],
  word: bigint,
  shown: () => Promise<boolean>,
): Promise<void> {
  for (let base = 0n; base < BASES; base++) {
    const slot = slotOf(base, keys);
    const before = await networkHelpers.getStorageAt(address, slot);
    await networkHelpers.setStorageAt(address, slot, toBeHex(word, 32));
    if (await shown()) return;
    await networkHelpers.setStorageAt(address, slot, before);
  }
  throw new Error("no mapping of the contract shows what was written");
}

/** A cohort's state as one word. */
export const cohortWord = (patients: bigint, number: bigint, lastIndexedDay: bigint): bigint =>
  patients | (number << 32n) | (lastIndexedDay << 64n);

/** A batch as one word; its root stays empty. */
export const batchWord = (indexedDay: bigint, cumulative: bigint): bigint => indexedDay | (cumulative << 32n);

/** What a clause's state starts with. */
export const clauseWord = (assessed: bigint, pending: bigint, number: bigint): bigint =>
  assessed | (pending << 32n) | (number << 64n);

/** An account that is nobody else's than in the terms. */
export const accountWord = (balance: bigint, locked: bigint): bigint => balance | (locked << 120n);
