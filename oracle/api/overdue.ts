/** How many patients are due and not assessed: what tells a choosy or a slow oracle. A pure function of the chain. */

import { assessment, type Agreement } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { overdueClauses } from "../keeper/overdue.ts";
import { dueBatches } from "../pending.ts";
import { dueAfter, wagerDueDay } from "../report/schedule.ts";

export interface Outstanding {
  readonly clause: number;
  readonly cohort: number;
  /** Patients due today whom no settled or pending report has assessed; of a wager, the cohort's patients. */
  readonly due: number;
  /** Those of them whom anyone may lapse. */
  readonly late: number;
}

/** For every clause in every cohort that something falls due of after enrolment. */
export function outstanding(agreement: Agreement, state: AgreementState): Outstanding[] {
  const overdue = overdueClauses(agreement, state, 0);
  return agreement.clauses.flatMap((terms, clause) => {
    if (assessment(terms) === "enrolment") return [];
    return [...terms.payoffs.keys()].flatMap((cohort): Outstanding[] => {
      const window = agreement.cohorts[cohort];
      if (window === undefined) return [];
      const { assessed, pending, settled } = state.clause(clause, cohort);
      const { opened = false, patients = 0 } = state.cohorts[cohort] ?? {};
      const late = overdue.find((found) => found.clause === clause && found.cohort === cohort);
      if (terms.kind === "wager") {
        const isDue = opened && !settled && pending === 0 && state.today >= wagerDueDay(agreement, terms, window);
        return [{ clause, cohort, due: isDue ? patients : 0, late: late === undefined ? 0 : patients }];
      }
      const due = dueBatches(state, cohort, state.today - dueAfter(agreement, terms)).patients - assessed - pending;
      return [{ clause, cohort, due: Math.max(0, due), late: late?.patients ?? 0 }];
    });
  });
}
