/** What sending tells while it is under way: for logs and metrics. It names calls and transactions, never a patient. */

import type { Fees } from "./fees.ts";

export interface SubmitEvent {
  /** `enrol cohort 0 number 3`. */
  readonly intent: string;
  /** The contract that is called. */
  readonly to: string;
  /** The account that pays. */
  readonly from: string;
  readonly nonce: number;
  readonly step: SubmitStep;
}

/**
 * - `planned`: the call has its nonce.
 * - `attempt`: a transaction was signed and kept, and is handed over now; `number` counts from 1, more than 1 is a bump.
 * - `rebroadcast`: the same signed transaction is handed over again.
 * - `capped`: the chain asks more than the operator's cap; it waits.
 * - `mined`, `confirmed`: in a block; and deep enough.
 * - `reverted`: it is in a block and had no effect.
 * - `reorged`: the block that it was in is no longer part of the chain.
 * - `dropped`: another transaction of the account used its nonce.
 * - `fault`: the node failed, contradicted itself or refused; it is asked again.
 */
export type SubmitStep =
  | { readonly type: "planned" }
  | { readonly type: "attempt"; readonly number: number; readonly hash: string; readonly fees: Fees }
  | { readonly type: "rebroadcast"; readonly hash: string }
  | { readonly type: "capped"; readonly needed: bigint; readonly cap: bigint }
  | { readonly type: "mined" | "confirmed" | "reverted"; readonly hash: string; readonly block: number }
  | { readonly type: "reorged"; readonly block: number }
  | { readonly type: "dropped" }
  | { readonly type: "fault"; readonly detail: string };
