/**
 * What the report side asks of the records: who the patients are and what an endpoint finds for each. Intake and
 * endpoints stand behind this interface; nothing beyond it reads a record.
 */

import type { Clause, Cohort, Day, Payoff } from "../terms/model.ts";
import type { Identifier } from "./report/keys.ts";
import type { Outcome } from "./report/tally.ts";

/** A patient of the source. Identifiers are unique in one set of records. */
export interface SourcePatient {
  readonly identifier: Identifier;
}

/** An outcome with the ids of the resources it rests on. */
export interface EvidencedOutcome {
  readonly outcome: Outcome;
  readonly evidence: readonly string[];
}

/** A cohort's outcome, and each patient's part in it: a value, or why she was left out. */
export interface CohortOutcome extends EvidencedOutcome {
  readonly parts: ReadonlyMap<SourcePatient, EvidencedOutcome>;
}

/** A resource that intake could not use. */
export interface RejectedResource {
  readonly file: string;
  readonly line: number | null;
  readonly resource: string | null;
  readonly reason: string;
}

/** A patient with the day that her due days are counted from. */
export interface IndexedPatient<P extends SourcePatient = SourcePatient> {
  readonly patient: P;
  readonly indexDay: Day;
}

/** One set of records, read once, as of a snapshot that all operators can name. */
export interface Outcomes<P extends SourcePatient = SourcePatient> {
  /** Names the set of records; equal on every operator's machine for equal records. */
  readonly snapshot: string;
  readonly patients: readonly P[];
  readonly rejected: readonly RejectedResource[];

  /** The patient's index day in this cohort; null when she is not eligible or has none. The window is not checked. */
  indexDay(patient: P, cohort: Cohort): Day | null;

  /** The outcome of a milestone for one patient, due `clause.due` days after her index day, as of a day. */
  milestone(subject: IndexedPatient<P>, clause: Clause, payoff: Payoff, asOfDay: Day): EvidencedOutcome;

  /**
   * The outcome of a wager for a cohort's enrolled patients, as of a day.
   * @param missing How many enrolled patients the records hold no more.
   */
  wager(
    subjects: readonly IndexedPatient<P>[],
    missing: number,
    clause: Clause,
    cohort: Cohort,
    payoff: Payoff,
    asOfDay: Day,
  ): CohortOutcome;
}
