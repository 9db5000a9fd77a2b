/** A scenario's steps, resolved: positions instead of names, minor units instead of money, days instead of dates. */

import type { Agreement, Day, PartyRef } from "../terms/model.ts";

/** The refusals that a scenario can name: errors of the contract. */
export const REFUSALS = [
  "EnrolmentClosed",
  "IndexOutOfOrder",
  "CohortFull",
  "InsufficientEscrow",
  "ClauseNotInCohort",
  "ReportedByContract",
  "NotReportingDay",
  "AlreadySettled",
  "MorePatientsThanEnrolled",
  "NotYetDue",
  "SumOutsideTier",
  "ReportChallenged",
  "ChallengeWindowOpen",
  "OutcomesOutstanding",
  "ChallengeWindowClosed",
  "NotChallenged",
  "ReportingWindowOpen",
  "ReportPending",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A party and an amount in minor units; negative where the grammar allows. */
export interface PartyAmount {
  readonly party: PartyRef;
  readonly amount: bigint;
}

/** Patients with one value of the metric (value × 10^decimals). */
export interface Outcome {
  readonly value: bigint;
  readonly patients: number;
}

interface Common {
  /** Position in `steps`, from 1. */
  readonly number: number;
  readonly line: number | null;
  /** The error that must refuse the step; null when it must go through. */
  readonly fails: Refusal | null;
}

/** A clause in a cohort, by position. The clause need not apply to the cohort: the contract refuses that. */
interface Where {
  readonly clause: number;
  readonly cohort: number;
}

export type Action =
  /** Sets the clock to 00:00 UTC of the day, which is never before the day the clock shows. */
  | { readonly type: "at"; readonly day: Day }
  | { readonly type: "fund"; readonly payments: readonly PartyAmount[] }
  /** `indexed`: the latest index day; null for the clock's day. */
  | { readonly type: "enrol"; readonly cohort: number; readonly patients: number; readonly indexed: Day | null }
  | (Where & {
      readonly type: "report";
      readonly kind: "milestone";
      /** Name for later steps. */
      readonly as: string | null;
      readonly outcomes: readonly Outcome[];
      readonly notEvaluable: number;
    })
  | (Where & {
      readonly type: "report";
      readonly kind: "wager";
      readonly as: string | null;
      /** Null: not evaluable. */
      readonly value: bigint | null;
    })
  | { readonly type: "settle"; readonly target: "report"; readonly report: string }
  | (Where & { readonly type: "settle"; readonly target: "clause" })
  /** `by` is one member: of a group, its first. */
  | { readonly type: "challenge"; readonly report: string; readonly by: PartyRef }
  | { readonly type: "rule"; readonly report: string; readonly uphold: boolean }
  | (Where & { readonly type: "lapse" })
  /** `party` is one member. */
  | { readonly type: "withdraw"; readonly party: PartyRef; readonly amount: bigint }
  | {
      readonly type: "expect";
      readonly net: readonly PartyAmount[];
      readonly locked: readonly PartyAmount[];
      readonly free: readonly PartyAmount[];
    };

export type Step = Common & Action;

export interface Story {
  readonly name: string;
  readonly agreement: Agreement;
  readonly steps: readonly Step[];
}
