/**
 * Sends calls and sees them through. The effect of each happens at most once: all attempts at one call share one nonce,
 * so that at most one of them can be mined; each is kept in the outbox before it is sent, so that no crash forgets one;
 * and whatever should slip through, the contract takes each number once. A report's place on the chain is what counts:
 * a transaction is sent while the chain does not show it, and whatever a node answers can only delay that.
 */

import type { TransactionReceipt } from "ethers";

import type { Hex } from "../report/bytes.ts";
import { accountLock, type AccountLock } from "./accountLock.ts";
import type { Standing } from "./action.ts";
import { drive, type Driven } from "./drive.ts";
import { ChainError, explainChainError } from "./errors.ts";
import type { OutboxCall } from "./outbox.ts";
import { forgetBlock, keepReceipt, reconcile, type Slot } from "./reconcile.ts";
import { deskOf, receiptOf, type Desk, type Sender, type SubmitOptions } from "./submitParts.ts";

export type { Sender, SubmitOptions } from "./submitParts.ts";

export interface Call {
  readonly to: string;
  readonly data: Hex;
  /** What it is to bring about, the same for each try at it: `enrol cohort 0 number 3`. */
  readonly intent: string;
  /**
   * Asked before sending, and whenever it is unclear what became of an attempt. Null: the chain does not show whether the
   * call was made, and only its own transaction counts.
   */
  readonly standing: (() => Promise<Standing>) | null;
}

export interface Submitted {
  readonly standing: Exclude<Standing, "open">;
  /** Null when there was nothing to send. */
  readonly receipt: TransactionReceipt | null;
}

export interface Submitter {
  /**
   * @returns how the call stands once it is confirmed, or once something else took its place.
   * @throws ChainError; `wait` when the effect may still come: the next try, or the next start, goes on from there.
   */
  submit(call: Call): Promise<Submitted>;
  /** Finishes what an earlier process, or an earlier try, left on its way. @throws ChainError */
  recover(): Promise<void>;
}

/** Room for what changes between estimate and block, in percent. */
const GAS_ROOM = 125n;
/** Times that the ground may shift under one try: reorganisations, nonces used by others. */
const ROUNDS = 10;

export function createSubmitter(sender: Sender, options: SubmitOptions): Submitter {
  let opened: Promise<{ desk: Desk; lock: AccountLock }> | null = null;
  const open = (): Promise<{ desk: Desk; lock: AccountLock }> => {
    // Asked for again when it failed.
    opened ??= openDesk(sender, options).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
  return {
    async submit(call) {
      try {
        const { desk, lock } = await open();
        return await submit(desk, lock, call);
      } catch (error) {
        throw explainChainError(error);
      }
    },
    async recover() {
      try {
        const { desk, lock } = await open();
        await recover(desk, lock);
      } catch (error) {
        throw explainChainError(error);
      }
    },
  };
}

async function openDesk(sender: Sender, options: SubmitOptions): Promise<{ desk: Desk; lock: AccountLock }> {
  const [{ chainId }, address] = await Promise.all([sender.provider.getNetwork(), sender.getAddress()]);
  const account = { chainId, address };
  const { isGone = () => false, stallAfter: patience } = options;
  return { desk: deskOf(sender, account, options), lock: accountLock(account, { ...options, isGone, patience }) };
}

async function submit(desk: Desk, lock: AccountLock, call: Call): Promise<Submitted> {
  let own: OutboxCall | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const before = (await call.standing?.()) ?? "open";
    if (before !== "open") return { standing: before, receipt: null };
    const sent: OutboxCall | null = own;
    const driven: Driven | null = await lock.with((prolong) => send(desk, call, sent, prolong));
    if (driven === null || driven.call.intent !== call.intent) continue;
    own = driven.call;
    if (driven.receipt === null) continue;
    // The nonce is used: others may have the next one while this waits for blocks.
    const receipt = await confirm(desk, driven.call);
    if (receipt === null) continue;
    return { standing: await standingAfter(desk, call, driven.call, receipt), receipt };
  }
  throw new ChainError(`${call.intent}: the chain does not come to rest`, "wait", null);
}

/**
 * One step towards the call: itself, or what stands before it under the account's next nonce. Null: look again.
 * @param sent What this try has sent already.
 */
