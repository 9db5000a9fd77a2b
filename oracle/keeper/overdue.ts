/** What nobody reported in time, by the chain's counts: the rules are those of the agreement's `lapse`. */

import type { Agreement, Day } from "../../terms/model.ts";
import type { Action } from "../chain/action.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { duePlaces, reportedPlaces } from "../pass/report.ts";
import { dueBatches } from "../pending.ts";
import { dueAfter, wagerDueDay } from "../report/schedule.ts";

export interface Overdue {
  readonly clause: number;
  readonly cohort: number;
  /** Patients who count as not evaluable when it lapses; 0 for a wager. */
  readonly patients: number;
  readonly action: Extract<Action, { type: "lapse" }>;
}

/**
 * Clauses that can lapse today and could have since `after` days.
 * @param after Days, 0 or more: a lapse takes everybody who is overdue, also those who are so since yesterday.
 */
export function overdueClauses(agreement: Agreement, state: AgreementState, after: number): Overdue[] {
  return reportedPlaces(agreement).flatMap(({ clause, cohort }): Overdue[] => {
    const now = overdueOn(agreement, state, clause, cohort, state.today);
    const then = overdueOn(agreement, state, clause, cohort, state.today - after);
    if (now === null || then === null) return [];
    return [{ clause, cohort, patients: now.patients, action: { type: "lapse", clause, cohort, hint: now.batches } }];
  });
}

/** What waits for a report at one place: patients, or 1 for a wager. */
export interface Outstanding {
  readonly clause: number;
  readonly cohort: number;
  readonly due: number;
  /** Of these, what can lapse today. */
  readonly overdue: number;
}

export function outstanding(agreement: Agreement, state: AgreementState): Outstanding[] {
  return reportedPlaces(agreement).map(({ kind, clause, cohort }) => {
    const terms = agreement.clauses[clause];
    const { assessed, pending } = state.clause(clause, cohort);
    const isDue = duePlaces(agreement, state, state.today).some((it) => it.clause === clause && it.cohort === cohort);
    const late = overdueOn(agreement, state, clause, cohort, state.today);
    if (kind === "wager" || terms === undefined)
      return { clause, cohort, due: Number(isDue), overdue: Number(late !== null) };
    const { patients } = dueBatches(state, cohort, state.today - dueAfter(agreement, terms));
    return { clause, cohort, due: Math.max(0, patients - assessed - pending), overdue: late?.patients ?? 0 };
  });
}

/** Who is overdue on a day and in no pending report; null when nobody is, or the time to report was reopened. */
function overdueOn(
  agreement: Agreement,
  state: AgreementState,
  clause: number,
  cohort: number,
  today: Day,
): { readonly patients: number; readonly batches: number } | null {
  const terms = agreement.clauses[clause];
  const window = agreement.cohorts[cohort];
  if (terms === undefined || window === undefined) return null;
  const { reportWithin } = agreement.oracle;
  const { assessed, pending, settled, reopenedDay } = state.clause(clause, cohort);
  if (reopenedDay !== null && today <= reopenedDay + reportWithin) return null;
  if (terms.kind === "wager") {
    // Of a cohort that was never opened nothing is locked, and nobody waits for it.
    const isOpen = state.cohorts[cohort]?.opened === true && !settled && pending === 0;
    return isOpen && today > wagerDueDay(agreement, terms, window) + reportWithin ? { patients: 0, batches: 0 } : null;
  }
  // Overdue from the day after the last day of the reporting window.
  const due = dueBatches(state, cohort, today - 1 - reportWithin - dueAfter(agreement, terms));
  const patients = due.patients - assessed - pending;
  return patients > 0 ? { patients, batches: due.batches } : null;
}
