/** Enrols who is newly indexed. */

import type { Agreement } from "../../terms/model.ts";
import type { OracleAccount } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { computeEnrolment, type Computed } from "../compute.ts";
import type { Outcomes, SourcePatient } from "../outcomes.ts";
import { isEnrolling } from "../report/enrolment.ts";
import type { Place } from "../report/messages.ts";
import { loadView } from "../view.ts";
import type { PassEvent } from "./event.ts";
import type { NodeParts } from "./parts.ts";
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
  let view = await loadView(parts, state, records);
  for (const cohort of parts.agreement.cohorts.keys()) {
    const number = (state.cohorts[cohort]?.number ?? 0) + 1;
    const place: Place = { kind: "enrolment", clause: null, cohort, number };
    const dates = { asOfDay, lastDay: asOfDay + parts.validity };
    const seen = view;
    const compute = (): Computed => computeEnrolment(seen, cohort, dates, parts.drawSalt);
    const found = await proposePlace(parts, seen, oracle, place, dates, compute);
    events.push(...found);
    // The next cohort must not take a patient whom this one has just enrolled.
    if (found.some(({ result }) => result === "done")) {
      state = await parts.chain.read();
      view = await loadView(parts, state, records);
    }
  }
  return { events, state };
}
