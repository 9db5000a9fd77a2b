/** What one resource or row says, before it is weighed against the rest of the patient's record. */

import type { Decimal } from "../../terms/decimal.ts";
import type { Day } from "../../terms/model.ts";
import type { ClinicalEvent, HealthState, Interval, Measurement, ResponseClass } from "../record.ts";

/** A resource, row or line that was not used, or a part of one, and why. */
export interface Rejected {
  /** Relative to the source file. */
  readonly file: string;
  /** Line of an NDJSON or CSV file, from 1; null in a JSON document. */
  readonly line: number | null;
  /** `Type/id`, or `kind/file:line` of a row. */
  readonly resource: string | null;
  readonly reason: string;
}

export interface PatientFact {
  readonly kind: "patient";
  readonly identifier: { readonly system: string; readonly value: string };
  readonly birth: Interval | null;
  readonly sex: string | null;
  /** `unknown`: dead, and nothing says since when. */
  readonly death: Interval | "unknown" | null;
  readonly index: Interval | null;
  readonly lastAlive: Interval | null;
  /** Null when the source has no such columns. */
  readonly followUp: {
    readonly lastActivity: Day | null;
    readonly gapStart: Day | null;
    readonly lastReview: Day | null;
  } | null;
  readonly consent: boolean | null;
}

export interface AssessmentFact {
  readonly kind: "assessment";
  readonly date: Interval;
  readonly response: ResponseClass;
  readonly evaluator: string | null;
  readonly imaging: boolean | null;
  /** Of what was assessed. */
  readonly codes: readonly string[];
  /** What the observation is about, as `Type/id`. */
  readonly focus: readonly string[];
  /** Codes of the condition that a row is about. */
  readonly conditions: readonly string[];
}

export interface TherapyFact {
  readonly kind: "therapy";
  readonly start: Interval;
  /** Equal to `start` for a single administration; null while a period goes on. */
  readonly end: Interval | null;
  readonly codes: readonly string[];
  /** A Medication resource that carries the codes. */
  readonly medication: string | null;
  /** Whether it was given, not merely reported: may begin the treatment. */
  readonly given: boolean;
  /** Whether profile, substance or intent make it a cancer treatment. */
  readonly cancer: boolean;
  /** Units given; null when not stated. */
  readonly quantity: Decimal | null;
}

export interface ConditionFact {
  readonly kind: "condition";
  readonly codes: readonly string[];
  readonly primary: boolean;
  /** The primary cancer that this condition belongs to, as `Condition/id`. */
  readonly related: string | null;
}

export interface VariantFact {
  readonly kind: "variant";
  readonly codes: readonly string[];
}

export interface DeathFact {
  readonly kind: "death";
  readonly date: Interval;
}

export interface ConsentFact {
  readonly kind: "consent";
  /** `lapsed`: withdrawn, rejected or not in force on the as-of date. */
  readonly stance: "granted" | "denied" | "lapsed";
}

/** One measured value; an Observation may carry several, in its components. */
export type MeasuredValue = Pick<Measurement, "codes" | "value" | "unit" | "comparator">;

export interface MeasurementFact {
  readonly kind: "measurement";
  readonly date: Interval;
  readonly issued: number | null;
  readonly values: readonly MeasuredValue[];
}

export type HealthStateFact = { readonly kind: "health-state" } & Omit<HealthState, "id">;

/** What is suspected to have caused an event. */
export interface Suspect {
  /** `Type/id`; null when it can't be told. */
  readonly target: string | null;
  /** Whether the cause was assessed as at least possible; null when nothing is said. */
  readonly likely: boolean | null;
}

export type EventFact = { readonly kind: "event"; readonly suspects: readonly Suspect[] } & Omit<ClinicalEvent, "id">;

export interface CostFact {
  readonly kind: "cost";
  readonly date: Interval;
  readonly codes: readonly string[];
  readonly amount: Decimal;
  readonly currency: string | null;
  /** Resource type that it comes from; null for a row. */
  readonly form: string | null;
}

export type Fact =
  | PatientFact
  | AssessmentFact
  | TherapyFact
  | ConditionFact
  | VariantFact
  | DeathFact
  | ConsentFact
  | MeasurementFact
  | HealthStateFact
  | EventFact
  | CostFact;

export type FactOf<K extends Fact["kind"]> = Extract<Fact, { readonly kind: K }>;

/** What was understood of a resource or row: facts, a reason against them, or both for a result that is only preliminary. */
export interface Reading {
  readonly facts?: readonly Fact[];
  readonly reason?: string;
  /** The reason is a code or value that no map knows: such results count against the source's limit. */
  readonly unmapped?: boolean;
  /** Identifier by which two sources may mean the same. */
  readonly business?: string | null;
  /** Elements that could not be read, in a resource that is used without them. */
  readonly problems?: readonly string[];
}

export const NO_FACTS: readonly Fact[] = [];
