/**
 * Whether each party's money covers the next enrolments. An enrolment that one party can't cover is refused as a whole, so
 * the operators say early who has to pay in, and how much.
 */

import { enrolmentFlows } from "../../terms/explain/funding.ts";
import type { Agreement, Cohort } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { isEnrolling } from "../report/enrolment.ts";

/** One party's money against the next enrolments of one cohort; amounts in minor units. */
export interface CoverRow {
  readonly cohort: number;
  /** Position of the party. */
  readonly member: number;
  /** Patients that are reckoned with: those expected in one reporting interval, and no more than there is room for. */
  readonly patients: number;
  readonly free: bigint;
  /** What it must have free for these patients: payments and worst case, less what it is paid at enrolment. */
  readonly needed: bigint;
  /** Further patients for whom its money suffices, up to the room that there is. */
  readonly suffices: number;
}

/** What is missing. */
export function shortBy({ free, needed }: CoverRow): bigint {
  return needed > free ? needed - free : 0n;
}

/** A row for each cohort that enrols today and still has room, and each party that an enrolment there asks money of. */
export function cover(agreement: Agreement, state: AgreementState): CoverRow[] {
  if (state.terminated) return [];
  return agreement.cohorts.flatMap((terms, cohort) => {
    const standing = state.cohorts[cohort];
    if (standing === undefined || !isEnrolling(terms, state.today)) return [];
    const room = terms.maxPatients - standing.patients;
    if (room <= 0) return [];
    const patients = Math.min(room, expected(agreement, terms, standing.patients, state.today));
    const isFirst = !standing.opened;
    return agreement.members.flatMap((_, member): CoverRow[] => {
      const need = (n: number): bigint => neededFor(agreement, cohort, member, n, isFirst);
      const { balance, locked } = state.accounts[member] ?? { balance: 0n, locked: 0n };
      const free = balance - locked;
      const needed = need(patients);
      if (needed === 0n) return [];
      return [{ cohort, member, patients, free, needed, suffices: largest(room, (n) => need(n) <= free) }];
    });
  });
}

/**
 * Patients to expect until the next reporting day, at least one: at the pace so far or, when faster, that which would fill
 * the cohort by the end of its window. Without a reporting interval: one.
 */
function expected(
  { oracle }: Agreement,
  { opens, closes, maxPatients }: Cohort,
  enrolled: number,
  today: number,
): number {
  const interval = oracle.reportEvery;
  const planned = Math.ceil((maxPatients * interval) / (closes - opens));
  const seen = Math.ceil((enrolled * interval) / Math.max(1, today - opens));
  return Math.max(1, planned, seen);
}

/** The agreement asks for balance ≥ locked once the payments at enrolment and the locks are booked. */
function neededFor(agreement: Agreement, cohort: number, member: number, patients: number, isFirst: boolean): bigint {
  const { moved, each, once } = enrolmentFlows(agreement, cohort, patients);
  const locks = (each[member] ?? 0n) * BigInt(patients) + (isFirst ? (once[member] ?? 0n) : 0n);
  const needed = locks - (moved[member] ?? 0n);
  return needed > 0n ? needed : 0n;
}

/** The largest n from 0 to `most` that fits, by halving: what is needed never falls with n. */
function largest(most: number, fits: (n: number) => boolean): number {
  if (fits(most)) return most;
  let [low, high] = [0, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
