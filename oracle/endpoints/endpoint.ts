/** What every endpoint is: a pure function from a patient's record to a value, or the reason why there is none. */

import type { Day, Tier } from "../../terms/model.ts";
import type { Needs } from "../needs.ts";
import type { PatientRecord } from "../record.ts";
import type { ResolvedOptions } from "./options.ts";

/** Why a patient's metric can't be determined. Counted and published by name, hence a closed list. */
export const REASONS = [
  "no-consent", // refused or withdrawn
  "no-index", // no day on which the treatment began
  "not-due", // the due date lies after the as-of date
  "event-before-index", // death, or what must come after the index day, is dated before it
  "follow-up-missing", // rwpfs: no usable follow-up dates
  "several-evaluators", // more than one reader, and the clause names none
  "no-adequate-assessment", // nothing shows the state at the due date
  "unknown-at-due", // not known to have been alive
  "ungradeable-response", // improved, and nothing says how much
  "no-response", // a response that must last never began
  "preliminary-progression", // held back until it is final or withdrawn
  "disputed-death", // rests on a death that a later assessment contradicts
  "partial-date", // the possible days lead to different results
  "no-result", // nothing was measured when it counts
  "unusable-result", // only results whose code, unit, size or answers can't be used
  "inexact-result", // known to lie beyond a limit, on both sides of which there are prices
  "no-baseline", // nothing was measured when the treatment began
  "event-detail-missing", // an event may count, and what decides that is not on record
  "no-administration", // no administration of the treatment is on record
  "quantity-missing", // some administrations say how much was given, others do not
  "other-currency", // an amount in another currency than the agreement's
  "unit-differs", // a value in another unit than the metric's
  "not-0-or-1", // a condition with another value
] as const;
export type Reason = (typeof REASONS)[number];

/** No value, and why. */
export interface NotEvaluable {
  readonly notEvaluable: Reason;
  readonly day: null;
  readonly event: null;
  /** Ids of the resources that it rests on. */
  readonly evidence: readonly string[];
}

/** A metric's value for one patient. */
export type Outcome =
  | {
      readonly value: bigint;
      /** Day that decided it; null when no single day did. */
      readonly day: Day | null;
      /** Whether an event (progression, death, response) came by the due date; null where that has no meaning. */
      readonly event: boolean | null;
      readonly evidence: readonly string[];
    }
  | NotEvaluable;

/** Time to an event or to censoring: `day` − index day. */
export type TimeToEvent =
  | { readonly day: Day; readonly event: boolean; readonly cause: string; readonly evidence: readonly string[] }
  | NotEvaluable;

/** What a clause asks. */
export interface Question {
  /** Days after the index day. */
  readonly due: number;
  readonly asOf: Day;
  readonly options: ResolvedOptions;
  /** The clause's tiers: a value that can't be told exactly still has a price when all it can be lies in one. */
  readonly tiers: readonly Tier[];
  /** The value itself matters, not its tier alone: another is computed from it. */
  readonly exact?: true;
}

export interface Endpoint {
  readonly id: string;
  readonly description: string;
  /** What it reads beyond assessments, therapies, death and signs of life, which every record carries. */
  readonly needs?: (options: ResolvedOptions) => Partial<Needs>;
  /** What the options lack or what is wrong with them, so that nothing can be computed; null when nothing. */
  readonly problem?: (options: ResolvedOptions) => string | null;
  /** Value at the due date. */
  readonly value: (record: PatientRecord, question: Question) => Outcome;
  /** Time to event or censoring by the as-of date; absent where the metric has no such form. */
  readonly time?: (record: PatientRecord, options: ResolvedOptions, asOf: Day) => TimeToEvent;
}

export function notEvaluable(reason: Reason, evidence: readonly string[] = []): NotEvaluable {
  return { notEvaluable: reason, day: null, event: null, evidence };
}
