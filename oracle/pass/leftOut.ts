/** Patients who belong to a cohort that takes nobody any more: counted, never dropped in silence. */

import type { Day } from "../../terms/model.ts";
import { notEnrolled } from "../compute.ts";
import type { SourcePatient } from "../outcomes.ts";
import { isEnrolling } from "../report/enrolment.ts";
import { missingEnrolments, type View } from "../view.ts";
import { eventAt, type PassEvent } from "./event.ts";

/** By cohort: those of the records as of a day who are not enrolled and for whom there is no room, or no time. */
export function leftOut<P extends SourcePatient>(view: View<P>, asOfDay: Day): PassEvent[] {
  const { agreement, state } = view;
  // Without the patients of an enrolment nobody can say who is left out; catching up has told already.
  if (missingEnrolments(view).length > 0) return [];
  const outside = notEnrolled(view, asOfDay);
  return agreement.cohorts.flatMap((terms, cohort) => {
    const fitting = outside.filter((patient) => patient.cohort === cohort).length;
    const isOpen = !state.terminated && isEnrolling(terms, state.today);
    const room = isOpen ? terms.maxPatients - (state.cohorts[cohort]?.patients ?? 0) : 0;
    if (fitting <= room) return [];
    const why = isOpen ? `the cohort takes ${terms.maxPatients}` : "enrolment is over";
    const detail = `patients of the records who can't be enrolled: ${fitting - room}, since ${why}`;
    return [eventAt("enrol", { clause: null, cohort, number: null }, { result: "warning", detail })];
  });
}
