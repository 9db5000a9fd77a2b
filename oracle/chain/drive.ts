/** Sees one call with one nonce into a block: signs, keeps, hands over, watches, and raises the fee when it stalls. */

import { formatEther, formatUnits, Transaction, type TransactionReceipt } from "ethers";

import type { Hex } from "../report/bytes.ts";
import { broadcast, type Broadcast } from "./broadcast.ts";
import { ChainError, errorTexts } from "./errors.ts";
import { affordable, ceilingOf, offer, quoteFees, type Fees } from "./fees.ts";
import type { Attempt, OutboxCall } from "./outbox.ts";
import { receiptOf, type Desk } from "./submitParts.ts";

export interface Drive {
  readonly call: OutboxCall;
  /** Of the first attempt. */
  readonly gasLimit: bigint;
  /** Fees of other calls' attempts under the same nonce, which this one must outbid. */
  readonly outbid: readonly Fees[];
  /** Asked when an attempt stalls. */
  readonly stillOpen: () => Promise<boolean>;
  readonly prolong: () => Promise<void>;
}

export interface Driven {
  /** As it stands in the outbox. */
  readonly call: OutboxCall;
  /** Null when it is no longer wanted, or another transaction has used the nonce. */
  readonly receipt: TransactionReceipt | null;
}

/** @throws ChainError `wait` after the last attempt, whose effect may still come: the outbox keeps it */
export async function drive(
  desk: Desk,
  { call: planned, gasLimit, outbid, stillOpen, prolong }: Drive,
): Promise<Driven> {
  let call = planned;
  let answer = "";
  for (let i = 0; i < desk.options.attempts; i++) {
    await prolong();
    const newest = call.attempts.at(-1);
    let sent: Broadcast;
    const next = i === 0 && newest !== undefined ? null : await nextFees(desk, call, gasLimit, outbid);
    if (next === null && newest !== undefined) {
      desk.tell(call, { type: "rebroadcast", hash: newest.hash });
      sent = await broadcast(desk.provider, newest.raw);
    } else {
      const attempt = await sign(desk, call, newest?.gasLimit ?? gasLimit, next);
      // Kept first: once it is sent, no crash may make us forget it.
      await desk.outbox.keepAttempt(call.id, attempt);
      call = { ...call, state: "signed", attempts: [...call.attempts, attempt] };
      desk.tell(call, { type: "attempt", number: call.attempts.length, hash: attempt.hash, fees: attempt.fees });
      sent = await broadcast(desk.provider, attempt.raw);
    }
    answer = sent.detail;
    if (sent.result !== "taken") desk.tell(call, { type: "fault", detail: `${sent.result}: ${sent.detail}` });
    if (sent.result === "refused") throw new ChainError(`the node refuses it: ${sent.detail}`, "wait", null);
    if (sent.result === "no funds") throw await noFunds(desk, call.attempts.at(-1));
    // Raised at once, while it may be: what does not enter the pool need not be watched.
    if (sent.result === "underpriced" && (next !== null || i === 0)) continue;
    const watched = await watch(desk, call, prolong);
    if (watched === "used") return { call, receipt: null };
    if (watched !== "stalled") return { call, receipt: watched };
    if (!(await stillOpen())) return { call, receipt: null };
  }
  const last = answer === "" ? "" : `; the node's last answer: ${answer}`;
  throw new ChainError(`${call.intent} is not mined after ${desk.options.attempts} attempts${last}`, "wait", null);
}

