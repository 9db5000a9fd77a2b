/**
 * What the endpoints know of a patient: few facts, each with the id of the resource or row it came from. Intake builds it
 * from FHIR or CSV; nothing here knows a file format.
 *
 * Days are whole days since 1970-01-01. A date known only to the month or year is the closed interval of days it can be.
 */

import type { Day } from "../terms/model.ts";

/** Closed interval of days; `first` equals `last` for a full date. */
export interface Interval {
  readonly first: Day;
  readonly last: Day;
}

/**
 * Response classes, from not evaluable to progression: the order in which the worse of two on one day is kept
 * (admiralonco's ANL01FL; complete with residual and the ungradeable response stand beside their neighbours).
 */
export const RESPONSE_CLASSES = ["NE", "CR", "CRr", "PR", "RESPONDING", "SD", "NON-CR/NON-PD", "PD"] as const;
export type ResponseClass = (typeof RESPONSE_CLASSES)[number];

/** Position in the order of severity: a greater number is worse. */
export function severity(response: ResponseClass): number {
  return RESPONSE_CLASSES.indexOf(response);
}

/** A fact with one day. */
export interface Dated {
  readonly day: Day;
  readonly id: string;
}

/** One tumour assessment or disease status. */
export interface Assessment {
  readonly date: Interval;
  readonly response: ResponseClass;
  /** Who read it (`INVESTIGATOR`, …); null when the source does not say. */
  readonly evaluator: string | null;
  /** True when the source says that it rests on imaging, null when it says nothing. */
  readonly imaging: boolean | null;
  readonly id: string;
}

/** The start of an anticancer treatment. */
export interface Therapy {
  readonly start: Interval;
  /** `system|code`, or the plain code of a CSV. */
  readonly codes: readonly string[];
  /** Whether it is the treatment that the agreement is about. */
  readonly contract: boolean;
  readonly id: string;
}

/** First administration of one medication. */
export interface FirstDose {
  readonly code: string;
  readonly date: Interval;
  readonly id: string;
}

export interface Death {
  readonly date: Interval;
  /** True when an assessment is dated after it: one of the two is wrong, so nothing may rest on this date. */
  readonly disputed: boolean;
  readonly id: string;
}

/** Progression follow-up as abstracted by a registry (rule set `rwpfs`); null where the registry has no date. */
export interface FollowUp {
  readonly lastActivity: Day | null;
  readonly gapStart: Day | null;
  readonly lastReview: Day | null;
  readonly id: string;
}

/** Codes of the agreement's eligibility that the patient has. */
export interface CodesMet {
  readonly conditions: readonly string[];
  readonly medications: readonly string[];
  readonly variants: readonly string[];
}

export interface PatientRecord {
  /** What the patient's key is derived from. */
  readonly identifier: { readonly system: string; readonly value: string };
  readonly id: string;
  /** Day on which the treatment began; null when the source gives none, or none that is a full date. */
  readonly index: Dated | null;
  readonly birth: Interval | null;
  readonly sex: string | null;
  readonly death: Death | null;
  /** Last day on which the patient is known to have been alive, not after the as-of date. */
  readonly lastAlive: Dated | null;
  readonly followUp: FollowUp | null;
  /** False when consent was refused or withdrawn, null when the source says nothing. */
  readonly consent: boolean | null;
  /** By date, then id. */
  readonly assessments: readonly Assessment[];
  /** Progressions that are only preliminary: never events, but they hold back what can't be undone. */
  readonly pending: readonly Assessment[];
  readonly therapies: readonly Therapy[];
  readonly doses: readonly FirstDose[];
  readonly met: CodesMet;
}
