/** Settles what needs no signature: reports after their windows, and what the contract knows by itself. */

import type { Action } from "../chain/action.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import type { SourcePatient } from "../outcomes.ts";
import { eventAt, type PassEvent } from "../pass/event.ts";
import type { NodeParts } from "../pass/parts.ts";
import { openReports, settleableClauses, wholeReport } from "../pending.ts";
import { act } from "./act.ts";
import type { Turn } from "../turns.ts";

interface Settlement {
  readonly turn: Turn;
  readonly report: number | null;
  /** Null when the report's content can't be told. */
  readonly action: Action | null;
}

/** @throws ChainError when the chain can't be read */
export async function settle<P extends SourcePatient>(
  parts: NodeParts<P>,
  operators: readonly string[],
): Promise<PassEvent[]> {
  const events: PassEvent[] = [];
  const tried = new Set<string>();
  // What one settlement decides may be what another waits for: the outlay is known once all else has ended.
  for (;;) {
    const state = await parts.chain.read();
    const open = [...(await dueReports(parts, state)), ...dueClauses(parts, state)].filter(
      ({ turn }) => !tried.has(nameOf(turn)),
    );
    let isDone = false;
    for (const { turn, report, action } of open) {
      tried.add(nameOf(turn));
      if (action === null) {
        events.push(eventAt("settle", { ...turn, number: report }, UNKNOWN_CONTENT));
        continue;
      }
      const event = await act(parts, "settle", action, turn, operators, report);
      events.push(event);
      isDone ||= event.result === "done";
    }
    if (!isDone) return events;
  }
}

const UNKNOWN_CONTENT = {
  result: "failed",
  detail: "the report's last day is not known here: whoever knows it can settle the report",
} as const;

/** Longer than any validity of an endorsement that makes sense, in days. */
const LONGEST_VALIDITY = 3_660;
const SECONDS_A_DAY = 86_400;

/** Pending reports whose window is over, or whose arbiter has let the time for a ruling pass. */
async function dueReports<P extends SourcePatient>(
  { agreement, chain }: NodeParts<P>,
  state: AgreementState,
): Promise<Settlement[]> {
  const { challengeWindow, ruleWithin } = agreement.oracle;
  const found: Settlement[] = [];
  for (const landed of openReports(agreement, state)) {
    const { clause, cohort, number } = landed.report;
    const pending = await chain.pendingReport(clause, cohort, number);
    if (pending === null) continue;
    const from = pending.challenged === 0 ? pending.landed : pending.challenged;
    const days = pending.challenged === 0 ? challengeWindow : ruleWithin;
    if (state.time < from + days * SECONDS_A_DAY) continue;
    const landedDay = Math.floor(pending.landed / SECONDS_A_DAY);
    const whole =
      wholeReport(landed, pending.commitment, landedDay) ??
      wholeReport(landed, pending.commitment, landedDay, LONGEST_VALIDITY);
    found.push({
      turn: { kind: "settle report", clause, cohort, number },
      report: number,
      action:
        whole === null
          ? null
          : whole.kind === "milestone"
            ? { type: "settleMilestone", message: whole.message }
            : { type: "settleWager", message: whole.message },
    });
  }
  return found;
}

function dueClauses<P extends SourcePatient>({ agreement }: NodeParts<P>, state: AgreementState): Settlement[] {
  return settleableClauses(agreement, state).map((action) => {
    const { clause, cohort } = action;
    // Those settled so far tell one settlement from the next.
    const number = state.clause(clause, cohort).assessed;
    return { turn: { kind: "settle clause", clause, cohort, number }, report: null, action };
  });
}

const nameOf = ({ kind, clause, cohort, number }: Turn): string => `${kind} ${clause ?? "-"} ${cohort} ${number}`;
