/** Which cohort each patient of the records belongs to. */

import type { Agreement, Day } from "../../terms/model.ts";
import type { IndexedPatient, Outcomes, SourcePatient } from "../outcomes.ts";
import type { Hex } from "./bytes.ts";
import { isIndexDay } from "./enrolment.ts";
import { patientKey } from "./keys.ts";

/** A patient of the records who belongs to a cohort. */
export interface CohortPatient<P extends SourcePatient> extends IndexedPatient<P> {
  readonly patientKey: Hex;
  readonly cohort: number;
}

/**
 * Every patient of the records with an index day by the as-of day, by key. A patient is enrolled once in an agreement:
 * of several cohorts that would take her the first in the terms does.
 */
export function cohortPatients<P extends SourcePatient>(
  agreement: Agreement,
  outcomes: Outcomes<P>,
  secret: Uint8Array,
  asOfDay: Day,
): Map<Hex, CohortPatient<P>> {
  const found = new Map<Hex, CohortPatient<P>>();
  for (const patient of outcomes.patients) {
    for (const [cohort, terms] of agreement.cohorts.entries()) {
      const indexDay = outcomes.indexDay(patient, terms);
      if (indexDay === null || indexDay > asOfDay || !isIndexDay(terms, indexDay)) continue;
      const key = patientKey(secret, patient.identifier);
      if (!found.has(key)) found.set(key, { patientKey: key, cohort, patient, indexDay });
      break;
    }
  }
  return found;
}