async function send(
  desk: Desk,
  call: Call,
  sent: OutboxCall | null,
  prolong: () => Promise<void>,
): Promise<Driven | null> {
  const { account, outbox, provider, options } = desk;
  const slot = await reconcile(desk);
  if (sent !== null) {
    const receipt = await receiptOf(desk, sent);
    if (receipt !== null) return { call: sent, receipt };
    if (call.standing === null && sent.nonce < slot.nonce) {
      // Nothing but its own transaction tells whether it was made: it is never sent under a second nonce.
      const message = `another transaction of ${account.address} took the place of this one`;
      throw new ChainError(message, "moved", null);
    }
  }
  const stillOpen = async (): Promise<boolean> => ((await call.standing?.()) ?? "open") === "open";
  const earlier = await acceptable(desk, slot);
  if (earlier !== null) {
    const open = earlier.intent === call.intent ? stillOpen : () => accepts(desk, earlier);
    return drive(desk, { ...driveOf(earlier, slot), stillOpen: open, prolong });
  }
  const { to, data, intent } = call;
  const request = { from: account.address, to, data };
  let gasLimit: bigint;
  try {
    await provider.call(request);
    gasLimit = ((await provider.estimateGas(request)) * GAS_ROOM) / 100n;
  } catch (error) {
    // Refused because it was done since the caller looked: no fault.
    if (call.standing !== null && !(await stillOpen())) return null;
    throw error;
  }
  const planned = await outbox.plan(account, { nonce: slot.nonce, to, data, intent }, options.now());
  desk.tell(planned, { type: "planned" });
  return drive(desk, { ...driveOf(planned, slot), gasLimit, stillOpen, prolong });
}

function driveOf(call: OutboxCall, slot: Slot): Pick<Parameters<typeof drive>[1], "call" | "gasLimit" | "outbid"> {
  const others = slot.calls.filter(({ id }) => id !== call.id);
  return {
    call,
    gasLimit: call.attempts.at(-1)?.gasLimit ?? 0n,
    outbid: others.flatMap(({ attempts }) => attempts.map(({ fees }) => fees)),
  };
}

/** What is signed already and still has an effect is finished before its nonce is given to anything else. */
async function acceptable(desk: Desk, { calls }: Slot): Promise<OutboxCall | null> {
  for (const call of [...calls].reverse()) if (await accepts(desk, call)) return call;
  return null;
}

async function accepts({ provider, account }: Desk, { to, data }: OutboxCall): Promise<boolean> {
  try {
    await provider.call({ from: account.address, to, data });
    return true;
  } catch (error) {
    const { refusal, retry } = explainChainError(error);
    if (refusal === null && retry !== "final") throw error;
    return false;
  }
}

/** The receipt once it is deep enough; null when its block was taken away. @throws ChainError when the chain stands still */
async function confirm(desk: Desk, driven: OutboxCall): Promise<TransactionReceipt | null> {
  const { provider, outbox, options, account } = desk;
  let call = driven;
  let seen = -1;
  for (let waited = 0; waited <= options.stallAfter * options.attempts; waited += options.poll) {
    try {
      const head = await provider.getBlockNumber();
      const receipt = await receiptOf(desk, call);
      if (receipt !== null) {
        if (await keepReceipt(desk, call, receipt, head)) {
          await supersedeOthers(desk, call);
          return receipt;
        }
        call = { ...call, state: "mined", block: { number: receipt.blockNumber, hash: receipt.blockHash } };
      } else if (call.block === null || head >= call.block.number) {
        await forgetBlock(desk, call, head);
        return null;
      }
      if (head > seen) waited = 0;
      seen = Math.max(seen, head);
    } catch (error) {
      desk.tell(call, { type: "fault", detail: explainChainError(error).message });
    }
    if (options.signal?.aborted === true) break;
    await options.sleep(options.poll);
  }
  const unfinished = await outbox.unfinished(account);
  const where = unfinished.find(({ id }) => id === call.id)?.block?.number;
  throw new ChainError(
    `${call.intent} is in block ${where}, which is not ${options.confirmations} deep yet`,
    "wait",
    null,
  );
}

/** Other calls under the same nonce can't be mined any more. */
async function supersedeOthers({ outbox, account }: Desk, winner: OutboxCall): Promise<void> {
  for (const call of await outbox.unfinished(account)) {
    if (call.nonce === winner.nonce && call.id !== winner.id) await outbox.mark(call.id, "superseded", null);
  }
}

async function standingAfter(
  { provider, account }: Desk,
  { standing, to, data, intent }: Call,
  { block }: OutboxCall,
  { status, hash }: TransactionReceipt,
): Promise<Submitted["standing"]> {
  const after = (await standing?.()) ?? (status === 1 ? "landed" : "open");
  // Its own transaction did it.
  if (after !== "open") return status === 1 ? "landed" : after;
  if (status === 1) {
    const message = `${intent}: ${hash} succeeded in block ${block?.number}, and the agreement does not show it`;
    throw new ChainError(message, "wait", null);
  }
  // Somebody was faster, or the state moved: the refusal says which.
  await provider.call({ from: account.address, to, data });
  throw new ChainError(`transaction ${hash} was reverted`, "wait", null);
}

async function recover(desk: Desk, lock: AccountLock): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const driven = await lock.with(async (prolong) => {
      const slot = await reconcile(desk);
      const call = await acceptable(desk, slot);
      if (call === null) return null;
      return drive(desk, { ...driveOf(call, slot), stillOpen: () => accepts(desk, call), prolong });
    });
    if (driven === null) return;
    if (driven.receipt !== null) await confirm(desk, driven.call);
  }
}
