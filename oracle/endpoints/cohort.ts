/** What every endpoint of a cohort is: a pure function from the enrolled patients' records to one value. */

import type { Agreement, Clause, Cohort, Day, Tier } from "../../terms/model.ts";
import { tierOf } from "../../terms/payoff.ts";
import type { Needs } from "../needs.ts";
import type { PatientRecord, Statement } from "../record.ts";
import type { Outcome } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";

/** Why a cohort's metric can't be determined. Published by name, hence a closed list. */
export const COHORT_REASONS = [
  "no-patients", // nobody is enrolled, or nobody is left to divide by
  "too-few-evaluable", // a smaller share of the patients than endpoint.minEvaluable has an outcome
  "beyond-follow-up", // survival after the last observation, which was a censoring
  "too-few-at-risk", // fewer patients still observed at the horizon than endpoint.minAtRisk
  "partial-date", // the possible days of some deaths lead to different results
  "no-statement", // nobody stated the figure for this cohort
  "several-statements", // more than one statement of the figure for this cohort
  "inexact-statement", // stated with more decimals than the metric has
  "unit-differs", // stated in another currency or unit than the metric's
  "not-0-or-1", // a condition with another value
] as const;
export type CohortReason = (typeof COHORT_REASONS)[number];

export interface CohortQuestion {
  readonly agreement: Agreement;
  readonly clause: Clause;
  readonly cohort: Cohort;
  readonly asOf: Day;
  readonly options: ResolvedOptions;
  readonly tiers: readonly Tier[];
  /** The value itself matters, not its tier alone: another is computed from it. */
  readonly exact?: true;
  /** Enrolled patients whom the records hold no more. */
  readonly missing: number;
  /** Figures that no patient's record carries. */
  readonly statements: readonly Statement[];
}

/** A cohort's value or the reason why there is none, and each patient's part in it. */
export interface CohortFinding {
  readonly outcome: { readonly value: bigint } | { readonly notEvaluable: CohortReason };
  /** Ids of what the value rests on, apart from the patients' own. */
  readonly evidence: readonly string[];
  /** In the order of the records; empty when the value does not come from them. */
  readonly parts: readonly Outcome[];
}

export interface CohortEndpoint {
  readonly id: string;
  readonly description: string;
  readonly needs?: (options: ResolvedOptions) => Partial<Needs>;
  /** What the options lack or what is wrong with them, so that nothing can be computed; null when nothing. */
  readonly problem?: (options: ResolvedOptions) => string | null;
  /** @param records Enrolled patients, each counted from the index day that she was enrolled with. */
  readonly value: (records: readonly PatientRecord[], question: CohortQuestion) => CohortFinding;
}

/** Days after a patient's index day at which the cohort's patients are looked at: `endpoint.horizon`, else the clause's `due`. */
export function horizonOf({ options, clause }: CohortQuestion): number {
  return options.horizon ?? (clause.due === "enrolment" ? 0 : clause.due);
}

/** The one price of a value that lies between two: the lower when both are in one tier (equal, when the value must be exact). */
export function priced(question: CohortQuestion, lower: bigint, upper: bigint): CohortFinding["outcome"] {
  const { tiers, exact } = question;
  const same = exact === true ? lower === upper : tierOf(tiers, lower) === tierOf(tiers, upper);
  return same ? { value: lower } : { notEvaluable: "partial-date" };
}
