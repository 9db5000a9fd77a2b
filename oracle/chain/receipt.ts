/** A transaction's receipt, believed only as far as the chain's blocks bear it out. */

import type { Provider, TransactionReceipt } from "ethers";

import { ChainError } from "./errors.ts";

/** A receipt that contradicts the chain, or itself: the node lies, or is of two minds. Asking again may help. */
export class FalseReceipt extends ChainError {
  constructor(hash: string, found: string, expected: string) {
    super(`the receipt of ${hash} is not true: found ${found}, expected ${expected}`, "wait", null);
  }
}

/**
 * The receipt of a transaction in a block that is part of the chain now; null when there is none.
 * @param from The account that signed it.
 * @throws FalseReceipt when the node's answers contradict each other; the provider's errors
 */
export async function canonicalReceipt(
  provider: Provider,
  hash: string,
  from: string,
): Promise<TransactionReceipt | null> {
  const receipt = await provider.getTransactionReceipt(hash);
  if (receipt === null) return null;
  const expect = (what: string, found: string | null, expected: string): void => {
    if (found === null || found.toLowerCase() !== expected.toLowerCase()) {
      throw new FalseReceipt(hash, `${what} ${found}`, expected);
    }
  };
  expect("hash", receipt.hash, hash);
  expect("sender", receipt.from, from);
  for (const log of receipt.logs) {
    expect("a log of transaction", log.transactionHash, hash);
    expect("a log of block", log.blockHash, receipt.blockHash);
  }
  const block = await provider.getBlock(receipt.blockNumber);
  // A reorganisation may have come between the two answers: then the receipt is of a block that is gone.
  if (block === null || block.hash !== receipt.blockHash) return null;
  if (!block.transactions.some((listed) => listed.toLowerCase() === hash.toLowerCase())) {
    throw new FalseReceipt(hash, `block ${block.number} without it`, "a block that lists it");
  }
  return receipt;
}

/** Blocks with and on top of a block; 0 or less when the node is behind it. */
export const depthOf = (head: number, blockNumber: number): number => head - blockNumber + 1;
