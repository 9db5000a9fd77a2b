/** Reports what is due: milestones for exactly the patients that are due, wagers for the cohort. */

import { assessment, type Agreement, type Day } from "../../terms/model.ts";
import type { OracleAccount } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { computeMilestone, computeWager, type Computed } from "../compute.ts";
import type { Outcomes, SourcePatient } from "../outcomes.ts";
import { dueBatches } from "../pending.ts";
import type { Place } from "../report/messages.ts";
import { dueAfter, wagerDueDay } from "../report/schedule.ts";
import { loadView } from "../view.ts";
import type { PassEvent } from "./event.ts";
import type { NodeParts } from "./parts.ts";
import { proposePlace } from "./propose.ts";

export interface ReportPlace {
  readonly kind: "milestone" | "wager";
  readonly clause: number;
  readonly cohort: number;
}

/** Where the oracle reports, as far as the agreement goes. */
export function reportedPlaces(agreement: Agreement): ReportPlace[] {
  return agreement.clauses.flatMap((terms, clause) => {
    if (terms.metric?.knownTo !== "oracle" || assessment(terms) !== "outcome") return [];
    return [...terms.payoffs.keys()].map((cohort) => ({ kind: terms.kind, clause, cohort }));
  });
}

/** Where something is due on a day that nobody has reported: by the chain's counts alone, before any record is read. */
export function duePlaces(agreement: Agreement, state: AgreementState, asOfDay: Day): ReportPlace[] {
  return reportedPlaces(agreement).filter(({ kind, clause, cohort }) => {
    const terms = agreement.clauses[clause];
    const window = agreement.cohorts[cohort];
    if (terms === undefined || window === undefined) return false;
    const { assessed, pending, settled } = state.clause(clause, cohort);
    if (kind === "wager") {
      const isOpened = state.cohorts[cohort]?.opened === true;
      return isOpened && !settled && pending === 0 && wagerDueDay(agreement, terms, window) <= asOfDay;
    }
    return dueBatches(state, cohort, asOfDay - dueAfter(agreement, terms)).patients > assessed + pending;
  });
}

/** @throws nothing: what goes wrong at one place is an event, and the others go on. */
export async function report<P extends SourcePatient>(
  parts: NodeParts<P>,
  oracle: OracleAccount,
  state: AgreementState,
  asOfDay: Day,
  records: Outcomes<P>,
): Promise<PassEvent[]> {
  const events: PassEvent[] = [];
  const view = await loadView(parts, state, records);
  const dates = { asOfDay, lastDay: state.today + parts.validity };
  for (const { kind, clause, cohort } of duePlaces(parts.agreement, state, asOfDay)) {
    const place: Place = { kind, clause, cohort, number: state.clause(clause, cohort).number + 1 };
    const computeKind = kind === "milestone" ? computeMilestone : computeWager;
    const compute = (): Computed => computeKind(view, clause, cohort, dates);
    events.push(...(await proposePlace(parts, view, oracle, place, dates, compute)));
  }
  return events;
}
