/** What sending works with. */

import type { Provider, TransactionReceipt, TransactionRequest } from "ethers";

import type { AccountId, Outbox, OutboxCall } from "./outbox.ts";
import { canonicalReceipt } from "./receipt.ts";
import type { SubmitEvent, SubmitStep } from "./submitEvent.ts";

/** An account that pays for gas. */
export interface Sender {
  readonly provider: Provider;
  getAddress(): Promise<string>;
  /** @returns the signed transaction's bytes in hex. */
  signTransaction(request: TransactionRequest): Promise<string>;
}

export interface SubmitOptions {
  readonly outbox: Outbox;
  /** Names this process and this service in it, for others that share the store. */
  readonly holder: string;
  /** Whether a holder is known to have died; default: never. */
  readonly isGone?: (holder: string) => boolean;
  /** Milliseconds since 1970-01-01 UTC; decides about nothing that is signed. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Blocks with and on top of the call's. */
  readonly confirmations: number;
  /** Milliseconds between looks for the receipt. */
  readonly poll: number;
  /** Milliseconds after which an attempt counts as stalled and is sent again with a higher fee. */
  readonly stallAfter: number;
  /** Attempts of one try at a call; a later try goes on from there. */
  readonly attempts: number;
  /** The most that a unit of gas may cost, in wei; null or left out: no cap. */
  readonly maxFee?: bigint | null;
  readonly onEvent?: (event: SubmitEvent) => void;
  /** Ends the waiting when the process is to stop; what was sent is found again by the next start. */
  readonly signal?: AbortSignal;
}

/** An account, where it sends, and how. */
export interface Desk {
  readonly sender: Sender;
  readonly provider: Provider;
  readonly account: AccountId;
  readonly outbox: Outbox;
  readonly options: SubmitOptions;
  tell(call: OutboxCall, step: SubmitStep): void;
}

export function deskOf(sender: Sender, account: AccountId, options: SubmitOptions): Desk {
  return {
    sender,
    provider: sender.provider,
    account,
    outbox: options.outbox,
    options,
    tell: ({ intent, to, nonce }, step) => options.onEvent?.({ intent, to, from: account.address, nonce, step }),
  };
}

/** The canonical receipt of whichever of a call's attempts was mined. @throws FalseReceipt; the provider's errors */
export async function receiptOf({ provider, account }: Desk, call: OutboxCall): Promise<TransactionReceipt | null> {
  // The newest first: nodes keep the one that pays most.
  for (const { hash } of [...call.attempts].reverse()) {
    const receipt = await canonicalReceipt(provider, hash, account.address);
    if (receipt !== null) return receipt;
  }
  return null;
}
