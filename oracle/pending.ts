/** What can be settled without a signature: reports after their window, and what the contract knows by itself. */

import { assessment, type Agreement, type PartyRef } from "../terms/model.ts";
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

/** A call that settles a clause by what the contract knows. */
export type SettleClause = Extract<Action, { type: "settleClause" }>;

/** Clauses that the contract settles by itself and that have something due: wagers on what it knows, payments by time. */
export function settleableClauses(agreement: Agreement, state: AgreementState): SettleClause[] {
  return agreement.clauses.flatMap((terms, clause) =>
    [...terms.payoffs.keys()].flatMap((cohort): SettleClause[] => {
      const standing = state.clause(clause, cohort);
      const window = agreement.cohorts[cohort];
      if (window === undefined) return [];
      const { batches, patients } = dueBatches(state, cohort, state.today - dueAfter(agreement, terms));
      const settle: SettleClause = { type: "settleClause", clause, cohort, hint: batches };
      if (terms.kind === "wager") {
        if (terms.metric?.knownTo !== "contract" || standing.settled) return [];
        if (state.cohorts[cohort]?.opened !== true || wagerDueDay(agreement, terms, window) > state.today) return [];
        return terms.metric.id !== OUTLAY || isOutlayKnown(agreement, state, cohort) ? [settle] : [];
      }
      return assessment(terms) === "time" && patients > standing.assessed ? [settle] : [];
    }),
  );
}

/** Whether every clause along which the payer pays or is paid in this cohort has ended: only then is the outlay final. */
function isOutlayKnown(agreement: Agreement, state: AgreementState, cohort: number): boolean {
  const isPayer = (party: PartyRef): boolean => agreement.members[party.first]?.group === "payer";
  return agreement.clauses.every((terms, clause) => {
    if (!terms.payoffs.has(cohort) || terms.metric?.id === OUTLAY) return true;
    if (!isPayer(terms.from) && !isPayer(terms.to)) return true;
    const { settled, assessed } = state.clause(clause, cohort);
    if (terms.kind === "wager") return settled;
    return assessment(terms) === "enrolment" || assessed === (state.cohorts[cohort]?.patients ?? 0);
  });
}

/** The metric of what the payer has paid. */
const OUTLAY = "outlay";

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
