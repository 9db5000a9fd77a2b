/** What one resource or row says, before it is weighed against the rest of the patient's record. */

import type { Day } from "../../terms/model.ts";
import type { Interval, ResponseClass } from "../record.ts";

/** A resource, row or line that was not used, or a part of one, and why. */
export interface Rejected {
  /** Relative to the source file. */
  readonly file: string;
  /** Line of an NDJSON or CSV file, from 1; null in a JSON document. */
  readonly line: number | null;
  /** `Type/id`, or `file:line` of a row. */
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
  /** What the observation is about, as `Type/id`. */
  readonly focus: readonly string[];
  /** Identifiers by which two sources may mean one observation. */
  readonly business: string | null;
}

export interface TherapyFact {
  readonly kind: "therapy";
  readonly start: Interval;
  readonly codes: readonly string[];
  /** A Medication resource that carries the codes. */
  readonly medication: string | null;
  /** Whether it was given, not merely reported: may begin the treatment. */
  readonly given: boolean;
  /** Whether profile, substance or intent make it a cancer treatment. */
  readonly cancer: boolean;
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

export type Fact = PatientFact | AssessmentFact | TherapyFact | ConditionFact | VariantFact | DeathFact | ConsentFact;

/** The current version of one resource or row. */
export interface Entry {
  /** `Type/id`, or `file:line`. */
  readonly id: string;
  /** Key of the patient: `Patient/id`, or the identifier in a CSV. */
  readonly subject: string;
  readonly fact: Fact | null;
  /** Why it is not used; a preliminary progression has a fact and a reason. */
  readonly reason: string | null;
  /** Milliseconds since 1970 of the last update, and the version number; NaN when not stated. */
  readonly updated: number;
  readonly version: number;
  /** Withdrawn: entered in error or deleted. */
  readonly removed: boolean;
  readonly file: number;
  readonly line: number | null;
}

/** Whether `a` takes the place of `b`: by update time, else by version; of equals a withdrawal, else the later in the files. */
export function supersedes(a: Entry, b: Entry): boolean {
  if (a.updated !== b.updated && !Number.isNaN(a.updated) && !Number.isNaN(b.updated)) return a.updated > b.updated;
  if (a.version !== b.version && !Number.isNaN(a.version) && !Number.isNaN(b.version)) return a.version > b.version;
  return a.removed || !b.removed;
}
