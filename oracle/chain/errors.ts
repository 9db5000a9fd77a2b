/** What goes wrong on the way to the chain, and whether trying again can help. */

import { isCallException, isError, type ErrorDescription } from "ethers";

import {
  AgreementFactory__factory,
  OutcomeAgreement__factory,
  Refuter__factory,
  TokenisedDeposit__factory,
} from "../../typechain-types/index.ts";

/**
 * - `moved`: the chain has moved on; read it and compute again.
 * - `wait`: the same will work later: when the day has come, a window is over, money is there, the network answers.
 * - `final`: it will never work.
 */
export type Retry = "moved" | "wait" | "final";

export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly retry: Retry;
  /** Name of the contract's error; null when it was none. */
  readonly refusal: string | null;

  constructor(message: string, retry: Retry, refusal: string | null, cause?: unknown) {
    super(message, { cause });
    this.retry = retry;
    this.refusal = refusal;
  }
}

const MOVED = new Set([
  "WrongNumber",
  "Expired",
  "AlreadySettled",
  "MorePatientsThanEnrolled",
  "IndexOutOfOrder",
  "CohortFull",
  "NotThePendingReport",
  // The oracle or its members may have been replaced since the signatures were collected.
  "NotEndorsed",
]);

const WAIT = new Set([
  "AsOfInFuture",
  "NotYetDue",
  "InsufficientEscrow",
  "GasTooLow",
  "ReportChallenged",
  "ChallengeWindowOpen",
  "OutcomesOutstanding",
  "ReportingWindowOpen",
  "ReportPending",
]);

// The deposit token brings the errors of every OpenZeppelin ERC-20 along.
const ABIS = [OutcomeAgreement__factory, Refuter__factory, AgreementFactory__factory, TokenisedDeposit__factory].map(
  (factory) => factory.createInterface(),
);

/** The contract's error that a failed call carries; null when there is none that we know. */
export function refusalOf(error: unknown): ErrorDescription | null {
  const data = revertData(error);
  if (data === null) return null;
  for (const abi of ABIS) {
    const refusal = abi.parseError(data);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Names the contract's error with its values; anything else is taken for a fault that passes. */
export function explainChainError(error: unknown): ChainError {
  if (error instanceof ChainError) return error;
  const refusal = refusalOf(error);
  if (refusal !== null) return new ChainError(describe(refusal), retryOf(refusal.name), refusal.name, error);
  if (isCallException(error)) {
    const detail = error.reason ?? error.data ?? "no reason given";
    return new ChainError(`the call was refused: ${detail}`, "final", null, error);
  }
  if (isError(error, "INSUFFICIENT_FUNDS")) {
    return new ChainError("the operator's account can't pay for gas", "wait", null, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ChainError(`the chain can't be reached: ${message.slice(0, 300)}`, "wait", null, error);
}

/** The words of an error and of what it rests on, the innermost first: there the node speaks. */
export function errorTexts(error: unknown): string[] {
  const texts: string[] = [];
  const visit = (inner: unknown, depth: number): void => {
    if (typeof inner !== "object" || inner === null || depth > 5) return;
    const { cause, error: answer, info, shortMessage, message } = inner as Record<string, unknown>;
    for (const deeper of [answer, info, cause]) visit(deeper, depth + 1);
    const text = shortMessage ?? message;
    if (typeof text === "string") texts.push(text);
  };
  visit(error, 0);
  return texts.length === 0 ? [String(error)] : texts;
}

/** What a refused call returned: providers put it on the error, inside its `data`, or on one of its causes. */
function revertData(error: unknown): string | null {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { data } = inner as { data?: unknown };
    const found = typeof data === "object" && data !== null && "data" in data ? data.data : data;
    if (typeof found === "string" && /^0x[0-9a-f]{8}/i.test(found)) return found;
  }
  return null;
}

/** What a refusal by its name means for whoever sent the call. */
export function retryOf(name: string): Retry {
  return MOVED.has(name) ? "moved" : WAIT.has(name) ? "wait" : "final";
}

/** `InsufficientEscrow(account: 0, balance: 1, needed: 2)`. */
export function describe({ name, args, fragment }: ErrorDescription): string {
  const values = fragment.inputs.map((input, i) => `${input.name}: ${String(args[i])}`);
  return `${name}(${values.join(", ")})`;
}
