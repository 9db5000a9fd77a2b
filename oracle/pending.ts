/** What can be settled without a signature: reports after their window, and what the contract knows by itself. */

import { assessment, type Agreement } from "../terms/model.ts";
import type { Action } from "./chain/action.ts";
import type { AgreementState } from "./chain/agreementState.ts";
import type { LandedReport } from "./chain/history.ts";
import { MAX_VALIDITY } from "./endorse/endorser.ts";
import { commitmentOf, type OracleMessage } from "./report/messages.ts";
import { dueAfter, wagerDueDay } from "./report/schedule.ts";

/** Batches of a cohort that are due on a day, and the patients in them. */
export function dueBatches(
  { cohorts }: AgreementState,
  cohort: number,
  lastIndexedDay: number,
): { batches: number; patients: number } {
  const due = (cohorts[cohort]?.enrolments ?? []).filter(({ indexedDay }) => indexedDay <= lastIndexedDay);
  return { batches: due.length, patients: due.reduce((sum, { patients }) => sum + patients, 0) };
}

/** Clauses that the contract settles by itself and that have something due: wagers on what it knows, payments by time. */
export function settleableClauses(agreement: Agreement, state: AgreementState): Action[] {
  return agreement.clauses.flatMap((terms, clause) =>
    [...terms.payoffs.keys()].flatMap((cohort): Action[] => {
      const standing = state.clause(clause, cohort);
      const window = agreement.cohorts[cohort];
      if (window === undefined) return [];
      const { batches, patients } = dueBatches(state, cohort, state.today - dueAfter(agreement, terms));
      const settle: Action = { type: "settleClause", clause, cohort, hint: batches };
      if (terms.kind === "wager") {
        const isKnown = terms.metric?.knownTo === "contract";
        const isDue = wagerDueDay(agreement, terms, window) <= state.today && state.cohorts[cohort]?.opened === true;
        return isKnown && isDue && !standing.settled ? [settle] : [];
      }
      return assessment(terms) === "time" && patients > standing.assessed ? [settle] : [];
    }),
  );
}

/** Reports that landed and are neither settled nor void. */
export function openReports(agreement: Agreement, state: AgreementState): LandedReport[] {
  return agreement.clauses.flatMap((terms, clause) =>
    [...terms.payoffs.keys()].flatMap((cohort) =>
      state.clause(clause, cohort).reports.filter(({ standing }) => standing === "open"),
    ),
  );
}

/**
 * The whole report behind a commitment. Its last day, which the event leaves out, is found by trying: it lies between the
 * day the report landed and the longest validity that operators give.
 * @param landedDay The day on which the report landed.
 * @param longest Days of validity to try.
 * @returns null when no last day fits.
 */
export function wholeReport(
  landed: LandedReport,
  commitment: string,
  landedDay: number,
  longest: number = MAX_VALIDITY,
): Settleable | null {
  for (let lastDay = landedDay; lastDay <= landedDay + longest; lastDay++) {
    const content = withLastDay(landed, lastDay);
    if (commitmentOf(content) === commitment) return content;
  }
  return null;
}

export type Settleable = Exclude<OracleMessage, { kind: "enrolment" }>;

function withLastDay(landed: LandedReport, lastDay: number): Settleable {
  return landed.kind === "milestone"
    ? { kind: "milestone", message: { ...landed.report, lastDay } }
    : { kind: "wager", message: { ...landed.report, lastDay } };
}
