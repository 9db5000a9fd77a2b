/** What one operator sees at one moment: the terms, the chain's state, the records, and what its own store holds. */

import type { Agreement, Day } from "../terms/model.ts";
import type { AgreementState } from "./chain/agreementState.ts";
import type { LandedEnrolment } from "./chain/history.ts";
import type { IndexedPatient, Outcomes, SourcePatient } from "./outcomes.ts";
import { AmbiguousHistory, dueOn, unassessed, type EnrolledPatient } from "./report/assessed.ts";
import type { Enrollee } from "./report/build.ts";
import type { Hex } from "./report/bytes.ts";
import { isErased, type HeldEntry } from "./report/enrolment.ts";
import { patientKey } from "./report/keys.ts";
import type { AgreementId } from "./report/messages.ts";
import { dueAfter } from "./report/schedule.ts";
import type { Stores } from "./store/stores.ts";

export interface View<P extends SourcePatient = SourcePatient> {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly state: AgreementState;
  readonly outcomes: Outcomes<P>;
  /** The agreement's secret. */
  readonly secret: Uint8Array;
  /** The patients behind each root that this operator holds, in the order of the tree. */
  readonly entries: ReadonlyMap<Hex, readonly HeldEntry[]>;
  /** The patients of landed reports by root, where the chain's counts do not tell who they were. */
  readonly reported: ReadonlyMap<Hex, ReadonlySet<Hex>>;
  /** Marks of the patients who were enrolled and erased. */
  readonly erased: ReadonlySet<Hex>;
  /** Where what is computed is kept. */
  readonly stores: Pick<Stores, "patients" | "reports" | "erasures">;
}

/** How many places of erased patients this operator holds. */
export function erasedPlaces({ entries }: Pick<View, "entries">): number {
  return [...entries.values()].reduce((sum, held) => sum + held.filter(isErased).length, 0);
}

/** What a view is made of before the store is read. */
export type ViewParts<P extends SourcePatient> = Pick<View<P>, "agreement" | "id" | "secret" | "stores">;

/** Reads from the store what computations need of it, so that they need not wait for anything. */
export async function loadView<P extends SourcePatient>(
  { agreement, id, secret, stores }: ViewParts<P>,
  state: AgreementState,
  outcomes: Outcomes<P>,
): Promise<View<P>> {
  const entries = await stores.patients.byRoot(id);
  const reported = new Map<Hex, ReadonlySet<Hex>>();
  const erased = await stores.erasures.marks(id);
  const view = { agreement, id, state, outcomes, secret, entries, reported, erased, stores };
  for (const root of ambiguousReports(view)) {
    const keys = await stores.reports.keysOf(id, root);
    if (keys.length > 0) reported.set(root, new Set(keys));
  }
  return view;
}

/** Roots of the reports on clauses whose counts do not tell who was assessed: the leaves do, where they are held. */
function ambiguousReports(view: View): Hex[] {
  return view.agreement.clauses.flatMap((terms, clause) =>
    [...terms.payoffs.keys()].flatMap((cohort) => {
      if (terms.kind !== "milestone") return [];
      const { events, reports } = view.state.clause(clause, cohort);
      if (reports.length === 0) return [];
      try {
        unassessed(enrolledIn(view, cohort), events, dueAfter(view.agreement, terms));
        return [];
      } catch (error) {
        if (error instanceof AmbiguousHistory) return reports.map(({ report }) => report.root);
        // Said where it matters: when a report is to be computed.
        if (error instanceof MissingEntries) return [];
        throw error;
      }
    }),
  );
}

/** An enrolment landed whose patients this operator does not hold. */
export class MissingEntries extends Error {
  override readonly name = "MissingEntries";
}

/** The enrolments of all cohorts whose patients this operator does not hold. */
export function missingEnrolments({ state, entries }: Pick<View, "state" | "entries">): {
  readonly cohort: number;
  readonly enrolment: LandedEnrolment;
}[] {
  return state.cohorts.flatMap(({ enrolments }, cohort) =>
    enrolments
      .filter(({ root, patients: count }) => (entries.get(root)?.length ?? 0) !== count)
      .map((enrolment) => ({ cohort, enrolment })),
  );
}

/** Every patient that the chain shows as enrolled in a cohort. @throws MissingEntries */
export function enrolledIn({ state, entries }: Pick<View, "state" | "entries">, cohort: number): EnrolledPatient[] {
  return (state.cohorts[cohort]?.enrolments ?? []).flatMap(({ number, patients: count, indexedDay, root }) => {
    const held = entries.get(root) ?? [];
    if (held.length !== count) {
      throw new MissingEntries(
        `enrolment ${number} of cohort ${cohort} has ${count} patients, ${held.length} are held`,
      );
    }
    return held.map((entry) => {
      const { patientKey: key, salt } = entry;
      return { patientKey: key, salt, indexDay: isErased(entry) ? null : entry.indexDay, batch: number, indexedDay };
    });
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
    const known = new Map<number, ReadonlySet<Hex>>();
    for (const { report } of reports) {
      const keys = view.reported.get(report.root);
      if (keys !== undefined) known.set(report.number, keys);
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
    if (indexDay === null) return { patientKey: key, batch, salt, subject: null, erased: true };
    const patient = byKey.get(key);
    const subject: IndexedPatient<P> | null = patient === undefined ? null : { patient, indexDay };
    return { patientKey: key, batch, salt, subject };
  });
}
