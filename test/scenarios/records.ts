/**
 * What a story has told so far, kept the slow way: a list of patients with their index days, reports with their days, a
 * journal of payments. Locks are no running sums: they are added up anew from who has no outcome yet.
 *
 * Reports name no patients on the chain: those of a clause and cohort count as covering the patients longest due.
 */

import type { Agreement, Clause, Day, PartyRef } from "../../terms/model.ts";
import { lockOf, partOf } from "./money.ts";

export interface Where {
  readonly clause: number;
  readonly cohort: number;
}

export interface Report extends Where {
  readonly name: string | null;
  /** Of a milestone; 0 for a wager. */
  readonly patients: number;
  readonly total: bigint;
  readonly landed: Day;
  challenge: { readonly day: Day; readonly by: number } | null;
  state: "pending" | "settled" | "void";
}

interface Cohort {
  opened: boolean;
  /** Index day of each patient's batch, in the order of enrolment. */
  patients: Day[];
  lastIndexed: Day;
}

export interface State {
  day: Day;
  balance: bigint[];
  paidIn: bigint[];
  paidOut: bigint[];
  cohorts: Cohort[];
  reports: Report[];
  /** By `clause/cohort`: patients of a milestone with an outcome. */
  assessed: Map<string, number>;
  /** `clause/cohort` of wagers with their outcome. */
  ended: Set<string>;
  /** By `clause/cohort`: the day of the first rejection. */
  rejected: Map<string, Day>;
  /** What each member got (or, negative, gave) along a clause. */
  journal: (Where & { readonly got: bigint[] })[];
}

export interface Standing {
  readonly net: bigint;
  readonly locked: bigint;
  readonly free: bigint;
}

export const keyOf = ({ clause, cohort }: Where): string => `${clause}/${cohort}`;

export abstract class Records {
  readonly agreement: Agreement;
  protected state: State;

  constructor(agreement: Agreement) {
    this.agreement = agreement;
    const none = (): bigint[] => agreement.members.map(() => 0n);
    this.state = {
      day: this.firstDay,
      balance: none(),
      paidIn: none(),
      paidOut: none(),
      cohorts: agreement.cohorts.map(() => ({ opened: false, patients: [], lastIndexed: 0 })),
      reports: [],
      assessed: new Map(),
      ended: new Set(),
      rejected: new Map(),
      journal: [],
    };
  }

  get day(): Day {
    return this.state.day;
  }

  /** The earliest opening, where the clock starts. */
  get firstDay(): Day {
    return Math.min(...this.agreement.cohorts.map(({ opens }) => opens));
  }

  get reports(): readonly Readonly<Report>[] {
    return this.state.reports;
  }

  /** By member. */
  standings(): Standing[] {
    const { balance, paidIn, paidOut } = this.state;
    return this.agreement.members.map((_, member) => {
      const held = balance[member] ?? 0n;
      const locked = this.locked(member);
      return { net: held + (paidOut[member] ?? 0n) - (paidIn[member] ?? 0n), locked, free: held - locked };
    });
  }

  /** Patients enrolled in a cohort. */
  enrolled(cohort: number): number {
    return this.cohort(cohort).patients.length;
  }

  lastIndexed(cohort: number): Day {
    return this.cohort(cohort).lastIndexed;
  }

  /** Due days of the patients of a milestone whom no report covers, the longest due first. */
  outstanding(where: Where): Day[] {
    return this.dueDays(where).slice(this.assessed(where) + this.pending(where));
  }

  rejectedOn(where: Where): Day | null {
    return this.state.rejected.get(keyOf(where)) ?? null;
  }

  /** The day a wager falls due. */
  wagerDue({ clause: position, cohort }: Where): Day {
    const clause = this.clause(position);
    const { closes, enrolWithin } = this.terms(cohort);
    if (clause.due === "enrolment") throw new RangeError("a wager is never due at enrolment");
    return closes + Math.max(clause.due + this.grace(clause), enrolWithin);
  }

  /** Nothing of the clause in the cohort is without an outcome. */
  hasEnded(where: Where): boolean {
    const clause = this.clause(where.clause);
    if (clause.due === "enrolment") return true;
    if (clause.kind === "wager") return this.state.ended.has(keyOf(where));
    return this.assessed(where) === this.enrolled(where.cohort);
  }

  /** The worst case of every clause that has no outcome, and bonds. */
  private locked(member: number): bigint {
    let locked = 0n;
    this.agreement.clauses.forEach((clause, c) => {
      for (const [cohort, payoff] of clause.payoffs) {
        const where = { clause: c, cohort };
        const { opened, patients } = this.cohort(cohort);
        if (!opened || this.hasEnded(where)) continue;
        const times = clause.kind === "milestone" ? patients.length - this.assessed(where) : patients.length;
        locked += lockOf(this.agreement, clause, payoff, member) * BigInt(clause.basis === "total" ? 1 : times);
      }
    });
    for (const { state, challenge } of this.state.reports) {
      if (state === "pending" && challenge?.by === member) locked += this.agreement.oracle.challengeBond;
    }
    return locked;
  }

  protected dueDays({ clause: position, cohort }: Where): Day[] {
    const clause = this.clause(position);
    const { due } = clause;
    if (due === "enrolment") return this.cohort(cohort).patients;
    return this.cohort(cohort).patients.map((indexed) => indexed + due + this.grace(clause));
  }

  private grace({ metric }: Clause): number {
    return metric?.knownTo === "oracle" ? this.agreement.oracle.grace : 0;
  }

  protected assessed(where: Where): number {
    return this.state.assessed.get(keyOf(where)) ?? 0;
  }

  private pendingReports(where: Where): Report[] {
    return this.state.reports.filter((report) => report.state === "pending" && keyOf(report) === keyOf(where));
  }

  protected isPending(where: Where): boolean {
    return this.pendingReports(where).length > 0;
  }

  private pending(where: Where): number {
    return this.pendingReports(where).reduce((n, { patients }) => n + patients, 0);
  }

  protected spread(accounts: bigint[], party: PartyRef, total: bigint): void {
    accounts.forEach((amount, member) => (accounts[member] = amount + partOf(this.agreement, party, member, total)));
  }

  protected find(name: string): Report {
    const report = this.state.reports.find((one) => one.name === name);
    if (report === undefined) throw new RangeError(`no report is named ${name}`);
    return report;
  }

  protected payoff({ clause, cohort }: Where): NonNullable<ReturnType<Clause["payoffs"]["get"]>> {
    return present(this.clause(clause).payoffs.get(cohort));
  }

  protected clause(position: number): Clause {
    return present(this.agreement.clauses[position]);
  }

  protected terms(cohort: number): Agreement["cohorts"][number] {
    return present(this.agreement.cohorts[cohort]);
  }

  protected cohort(position: number): Cohort {
    return present(this.state.cohorts[position]);
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("no such position");
  return value;
}
