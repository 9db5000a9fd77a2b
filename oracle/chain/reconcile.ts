/** Brings the outbox up to what the chain shows now: what was mined, what a reorganisation took away, what is lost. */

import type { TransactionReceipt } from "ethers";

import { ChainError } from "./errors.ts";
import type { OutboxCall } from "./outbox.ts";
import { depthOf } from "./receipt.ts";
import { receiptOf, type Desk } from "./submitParts.ts";

/** The account's next nonce, and the signed calls that carry it. */
export interface Slot {
  readonly nonce: number;
  /** Oldest first. */
  readonly calls: readonly OutboxCall[];
}

/** Nodes keep the accounts of the latest 128 blocks. */
const MOST_DEPTH = 100;

/**
 * @throws ChainError when the node is behind what was seen of the chain, or contradicts itself; the provider's errors
 */
export async function reconcile(desk: Desk): Promise<Slot> {
  const { provider, account, outbox, options } = desk;
  const head = await provider.getBlockNumber();
  const used = await provider.getTransactionCount(account.address, head);
  const won = new Set<number>();
  const lost: OutboxCall[] = [];
  for (const call of await outbox.unfinished(account)) {
    if (call.state === "planned") {
      await outbox.mark(call.id, "dropped", null);
      continue;
    }
    const receipt = await receiptOf(desk, call);
    if (receipt !== null) {
      won.add(call.nonce);
      await keepReceipt(desk, call, receipt, head);
      continue;
    }
    await forgetBlock(desk, call, head);
    if (call.nonce < used) lost.push(call);
  }
  if (lost.length > 0) {
    const deep = Math.max(0, head - Math.min(options.confirmations, MOST_DEPTH) + 1);
    const usedDeep = await provider.getTransactionCount(account.address, deep);
    for (const call of lost.filter(({ nonce }) => nonce < usedDeep)) {
      await outbox.mark(call.id, won.has(call.nonce) ? "superseded" : "dropped", null);
      if (!won.has(call.nonce)) desk.tell(call, { type: "dropped" });
    }
  }
  await takeBack(desk, used, head);
  const calls = (await outbox.unfinished(account)).filter(({ nonce, state }) => nonce === used && state === "signed");
  return { nonce: used, calls };
}

/** Writes down where a call was mined, and whether that is deep enough. Tells so once. @returns whether it is. */
export async function keepReceipt(
  desk: Desk,
  call: OutboxCall,
  receipt: TransactionReceipt,
  head: number,
): Promise<boolean> {
  const { outbox, options } = desk;
  const block = { number: receipt.blockNumber, hash: receipt.blockHash };
  const { hash } = receipt;
  if (call.block?.hash !== block.hash) {
    if (call.block !== null) desk.tell(call, { type: "reorged", block: call.block.number });
    desk.tell(call, { type: "mined", hash, block: block.number });
  }
  if (depthOf(head, block.number) < options.confirmations) {
    await outbox.mark(call.id, "mined", block);
    return false;
  }
  // A transaction that was reverted is as deep, and has brought about nothing.
  await outbox.mark(call.id, receipt.status === 1 ? "confirmed" : "dropped", block);
  desk.tell(call, { type: receipt.status === 1 ? "confirmed" : "reverted", hash, block: block.number });
  return true;
}

/** A call whose block is gone can be mined again. @throws ChainError when the node has not come to that block yet */
export async function forgetBlock(desk: Desk, call: OutboxCall, head: number): Promise<void> {
  const { block } = call;
  if (block === null) return;
  if (head < block.number) {
    const message = `the node is behind: its latest block is ${head}, a transaction of this account is in ${block.number}`;
    throw new ChainError(message, "wait", null);
  }
  desk.tell(call, { type: "reorged", block: block.number });
  await desk.outbox.mark(call.id, "signed", null);
}

/** Confirmed calls whose nonces the chain counts as unused: a reorganisation deeper than was thought possible, or a lie. */
async function takeBack(desk: Desk, used: number, head: number): Promise<void> {
  const { outbox, account } = desk;
  for (;;) {
    const newest = await outbox.newest(account);
    if (newest === null || newest.nonce < used) return;
    if ((await receiptOf(desk, newest)) !== null) {
      const found = `${used} transactions of ${account.address}, number ${newest.nonce + 1} is in block ${newest.block?.number}`;
      throw new ChainError(`the node contradicts itself: it counts ${found}`, "wait", null);
    }
    await forgetBlock(desk, newest, head);
  }
}
