/** What each party must have in the contract, and what it can end up with: the worst case, member by member. */

import { assessment, membersOf, type Agreement, type Clause, type PartyRef } from "../model.ts";
import { locks, milestoneTotal, split, splitLock } from "../payoff.ts";

export interface FundingRow {
  readonly group: string;
  readonly name: string;
  /** Minor units; received is positive, paid is negative. */
  readonly atEnrolmentPerPatient: bigint;
  readonly lockedPerPatient: bigint;
  /** Locked once for the cohort, whatever its size. */
  readonly lockedOnce: bigint;
  readonly atEnrolment: bigint;
  readonly locked: bigint;
  /** What must be in the account before a full cohort is enrolled. */
  readonly mustBring: bigint;
  /** Result when every open clause goes against the party: never worse than this. */
  readonly worst: bigint;
}

export interface Funding {
  readonly cohort: string;
  readonly patients: number;
  readonly rows: readonly FundingRow[];
}

/** The worst case of every cohort at its largest size, all patients enrolled at once. */
export function funding(agreement: Agreement): Funding[] {
  return agreement.cohorts.map(({ id, maxPatients }, cohort) => {
    const one = enrolmentFlows(agreement, cohort, 1);
    const full = enrolmentFlows(agreement, cohort, maxPatients);
    const rows = agreement.members.map(({ group, name }, k): FundingRow => {
      const atEnrolment = full.moved[k] ?? 0n;
      const lockedPerPatient = one.each[k] ?? 0n;
      const lockedOnce = full.once[k] ?? 0n;
      const locked = lockedPerPatient * BigInt(maxPatients) + lockedOnce;
      const short = locked - atEnrolment;
      return {
        group,
        name,
        atEnrolmentPerPatient: one.moved[k] ?? 0n,
        lockedPerPatient,
        lockedOnce,
        atEnrolment,
        locked,
        mustBring: short > 0n ? short : 0n,
        worst: atEnrolment - locked,
      };
    });
    return { cohort: id, patients: maxPatients, rows };
  });
}

/** By member, in minor units. */
export interface EnrolmentFlows {
  /** Received when these patients enrol; negative: paid. */
  readonly moved: readonly bigint[];
  /** Locked for each patient. */
  readonly each: readonly bigint[];
  /** Locked once, with the cohort's first enrolment. */
  readonly once: readonly bigint[];
}

/** What the enrolment of so many patients moves and locks. */
export function enrolmentFlows(agreement: Agreement, cohort: number, patients: number): EnrolmentFlows {
  const zeros = (): bigint[] => agreement.members.map(() => 0n);
  const sums = { moved: zeros(), each: zeros(), once: zeros() };
  const add = (to: bigint[], party: PartyRef, parts: readonly bigint[]): void =>
    parts.forEach((part, k) => (to[party.first + k] = (to[party.first + k] ?? 0n) + part));
  for (const clause of agreement.clauses) {
    const payoff = clause.payoffs.get(cohort);
    if (payoff === undefined) continue;
    const [from, to] = sides(agreement, clause);
    if (assessment(clause) === "enrolment") {
      const total = milestoneTotal(payoff, [{ patients, sum: 0n }], 0);
      add(sums.moved, clause.from, split(-total, from));
      add(sums.moved, clause.to, split(total, to));
      continue;
    }
    const lock = locks(payoff);
    const into = clause.basis === "total" ? sums.once : sums.each;
    add(into, clause.from, splitLock(lock.from, from));
    add(into, clause.to, splitLock(lock.to, to));
  }
  return sums;
}

const sides = (agreement: Agreement, { from, to }: Clause) =>
  [membersOf(agreement, from), membersOf(agreement, to)] as const;
