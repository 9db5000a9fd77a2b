/** What one operator sees at one moment: the terms, the chain's state, the records, and what its own store holds. */

import type { Agreement, Day } from "../terms/model.ts";
import type { AgreementState } from "./chain/agreementState.ts";
import type { LandedEnrolment } from "./chain/history.ts";
import type { IndexedPatient, Outcomes, SourcePatient } from "./outcomes.ts";
import { AmbiguousHistory, dueOn, unassessed, type EnrolledPatient } from "./report/assessed.ts";
import type { Enrollee } from "./report/build.ts";
import type { Hex } from "./report/bytes.ts";
import { patientKey } from "./report/keys.ts";
import type { AgreementId } from "./report/messages.ts";
import { dueAfter } from "./report/schedule.ts";
import type { StoredPatients } from "./store/patients.ts";
import type { StoredReports } from "./store/reports.ts";

export interface View<P extends SourcePatient = SourcePatient> {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly state: AgreementState;
  readonly outcomes: Outcomes<P>;
  /** The agreement's secret. */
  readonly secret: Uint8Array;
  readonly patients: StoredPatients;
  readonly reports: StoredReports;
}

/** An enrolment landed whose patients this operator does not hold. */
export class MissingEntries extends Error {
  override readonly name = "MissingEntries";
}

/** The enrolments of all cohorts whose patients this operator does not hold. */
export function missingEnrolments({ state, id, patients }: Pick<View, "state" | "id" | "patients">): {
  readonly cohort: number;
  readonly enrolment: LandedEnrolment;
}[] {
  return state.cohorts.flatMap(({ enrolments }, cohort) =>
    enrolments
      .filter(({ root, patients: count }) => patients.of(id, root).length !== count)
      .map((enrolment) => ({ cohort, enrolment })),
  );
}

/** Every patient that the chain shows as enrolled in a cohort. @throws MissingEntries */
export function enrolledIn({ state, id, patients }: View, cohort: number): EnrolledPatient[] {
  return (state.cohorts[cohort]?.enrolments ?? []).flatMap(({ number, patients: count, indexedDay, root }) => {
    const entries = patients.of(id, root);
    if (entries.length !== count) {
      throw new MissingEntries(
        `enrolment ${number} of cohort ${cohort} has ${count} patients, ${entries.length} are held`,
      );
    }
    return entries.map((entry) => ({ ...entry, batch: number, indexedDay }));
  });
}

/** The patients whom a milestone report as of a day must assess. @throws MissingEntries, AmbiguousHistory */
export function toAssess(view: View, clauseIndex: number, cohort: number, asOfDay: Day): EnrolledPatient[] {
  const clause = view.agreement.clauses[clauseIndex];
  if (clause === undefined) throw new RangeError(`there is no clause ${clauseIndex}`);
  const after = dueAfter(view.agreement, clause);
  const enrolled = enrolledIn(view, cohort);
  const { events, reports } = view.state.clause(clauseIndex, cohort);
  try {
    return dueOn(unassessed(enrolled, events, after), after, asOfDay);
  } catch (error) {
    if (!(error instanceof AmbiguousHistory)) throw error;
    // The counts do not tell who a report assessed; the leaves do, where they are held.
    const known = new Map<number, ReadonlySet<Hex>>();
    for (const { report } of reports) {
      const keys = view.reports.leavesOf(view.id, report.root).map((leaf) => leaf.patientKey);
      if (keys.length > 0) known.set(report.number, new Set(keys));
    }
    return dueOn(unassessed(enrolled, events, after, known), after, asOfDay);
  }
}

/**
 * Finds enrolled patients in the records by key. Her index day is the one she was enrolled with: a later correction of
 * the records does not move what is due.
 */
export function findEnrollees<P extends SourcePatient>(
  { outcomes, secret }: Pick<View<P>, "outcomes" | "secret">,
  enrolled: readonly EnrolledPatient[],
): Enrollee<P>[] {
  const byKey = new Map<Hex, P>(outcomes.patients.map((patient) => [patientKey(secret, patient.identifier), patient]));
  return enrolled.map(({ patientKey: key, batch, salt, indexDay }) => {
    const patient = byKey.get(key);
    const subject: IndexedPatient<P> | null = patient === undefined ? null : { patient, indexDay };
    return { patientKey: key, batch, salt, subject };
  });
}
