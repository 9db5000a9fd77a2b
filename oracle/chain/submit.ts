/**
 * Sends one call and sees it through. The effect happens at most once: the contract takes each number once, and all
 * attempts at one call share one nonce, so that at most one of them can be mined. One process uses an account at a time.
 */

import type { Provider, TransactionReceipt, TransactionRequest } from "ethers";

import type { Hex } from "../report/bytes.ts";
import type { Standing } from "./action.ts";
import { ChainError, explainChainError } from "./errors.ts";

/** An account that pays for gas. */
export interface Sender {
  readonly provider: Provider;
  getAddress(): Promise<string>;
  sendTransaction(request: TransactionRequest): Promise<{ readonly hash: string }>;
}

export interface Call {
  readonly to: string;
  readonly data: Hex;
  /** Asked before sending, and whenever it is unclear what became of an attempt. */
  readonly standing: () => Promise<Standing>;
}

export interface SubmitOptions {
  /** Blocks with and on top of the call's. */
  readonly confirmations: number;
  /** Milliseconds between looks for the receipt. */
  readonly poll: number;
  /** Milliseconds after which an attempt counts as stalled and is sent again with a higher fee. */
  readonly stallAfter: number;
  /** Attempts in all. */
  readonly attempts: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Submitted {
  readonly standing: Exclude<Standing, "open">;
  /** Null when there was nothing to send. */
  readonly receipt: TransactionReceipt | null;
}

/** Room for what changes between estimate and block, in percent. */
const GAS_ROOM = 125n;
/** Nodes ask at least 10% more for a replacement. */
const FEE_BUMP = 125n;

/**
 * @returns how the call stands once it is confirmed, or once something else took its place.
 * @throws ChainError; `wait` after the last attempt, whose effect may still come: the next pass finds out.
 */
export async function submit(sender: Sender, call: Call, options: SubmitOptions): Promise<Submitted> {
  try {
    return await sendAndWatch(sender, call, options);
  } catch (error) {
    throw explainChainError(error);
  }
}

async function sendAndWatch(sender: Sender, call: Call, options: SubmitOptions): Promise<Submitted> {
  const before = await call.standing();
  if (before !== "open") return { standing: before, receipt: null };

  const { provider } = sender;
  const from = await sender.getAddress();
  const request = { from, to: call.to, data: call.data };
  await provider.call(request);
  const gasLimit = ((await provider.estimateGas(request)) * GAS_ROOM) / 100n;
  // Not the pending nonce: an attempt that is stuck since before a restart is replaced, never joined.
  const nonce = await provider.getTransactionCount(from, "latest");
  const { chainId } = await provider.getNetwork();
  let fees = await currentFees(provider);
  const hashes: string[] = [];

  for (let attempt = 0; attempt < options.attempts; attempt++) {
    try {
      const sent = await sender.sendTransaction({ ...request, chainId, nonce, gasLimit, ...fees });
      hashes.push(sent.hash);
    } catch (error) {
      if (!isReplacement(error)) throw error;
    }
    const receipt = await firstReceipt(provider, hashes, options);
    if (receipt !== null) {
      if (receipt.status === 1) return { standing: "landed", receipt };
      // Somebody was faster, or the state moved: the refusal says which.
      const after = await call.standing();
      if (after !== "open") return { standing: after, receipt };
      await provider.call(request);
      throw new ChainError(`transaction ${receipt.hash} was reverted`, "wait", null);
    }
    const after = await call.standing();
    if (after !== "open") return { standing: after, receipt: null };
    fees = bump(fees);
  }
  throw new ChainError(`not mined after ${options.attempts} attempts`, "wait", null);
}

type Fees = { gasPrice: bigint } | { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };

async function currentFees(provider: Provider): Promise<Fees> {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
  if (maxFeePerGas !== null && maxPriorityFeePerGas !== null) return { maxFeePerGas, maxPriorityFeePerGas };
  return { gasPrice: gasPrice ?? 0n };
}

function bump(fees: Fees): Fees {
  const more = (fee: bigint): bigint => (fee * FEE_BUMP) / 100n + 1n;
  if ("gasPrice" in fees) return { gasPrice: more(fees.gasPrice) };
  return { maxFeePerGas: more(fees.maxFeePerGas), maxPriorityFeePerGas: more(fees.maxPriorityFeePerGas) };
}

/** An attempt with this nonce is in the pool or mined already: not a fault, the receipts or the standing will tell. */
function isReplacement(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (code === "REPLACEMENT_UNDERPRICED" || code === "NONCE_EXPIRED") return true;
  return error instanceof Error && /already known|already imported|underpriced/i.test(error.message);
}

/** The receipt of whichever attempt was mined, once it is deep enough; null when none was in time. */
async function firstReceipt(
  provider: Provider,
  hashes: readonly string[],
  { confirmations, poll, stallAfter, sleep }: SubmitOptions,
): Promise<TransactionReceipt | null> {
  let waited = 0;
  for (;;) {
    let mined = false;
    for (const hash of hashes) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt === null) continue;
      mined = true;
      const depth = (await provider.getBlockNumber()) - receipt.blockNumber + 1;
      if (depth >= confirmations) return receipt;
    }
    // What is mined does not stall: it waits for blocks. A reorganisation that drops it starts the clock.
    if (!mined && waited >= stallAfter) return null;
    await sleep(poll);
    if (!mined) waited += poll;
  }
}
