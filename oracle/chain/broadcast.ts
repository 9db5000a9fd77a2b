/** Hands a signed transaction to the chain, and tells what the node's answer means. Handing it over twice does no harm. */

import { isError, type Provider } from "ethers";

import { errorTexts } from "./errors.ts";

/**
 * - `taken`: the node has it.
 * - `nonce used`: a transaction with this nonce is in the chain, this one or another.
 * - `underpriced`: another with this nonce is in the pool, or the fee is below what the node takes.
 * - `no funds`: the account can't pay for it.
 * - `refused`: for another reason, told by the node.
 * - `unclear`: no answer that can be read; the node may have it or not.
 */
export interface Broadcast {
  readonly result: "taken" | "nonce used" | "underpriced" | "no funds" | "refused" | "unclear";
  /** The node's words; empty when it took it. */
  readonly detail: string;
}

const ANSWERS: readonly (readonly [RegExp, Broadcast["result"]])[] = [
  [/already known|already imported|already in (the )?(mem)?pool|known transaction|ALREADY_EXISTS/i, "taken"],
  [/nonce too low|nonce is too low|nonce.{0,20}already (been )?used|nonce has already/i, "nonce used"],
  [
    /underpriced|gas price (is )?too low|fee too low|less than (the )?(block|current) base ?fee|below.{0,30}base ?fee/i,
    "underpriced",
  ],
  [/insufficient (funds|balance)|enough funds|upfront cost exceeds/i, "no funds"],
];

/** Never throws. */
export async function broadcast(provider: Provider, raw: string): Promise<Broadcast> {
  try {
    await provider.broadcastTransaction(raw);
    return { result: "taken", detail: "" };
  } catch (error) {
    return meaningOf(error);
  }
}

/** What an error on handing over a transaction means. */
export function meaningOf(error: unknown): Broadcast {
  const texts = errorTexts(error);
  const detail = (texts[0] ?? "").slice(0, 300);
  if (isError(error, "REPLACEMENT_UNDERPRICED")) return { result: "underpriced", detail };
  if (isError(error, "NONCE_EXPIRED")) return { result: "nonce used", detail };
  if (isError(error, "INSUFFICIENT_FUNDS")) return { result: "no funds", detail };
  for (const [pattern, result] of ANSWERS) {
    if (texts.some((text) => pattern.test(text))) return { result, detail };
  }
  return { result: isAnswer(error) ? "refused" : "unclear", detail };
}

/** Whether a node answered with a JSON-RPC error: then it understood and did not take it. */
function isAnswer(error: unknown): boolean {
  const answer = (error as { error?: { code?: unknown } } | null)?.error;
  return typeof answer?.code === "number";
}