/** Null: what was sent already is to be sent again as it is. @throws ChainError when nothing was sent and nothing can be */
async function nextFees(desk: Desk, call: OutboxCall, gasLimit: bigint, outbid: readonly Fees[]): Promise<Fees | null> {
  const cap = desk.options.maxFee ?? null;
  const newest = call.attempts.at(-1);
  const before = [...outbid, ...call.attempts.map(({ fees }) => fees)];
  const [quote, balance] = await Promise.all([
    quoteFees(desk.provider),
    desk.provider.getBalance(desk.account.address),
  ]);
  const next = offer(affordable(quote, balance), before, cap);
  if (next.type === "over the cap") {
    desk.tell(call, { type: "capped", needed: next.needed, cap: cap ?? 0n });
    if (newest !== undefined) return null;
    const [needed, most] = [next.needed, cap ?? 0n].map((wei) => formatUnits(wei, "gwei"));
    throw new ChainError(`gas costs ${needed} gwei, the cap (maxFee) is ${most} gwei`, "wait", null);
  }
  // Where gas is free there is nothing to raise.
  if (newest !== undefined && ceilingOf(next.fees) === ceilingOf(newest.fees)) return null;
  const cost = (newest?.gasLimit ?? gasLimit) * ceilingOf(next.fees);
  if (balance >= cost) return next.fees;
  const short = fundsError(desk.account.address, balance, cost);
  if (newest === undefined) throw short;
  desk.tell(call, { type: "fault", detail: short.message });
  return null;
}

function fundsError(address: string, balance: bigint, needed: bigint): ChainError {
  const message =
    `the account ${address} can't pay for gas: it has ${formatEther(balance)} of the chain's currency, ` +
    `${formatEther(needed)} is needed`;
  return new ChainError(message, "wait", null);
}

async function noFunds({ provider, account }: Desk, attempt: Attempt | undefined): Promise<ChainError> {
  const needed = attempt === undefined ? 0n : attempt.gasLimit * ceilingOf(attempt.fees);
  return fundsError(account.address, await provider.getBalance(account.address), needed);
}

async function sign(
  { sender, account, options }: Desk,
  call: OutboxCall,
  gasLimit: bigint,
  fees: Fees | null,
): Promise<Attempt> {
  if (fees === null) throw new RangeError("a first attempt has fees");
  const { to, data, nonce } = call;
  const type = "gasPrice" in fees ? 0 : 2;
  const { chainId, address: from } = account;
  const request = { type, chainId, nonce, from, to, data, gasLimit, value: 0n, ...fees };
  const raw = await sender.signTransaction(request).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    // A signer may be a server of its own.
    throw new ChainError(`the transaction can't be signed: ${why}`, "wait", null, error);
  });
  const signed = Transaction.from(raw);
  const asked = [from, nonce, to, data, chainId].join();
  const found = [signed.from, signed.nonce, signed.to, signed.data, signed.chainId].join();
  if (found !== asked || signed.hash === null) {
    throw new ChainError(`the signer signed another transaction: found ${found}, expected ${asked}`, "final", null);
  }
  return { hash: signed.hash as Hex, raw: raw as Hex, fees, gasLimit, at: options.now() };
}

/** Looks after a nonce was seen used until it counts as another transaction's: nodes tell of receipts a little later. */
const LOOKS = 3;

/** The receipt; `used` when another transaction has the nonce; `stalled` when nothing was mined in time. */
async function watch(
  desk: Desk,
  call: OutboxCall,
  prolong: () => Promise<void>,
): Promise<TransactionReceipt | "used" | "stalled"> {
  const { provider, account, options } = desk;
  let used = 0;
  for (let waited = 0; ; waited += options.poll) {
    try {
      const receipt = await receiptOf(desk, call);
      if (receipt !== null) return receipt;
      const count = await provider.getTransactionCount(account.address, "latest");
      used = count > call.nonce ? used + 1 : 0;
      if (used >= LOOKS) return "used";
    } catch (error) {
      // One bad answer decides nothing: the next look may get a good one.
      desk.tell(call, { type: "fault", detail: (errorTexts(error)[0] ?? "").slice(0, 300) });
    }
    if (waited >= options.stallAfter) return "stalled";
    if (options.signal?.aborted === true) {
      throw new ChainError(`stopped while ${call.intent} is on its way`, "wait", null);
    }
    await options.sleep(options.poll);
    await prolong();
  }
}
