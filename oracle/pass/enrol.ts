/** Enrols who is newly indexed, and tells of those who fit a cohort and can't be enrolled any more. */

import type { Agreement, Day } from "../../terms/model.ts";
import type { OracleAccount } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { computeEnrolment, type Computed } from "../compute.ts";
import type { Outcomes, SourcePatient } from "../outcomes.ts";
import { cohortPatients } from "../report/cohorts.ts";
import { isEnrolling } from "../report/enrolment.ts";
import type { Place } from "../report/messages.ts";
import { enrolledIn, missingEnrolments, type View } from "../view.ts";
import { eventAt, type PassEvent } from "./event.ts";
import { viewOf, type NodeParts } from "./parts.ts";
import { proposePlace } from "./propose.ts";

/** Whether a cohort takes patients today. */
export function enrolsToday(agreement: Agreement, state: AgreementState): boolean {
  return !state.terminated && agreement.cohorts.some((cohort) => isEnrolling(cohort, state.today));
}

export interface Enrolled {
  readonly events: readonly PassEvent[];
  /** After what was enrolled. */
  readonly state: AgreementState;
}

/** @throws ChainError when the chain can't be read */
export async function enrol<P extends SourcePatient>(
  parts: NodeParts<P>,
  oracle: OracleAccount,
  before: AgreementState,
  records: Outcomes<P>,
): Promise<Enrolled> {
  const events: PassEvent[] = [];
  let state = before;
  const asOfDay = before.today;
  for (const cohort of parts.agreement.cohorts.keys()) {
    const number = (state.cohorts[cohort]?.number ?? 0) + 1;
    const place: Place = { kind: "enrolment", clause: null, cohort, number };
    const dates = { asOfDay, lastDay: asOfDay + parts.validity };
    const view = viewOf(parts, state, records);
    const compute = (): Computed => computeEnrolment(view, cohort, dates, parts.drawSalt);
    const found = await proposePlace(parts, view, oracle, place, dates, compute);
    events.push(...found);
    // The next cohort must not take a patient whom this one has just enrolled.
    if (found.some(({ result }) => result === "done")) state = await parts.chain.read();
  }
  return { events: [...events, ...leftOut(viewOf(parts, state, records), asOfDay)], state };
}

/** Patients of the records who belong to a cohort that takes nobody any more: counted, never dropped in silence. */
function leftOut<P extends SourcePatient>(view: View<P>, asOfDay: Day): PassEvent[] {
  const { agreement, state, outcomes, secret } = view;
  // Without the patients of an enrolment nobody can say who is left out; catching up has told already.
  if (missingEnrolments(view).length > 0) return [];
  const enrolled = new Set(
    agreement.cohorts.flatMap((_, cohort) => enrolledIn(view, cohort).map(({ patientKey }) => patientKey)),
  );
  const outside = [...cohortPatients(agreement, outcomes, secret, asOfDay).values()].filter(
    ({ patientKey }) => !enrolled.has(patientKey),
  );
  return agreement.cohorts.flatMap((terms, cohort) => {
    const fitting = outside.filter((patient) => patient.cohort === cohort).length;
    const isOpen = !state.terminated && isEnrolling(terms, asOfDay);
    const room = isOpen ? terms.maxPatients - (state.cohorts[cohort]?.patients ?? 0) : 0;
    if (fitting <= room) return [];
    const why = isOpen ? `the cohort takes ${terms.maxPatients}` : "enrolment is over";
    const detail = `${fitting - room} patients of the records can't be enrolled: ${why}`;
    return [eventAt("enrol", { clause: null, cohort, number: null }, { result: "warning", detail })];
  });
}
