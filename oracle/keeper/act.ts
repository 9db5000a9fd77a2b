/** One act that anyone may do: sent when it is this node's turn, and no failure when somebody else was faster. */

import type { Action } from "../chain/action.ts";
import { ChainError } from "../chain/errors.ts";
import { eventAt, failure, type Found, type PassEvent } from "../pass/event.ts";
import type { NodeParts } from "../pass/parts.ts";
import type { SourcePatient } from "../outcomes.ts";
import type { Turn } from "../turns.ts";

/** Refusals of an act that was open when the chain was read: it has been done since. */
const DONE_SINCE = new Set([
  "AlreadySettled",
  "NotYetDue",
  "NotThePendingReport",
  "ReportingWindowOpen",
  "ReportPending",
]);

/**
 * @param turn `number` tells one act at a place from the next.
 * @param operators Who goes before others, in turn; whoever is not among them goes last.
 */
export async function act<P extends SourcePatient>(
  { chain, turns, own }: Pick<NodeParts<P>, "chain" | "turns" | "own">,
  step: "settle" | "lapse",
  action: Action,
  turn: Turn,
  operators: readonly string[],
  report: number | null,
): Promise<PassEvent> {
  const event = (found: Found): PassEvent => eventAt(step, { ...turn, number: report }, found);
  if (turns?.isMine(turn, own, operators) === false) {
    return event({ result: "waiting", detail: "another node goes first" });
  }
  try {
    const { standing, receipt } = await chain.submit(action);
    if (standing === "superseded") return event({ result: "superseded", detail: "it is void" });
    return event({ result: "done", detail: receipt === null ? "stands on the chain already" : receipt.hash });
  } catch (error) {
    if (error instanceof ChainError && error.refusal !== null && DONE_SINCE.has(error.refusal)) {
      return event({ result: "superseded", detail: `somebody else was faster: ${error.message}` });
    }
    return event(failure(error));
  }
}
