/** The next enrolment or report of one place, computed from one operator's view. The same for whoever proposes it and
 * whoever is asked to endorse it. */

import type { Day } from "../terms/model.ts";
import { placedEntries, placedPatients, type PlacedPatient } from "./endorse/difference.ts";
import { markOf } from "./erase/mark.ts";
import type { SourcePatient } from "./outcomes.ts";
import { buildMilestone, buildWager, type Built, type Evidence } from "./report/build.ts";
import type { Hex } from "./report/bytes.ts";
import { cohortPatients, type CohortPatient } from "./report/cohorts.ts";
import { enrolmentMessage, selectEnrolment, type EnrolmentEntry } from "./report/enrolment.ts";
import type { MilestoneReport, OracleMessage, WagerReport } from "./report/messages.ts";
import { dueAfter, heldBack, wagerDueDay, type HeldBack } from "./report/schedule.ts";
import { enrolledIn, erasedPlaces, findEnrollees, toAssess, type View } from "./view.ts";

/** From which day the records are looked at, and until when an endorsement counts. */
export interface Dates {
  readonly asOfDay: Day;
  readonly lastDay: Day;
}

export interface Proposal {
  readonly content: OracleMessage;
  /** Of an enrolment; empty for a report. */
  readonly entries: readonly EnrolmentEntry[];
  readonly patients: readonly PlacedPatient[];
  /** Writes to the store what the leaves can be recomputed from, and the evidence. */
  readonly keep: () => Promise<void>;
}

export type Computed =
  | { readonly status: "proposal"; readonly proposal: Proposal }
  /** Nobody to enrol, nobody due, or the day has not come. */
  | { readonly status: "nothing" }
  | { readonly status: "held back"; readonly why: HeldBack };

const NOTHING: Computed = { status: "nothing" };

/**
 * @param saltOf The salt of each patient: drawn by the proposer, taken from the proposal by endorsers.
 * @throws MissingEntries
 */
export function computeEnrolment<P extends SourcePatient>(
  view: View<P>,
  cohort: number,
  { asOfDay, lastDay }: Dates,
  saltOf: (key: Hex) => Hex,
): Computed {
  const { agreement, id, state } = view;
  const standing = state.cohorts[cohort];
  if (standing === undefined) throw new RangeError(`there is no cohort ${cohort}`);
  if (state.terminated) return NOTHING;
  const candidates = notEnrolled(view, asOfDay).filter((patient) => patient.cohort === cohort);
  const selection = selectEnrolment(agreement, cohort, standing, candidates, asOfDay);
  if (selection === null) return NOTHING;
  const entries = selection.patients.map(({ patientKey, indexDay }) => ({
    patientKey,
    indexDay,
    salt: saltOf(patientKey),
  }));
  const number = standing.number + 1;
  const message = enrolmentMessage(entries, { cohort, number }, selection.indexedDay, lastDay);
  const patients = placedEntries(entries);
  const keep = (): Promise<void> => view.stores.patients.save(id, cohort, number, message.root, entries);
  return { status: "proposal", proposal: { content: { kind: "enrolment", message }, entries, patients, keep } };
}

/** Patients of the records who belong to a cohort and whom no enrolment has brought in. @throws MissingEntries */
export function notEnrolled<P extends SourcePatient>(view: View<P>, asOfDay: Day): CohortPatient<P>[] {
  const { agreement, outcomes, secret } = view;
  const enrolled = new Set(
    agreement.cohorts.flatMap((_, cohort) => enrolledIn(view, cohort).map(({ patientKey }) => patientKey)),
  );
  // Whoever was enrolled and erased may still stand in the records.
  const isErasedPatient = (key: Hex): boolean => view.erased.size > 0 && view.erased.has(markOf(secret, key));
  return [...cohortPatients(agreement, outcomes, secret, asOfDay).values()].filter(
    ({ patientKey }) => !enrolled.has(patientKey) && !isErasedPatient(patientKey),
  );
}

/** @throws MissingEntries, AmbiguousHistory, RangeError */
export function computeMilestone<P extends SourcePatient>(
  view: View<P>,
  clause: number,
  cohort: number,
  { asOfDay, lastDay }: Dates,
): Computed {
  const { agreement, state, outcomes } = view;
  const terms = agreement.clauses[clause];
  const payoff = terms?.payoffs.get(cohort);
  if (terms === undefined || payoff === undefined) {
    throw new RangeError(`clause ${clause} does not apply to cohort ${cohort}`);
  }
  const due = toAssess(view, clause, cohort, asOfDay);
  const [earliest] = due;
  if (earliest === undefined) return NOTHING;
  const number = state.clause(clause, cohort).number + 1;
  const place = { clause, cohort, number, asOfDay, lastDay };
  const built = buildMilestone(agreement, place, findEnrollees(view, due), outcomes);
  const why = heldBack(agreement, payoff, built.message, asOfDay, earliest.indexedDay + dueAfter(agreement, terms));
  if (why !== null) return { status: "held back", why };
  return { status: "proposal", proposal: reportProposal(view, { kind: "milestone", message: built.message }, built) };
}

/** @throws MissingEntries, RangeError */
export function computeWager<P extends SourcePatient>(
  view: View<P>,
  clause: number,
  cohort: number,
  { asOfDay, lastDay }: Dates,
): Computed {
  const { agreement, state, outcomes } = view;
  const terms = agreement.clauses[clause];
  const window = agreement.cohorts[cohort];
  if (terms === undefined || window === undefined) {
    throw new RangeError(`clause ${clause} does not apply to cohort ${cohort}`);
  }
  const standing = state.clause(clause, cohort);
  const isOpened = state.cohorts[cohort]?.opened === true;
  const isDue = wagerDueDay(agreement, terms, window) <= asOfDay;
  if (!isOpened || !isDue || standing.settled || standing.pending > 0) return NOTHING;
  const place = { clause, cohort, number: standing.number + 1, asOfDay, lastDay };
  const built = buildWager(agreement, place, findEnrollees(view, enrolledIn(view, cohort)), outcomes);
  return { status: "proposal", proposal: reportProposal(view, { kind: "wager", message: built.message }, built) };
}

function reportProposal(
  view: View,
  content: OracleMessage,
  { tallied, evidence }: Built<MilestoneReport | WagerReport>,
): Proposal {
  const { agreement, id, outcomes, stores } = view;
  const unknown: Evidence = { evidence: [], reason: null };
  const leaves = tallied.leaves.map((leaf) => ({ ...leaf, ...(evidence.get(leaf.patientKey) ?? unknown) }));
  return {
    content,
    entries: [],
    patients: placedPatients(tallied.leaves),
    keep: () => {
      const report = { content, snapshot: outcomes.snapshot, rules: agreement.rules, leaves };
      return stores.reports.save(id, report, erasedPlaces(view));
    },
  };
}
