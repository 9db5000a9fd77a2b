/** When things are due, and on which day operators look. Days are whole days since 1970-01-01 UTC. */

import { assessment, type Agreement, type Clause, type Cohort, type Day, type Payoff } from "../../terms/model.ts";
import type { Tally } from "../../terms/payoff.ts";

/** Days from a batch's index day to the day on which a milestone is due for it; 0 for one due at enrolment. */
export function dueAfter(agreement: Agreement, clause: Clause): number {
  if (clause.due === "enrolment") return 0;
  return clause.due + (assessment(clause) === "outcome" ? agreement.oracle.grace : 0);
}

/** The day on which a wager is due: no grace is needed for what the contract knows, and enrolment must have ended. */
export function wagerDueDay(agreement: Agreement, clause: Clause, cohort: Cohort): Day {
  const grace = clause.metric?.knownTo === "contract" ? 0 : agreement.oracle.grace;
  const due = clause.due === "enrolment" ? 0 : clause.due;
  return cohort.closes + Math.max(due + grace, cohort.enrolWithin);
}

/** The latest day on or before `today` that a report may look from; null when the first still lies ahead. */
export function reportingDay(agreement: Agreement, today: Day): Day | null {
  const { reportEvery } = agreement.oracle;
  const first = Math.min(...agreement.cohorts.map(({ opens }) => opens));
  if (today < first) return null;
  return reportEvery === 0 ? today : today - ((today - first) % reportEvery);
}

/** The reporting day after this one. */
export function nextReportingDay(agreement: Agreement, asOfDay: Day): Day {
  return asOfDay + Math.max(1, agreement.oracle.reportEvery);
}

/** Why a report is held back, in words for the operators' log. */
export interface HeldBack {
  readonly reason: string;
  readonly until: Day;
}

/**
 * Small cells reveal people: a report of fewer than `minCell` patients, or with a sloped tier of fewer (but not of
 * none), waits for the next reporting day, as long as everyone in it is then still within `reportWithin`.
 * @param earliestDue The day on which the first of the report's patients became due.
 */
export function heldBack(
  agreement: Agreement,
  payoff: Payoff,
  report: { readonly tallies: readonly Tally[]; readonly notEvaluable: number },
  asOfDay: Day,
  earliestDue: Day,
): HeldBack | null {
  const { minCell, reportWithin } = agreement.oracle;
  const until = nextReportingDay(agreement, asOfDay);
  if (until > earliestDue + reportWithin) return null;
  const patients = report.tallies.reduce((sum, tally) => sum + tally.patients, report.notEvaluable);
  if (patients < minCell) return { reason: `${patients} patients, fewer than minCell ${minCell}`, until };
  const small = report.tallies.findIndex(
    (tally, k) => payoff.tiers[k]?.slope !== 0n && tally.patients > 0 && tally.patients < minCell,
  );
  if (small === -1) return null;
  return {
    reason: `${report.tallies[small]?.patients} patients in tier ${small}, fewer than minCell ${minCell}`,
    until,
  };
}
