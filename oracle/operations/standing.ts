/** How an agreement stands, as figures for monitoring. */

import type { Agreement } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { cover } from "../keeper/cover.ts";
import { outstanding } from "../keeper/overdue.ts";
import type { Metrics } from "./metrics.ts";

export function measureStanding(metrics: Metrics, agreement: Agreement, state: AgreementState): void {
  const idOf = (cohort: number): string => agreement.cohorts[cohort]?.id ?? String(cohort);
  for (const { clause, cohort, due, overdue } of outstanding(agreement, state)) {
    metrics.outstanding(agreement.clauses[clause]?.id ?? String(clause), idOf(cohort), due, overdue);
  }
  // Of several parties the one whose money does for the fewest.
  const fewest = new Map<string, number>();
  for (const { cohort, suffices } of cover(agreement, state)) {
    fewest.set(idOf(cohort), Math.min(suffices, fewest.get(idOf(cohort)) ?? Infinity));
  }
  metrics.coverage(fewest);
}
