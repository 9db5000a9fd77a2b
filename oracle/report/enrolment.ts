/** Which patients the next enrolment of a cohort brings in, and the root over them. */

import type { Agreement, Cohort, Day } from "../../terms/model.ts";
import { fromHex, type Hex } from "./bytes.ts";
import { blind } from "./keys.ts";
import { HASH, hashEnrolmentLeaves, joinHashes, type EnrolmentLeaf } from "./leaf.ts";
import type { Enrolment } from "./messages.ts";
import { compareText } from "./order.ts";
import { merkleRoot } from "./root.ts";

/** A patient whom no enrolment has brought in. */
export interface Candidate {
  readonly patientKey: Hex;
  readonly indexDay: Day;
}

/** What the chain says about a cohort. */
export interface CohortStanding {
  readonly patients: number;
  /** Number of the last enrolment, 0 for none. */
  readonly number: number;
  readonly lastIndexedDay: Day;
  readonly opened: boolean;
}

export interface Selection {
  /** Ordered by patientKey. */
  readonly patients: readonly Candidate[];
  readonly indexedDay: Day;
}

/** A patient as enrolled: what every endorser keeps. */
export interface EnrolmentEntry extends Candidate {
  /** 32 random bytes, drawn for the patient by the operator that proposed the enrolment. */
  readonly salt: Hex;
}

/** What stands in the place of an erased patient: nothing of it follows from who she was. */
export interface ErasedEntry {
  /** A random key between those of her neighbours, so that the order stays. */
  readonly patientKey: Hex;
  /** Random too; later reports blind her leaf with it. */
  readonly salt: Hex;
  /** Hash of the leaf that she was enrolled with. */
  readonly leafHash: Hex;
}

/** A patient of an enrolment as an operator holds her. */
export type HeldEntry = EnrolmentEntry | ErasedEntry;

export function isErased(entry: HeldEntry): entry is ErasedEntry {
  return "leafHash" in entry;
}

/** The entries of patients who were not erased. */
export function unerased(entries: readonly HeldEntry[]): EnrolmentEntry[] {
  return entries.flatMap((entry) => (isErased(entry) ? [] : [entry]));
}

/**
 * All candidates indexed by the as-of day, the earliest first when the cohort has no room for all. A straggler joins
 * under the day of the cohort's last batch, since index days never go back. A cohort that locks money as a whole is
 * opened by an enrolment of nobody, on the first day.
 * @returns null when there is nothing to enrol or enrolment is over.
 */
export function selectEnrolment(
  agreement: Agreement,
  cohortIndex: number,
  standing: CohortStanding,
  candidates: readonly Candidate[],
  asOfDay: Day,
): Selection | null {
  const cohort = agreement.cohorts[cohortIndex];
  if (cohort === undefined) throw new RangeError(`there is no cohort ${cohortIndex}`);
  if (!isEnrolling(cohort, asOfDay)) return null;
  const room = cohort.maxPatients - standing.patients;
  const chosen = candidates
    .filter(({ indexDay }) => isIndexDay(cohort, indexDay) && indexDay <= asOfDay)
    .sort((a, b) => a.indexDay - b.indexDay || compareText(a.patientKey, b.patientKey))
    .slice(0, room);
  if (chosen.length === 0 && (standing.opened || !locksAsAWhole(agreement, cohortIndex))) return null;
  const latest = chosen.at(-1)?.indexDay ?? cohort.opens;
  return {
    patients: chosen.sort((a, b) => compareText(a.patientKey, b.patientKey)),
    indexedDay: standing.number === 0 ? latest : Math.max(latest, standing.lastIndexedDay),
  };
}

/** Whether patients can be enrolled on a day: [opens, closes + enrolWithin). */
export function isEnrolling({ opens, closes, enrolWithin }: Cohort, day: Day): boolean {
  return day >= opens && day < closes + enrolWithin;
}

/** Whether a patient with this index day belongs to the cohort: [opens, closes). */
export function isIndexDay(cohort: Cohort, day: Day): boolean {
  return day >= cohort.opens && day < cohort.closes;
}

/** Leaves in order. @throws RangeError when a patient is named twice. */
export function enrolmentLeaves(
  entries: readonly EnrolmentEntry[],
  cohort: number,
  number: number,
): readonly EnrolmentLeaf[] {
  const ordered = [...entries].sort((a, b) => compareText(a.patientKey, b.patientKey));
  return ordered.map((entry, i) => {
    const { patientKey } = entry;
    if (ordered[i - 1]?.patientKey === patientKey) throw new RangeError(`patient ${patientKey} is named twice`);
    return enrolmentLeaf(entry, cohort, number);
  });
}

/** The hashes of an enrolment's leaves, one after the other. @param entries In the order of the tree. */
export function enrolmentHashes(entries: readonly HeldEntry[], cohort: number, number: number): Uint8Array {
  return joinHashes(
    entries.map((entry) =>
      isErased(entry) ? fromHex(entry.leafHash, HASH) : hashEnrolmentLeaves([enrolmentLeaf(entry, cohort, number)]),
    ),
  );
}

/** What is hashed of a patient in an enrolment. */
export function enrolmentLeaf(entry: EnrolmentEntry, cohort: number, number: number): EnrolmentLeaf {
  const { patientKey, indexDay, salt } = entry;
  return { patientKey, indexDay, blind: blind(salt, { kind: "enrolment", cohort, number }) };
}

/** The message that enrols these patients. */
export function enrolmentMessage(
  entries: readonly EnrolmentEntry[],
  place: { readonly cohort: number; readonly number: number },
  indexedDay: Day,
  lastDay: Day,
): Enrolment {
  const root = merkleRoot(hashEnrolmentLeaves(enrolmentLeaves(entries, place.cohort, place.number)));
  return { cohort: place.cohort, number: place.number, patients: entries.length, indexedDay, root, lastDay };
}

function locksAsAWhole(agreement: Agreement, cohort: number): boolean {
  return agreement.clauses.some(({ basis, payoffs }) => basis === "total" && payoffs.has(cohort));
}
