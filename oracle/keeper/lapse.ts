/** Counts the overdue as not evaluable: nobody reported in time. */

import type { SourcePatient } from "../outcomes.ts";
import type { PassEvent } from "../pass/event.ts";
import type { NodeParts } from "../pass/parts.ts";
import { act } from "./act.ts";
import { overdueClauses } from "./overdue.ts";

export interface LapsePlace {
  readonly clause: number;
  readonly cohort: number;
}

/**
 * @param isReporting Whether this node is about to report there: what it can still report it never lapses.
 * @throws ChainError when the chain can't be read
 */
export async function lapse<P extends SourcePatient>(
  parts: NodeParts<P>,
  operators: readonly string[],
  isReporting: (place: LapsePlace) => boolean,
): Promise<PassEvent[]> {
  const { agreement, chain, keeper } = parts;
  if (keeper.lapseAfter === null) return [];
  const state = await chain.read();
  const events: PassEvent[] = [];
  for (const { clause, cohort, action } of overdueClauses(agreement, state, keeper.lapseAfter)) {
    if (isReporting({ clause, cohort })) continue;
    const { assessed } = state.clause(clause, cohort);
    const turn = { kind: "lapse", clause, cohort, number: assessed };
    events.push(await act(parts, "lapse", action, turn, operators, null));
  }
  return events;
}
