/**
 * Who is still to be assessed under a milestone, worked out from what the chain says happened. The chain counts, it does
 * not name; but operators report exactly the patients that are due, so its counts and days say who they were, and every
 * operator comes to the same answer whether or not its node was up at the time.
 */

import type { Day } from "../../terms/model.ts";
import type { Hex } from "./bytes.ts";
import { compareText } from "./order.ts";

/** A patient of an enrolment that landed. */
export interface EnrolledPatient {
  readonly patientKey: Hex;
  /** The patient's own index day; null when she was erased. */
  readonly indexDay: Day | null;
  readonly salt: Hex;
  /** Number of the enrolment. */
  readonly batch: number;
  /** Index day of the enrolment: what is due is counted from it. */
  readonly indexedDay: Day;
}

/** What happened to a clause in a cohort, in the order of the chain. */
export type ClauseEvent =
  | { readonly type: "enrolled"; readonly batch: number }
  | { readonly type: "reported"; readonly number: number; readonly asOfDay: Day; readonly patients: number }
  | { readonly type: "voided"; readonly number: number }
  | { readonly type: "lapsed" | "agreed"; readonly patients: number };

/** The chain's counts can't be told apart into patients: a report left out some that were due. */
export class AmbiguousHistory extends Error {
  override readonly name = "AmbiguousHistory";
}

/**
 * The patients whom no report, lapse or compromise has assessed, ordered by (batch, patientKey). A lapse or a compromise
 * takes the first of them.
 * @param enrolled Every patient of the cohort's enrolments.
 * @param dueAfter Days from a batch's index day to its due day.
 * @param known Patients of reports whose leaves this operator holds, by number: what the counts can't tell.
 * @throws AmbiguousHistory when a report's number of patients is not that of the patients due.
 */
export function unassessed(
  enrolled: readonly EnrolledPatient[],
  events: readonly ClauseEvent[],
  dueAfter: number,
  known: ReadonlyMap<number, ReadonlySet<Hex>> = new Map(),
): EnrolledPatient[] {
  const ordered = [...enrolled].sort((a, b) => a.batch - b.batch || compareText(a.patientKey, b.patientKey));
  const open = new Set<EnrolledPatient>();
  const taken = new Map<number, readonly EnrolledPatient[]>();
  const take = (patients: readonly EnrolledPatient[]): void => patients.forEach((patient) => open.delete(patient));
  const outstanding = (): EnrolledPatient[] => ordered.filter((patient) => open.has(patient));

  for (const event of events) {
    switch (event.type) {
      case "enrolled":
        for (const patient of ordered) if (patient.batch === event.batch) open.add(patient);
        break;
      case "reported": {
        const keys = known.get(event.number);
        const due = outstanding().filter(({ patientKey, indexedDay }) =>
          keys === undefined ? indexedDay + dueAfter <= event.asOfDay : keys.has(patientKey),
        );
        if (due.length !== event.patients) throw ambiguous(event.number, event.patients, due.length);
        taken.set(event.number, due);
        take(due);
        break;
      }
      case "voided":
        for (const patient of taken.get(event.number) ?? []) open.add(patient);
        break;
      default:
        take(outstanding().slice(0, event.patients));
    }
  }
  return outstanding();
}

/** Of these, the patients that a report as of a day must assess: all that are due on it. */
export function dueOn(patients: readonly EnrolledPatient[], dueAfter: number, asOfDay: Day): EnrolledPatient[] {
  return patients.filter(({ indexedDay }) => indexedDay + dueAfter <= asOfDay);
}

function ambiguous(number: number, found: number, due: number): AmbiguousHistory {
  return new AmbiguousHistory(`report ${number} assessed ${found} patients, ${due} were due: its leaves are needed`);
}
