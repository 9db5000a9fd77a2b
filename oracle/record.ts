/**
 * What the endpoints know of a patient: few facts, each with the id of the resource or row it came from. Intake builds it
 * from FHIR or CSV; nothing here knows a file format.
 *
 * Days are whole days since 1970-01-01. A date known only to the month or year is the closed interval of days it can be.
 */

import type { Decimal } from "../terms/decimal.ts";
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
  /** `system|code` of what was assessed (Observation.code); absent when the source does not say. */
  readonly codes?: readonly string[];
  /** Codes of the condition that it is about; absent when the source names none. */
  readonly conditions?: readonly string[];
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

/** A measured value: a laboratory result, a score, a length. */
export interface Measurement {
  readonly date: Interval;
  /** Milliseconds since 1970-01-01 UTC at which it was released; null when not stated. */
  readonly issued: number | null;
  /** `system|code`, or the plain code of a CSV. */
  readonly codes: readonly string[];
  readonly value: Decimal;
  /** UCUM code where the source has one, else the unit as written; null when not stated. */
  readonly unit: string | null;
  /** The true value lies beyond `value` on that side; null when `value` is the value. */
  readonly comparator: "<" | "<=" | ">=" | ">" | null;
  readonly id: string;
}

/** One answered EQ-5D questionnaire. */
export interface HealthState {
  readonly date: Interval;
  /** Milliseconds since 1970-01-01 UTC at which it was released; null when not stated. */
  readonly issued: number | null;
  readonly instrument: "EQ-5D-5L" | "EQ-5D-3L";
  /** Mobility, self-care, usual activities, pain, anxiety: one digit each, as `21232`. */
  readonly state: string;
  readonly id: string;
}

/** Something that happened to the patient: an adverse event, a diagnosis, a procedure, a stay. */
export interface ClinicalEvent {
  readonly date: Interval;
  readonly type: "adverse-event" | "condition" | "procedure" | "encounter";
  readonly codes: readonly string[];
  /** CTCAE grade, 1 to 5; null when not stated. */
  readonly grade: number | null;
  /** Null when not stated. */
  readonly serious: boolean | null;
  /** Whether the treatment is named as the cause; null when nothing is said. */
  readonly causal: boolean | null;
  readonly id: string;
}

export interface Cost {
  readonly date: Interval;
  readonly codes: readonly string[];
  /** In whole units of the currency. */
  readonly amount: Decimal;
  /** ISO 4217; null when the source does not say. */
  readonly currency: string | null;
  readonly id: string;
}

/** One administration, or one period of them, of the treatment that the agreement is about. */
export interface Administration {
  readonly start: Interval;
  /** Equal to `start` for a single one; null while a period goes on. */
  readonly end: Interval | null;
  readonly codes: readonly string[];
  /** Units given; null when the source does not say. */
  readonly quantity: Decimal | null;
  readonly id: string;
}

/** A figure that no patient's record carries, and who answers for it. */
export interface Statement {
  readonly name: string;
  readonly value: Decimal;
  /** Cohort that it is about; null: all of them. */
  readonly cohort: string | null;
  readonly statedBy: string;
  /** ISO 4217; absent when not stated. */
  readonly currency?: string;
  /** Unit of a figure that is no money; absent when not stated. */
  readonly unit?: string;
  /** SHA-256 of the signed document, 64 hex digits. */
  readonly documentSha256: string;
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
  /** By date, then id, like those that follow; only what the agreement's clauses ask for (`Needs`). */
  readonly measurements: readonly Measurement[];
  readonly healthStates: readonly HealthState[];
  readonly events: readonly ClinicalEvent[];
  readonly costs: readonly Cost[];
  readonly administrations: readonly Administration[];
  readonly met: CodesMet;
}
