/**
 * What a story must come to, worked out the slow way: a list of patients with their index days, reports with their days, a
 * journal of payments. Locks are no running sums: they are added up anew from who has no outcome yet.
 *
 * Reports name no patients on the chain: those of a clause and cohort count as covering the patients longest due.
 */

import type { Agreement, Clause, Day, PartyRef } from "../../terms/model.ts";
import type { Action, Refusal } from "../../runner/step.ts";
import { lockOf, milestonePays, partOf, wagerPays } from "./money.ts";

interface Where {
  readonly clause: number;
  readonly cohort: number;
}

interface Report extends Where {
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

interface State {
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

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** A step that a scenario has no word for, because the call's refusal is none that a scenario can name. */
export class Unscriptable extends Error {}

const refuse = (condition: boolean, refusal: Refusal): void => {
  if (condition) throw new Refused(refusal);
};

const keyOf = ({ clause, cohort }: Where): string => `${clause}/${cohort}`;

export class Reference {
  readonly agreement: Agreement;
  /** By member: what the last enrolment refused for want of money was short of. */
  shortfall: readonly bigint[];
  #state: State;

  constructor(agreement: Agreement) {
    this.agreement = agreement;
    const none = (): bigint[] => agreement.members.map(() => 0n);
    this.shortfall = none();
    this.#state = {
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

  /** Plays a step: the refusal that it must meet, or null. A refused step changes nothing. */
  play(step: Action): Refusal | null {
    const before = structuredClone(this.#state);
    const free = this.standings().map((standing) => standing.free);
    try {
      const bondBack = this.#act(step);
      if (["enrol", "report", "settle", "rule", "lapse"].includes(step.type)) this.#payOut(free, bondBack);
      return null;
    } catch (error) {
      this.#state = before;
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  get day(): Day {
    return this.#state.day;
  }

  /** The earliest opening, where the clock starts. */
  get firstDay(): Day {
    return Math.min(...this.agreement.cohorts.map(({ opens }) => opens));
  }

  get reports(): readonly Readonly<Report>[] {
    return this.#state.reports;
  }

  /** By member. */
  standings(): Standing[] {
    const { balance, paidIn, paidOut } = this.#state;
    return this.agreement.members.map((_, member) => {
      const held = balance[member] ?? 0n;
      const locked = this.#locked(member);
      return { net: held + (paidOut[member] ?? 0n) - (paidIn[member] ?? 0n), locked, free: held - locked };
    });
  }

  /** Patients enrolled in a cohort. */
  enrolled(cohort: number): number {
    return this.#cohort(cohort).patients.length;
  }

  lastIndexed(cohort: number): Day {
    return this.#cohort(cohort).lastIndexed;
  }

  /** Due days of the patients of a milestone whom no report covers, the longest due first. */
  outstanding(where: Where): Day[] {
    return this.#dueDays(where).slice(this.#assessed(where) + this.#pending(where));
  }

  rejectedOn(where: Where): Day | null {
    return this.#state.rejected.get(keyOf(where)) ?? null;
  }

  /** The day a wager falls due. */
  wagerDue({ clause: position, cohort }: Where): Day {
    const clause = this.#clause(position);
    const { closes, enrolWithin } = this.#terms(cohort);
    if (clause.due === "enrolment") throw new RangeError("a wager is never due at enrolment");
    return closes + Math.max(clause.due + this.#grace(clause), enrolWithin);
  }

  /** Returns the bonds that the step gives back, by member. */
  #act(step: Action): Map<number, bigint> {
    switch (step.type) {
      case "at":
        this.#state.day = step.day;
        break;
      case "fund":
        for (const { party, amount } of step.payments) {
          this.#spread(this.#state.balance, party, amount);
          this.#spread(this.#state.paidIn, party, amount);
        }
        break;
      case "enrol":
        this.#enrol(step);
        break;
      case "report":
        this.#report(step);
        break;
      case "settle":
        if (step.target === "report") return this.#settleReport(this.#find(step.report));
        this.#settleClause(step);
        break;
      case "challenge":
        this.#challenge(this.#find(step.report), step.by.first);
        break;
      case "rule":
        return this.#rule(this.#find(step.report), step.uphold);
      case "lapse":
        this.#lapse(step);
        break;
      case "withdraw": {
        const member = step.party.first;
        refuse((this.standings()[member]?.free ?? 0n) < step.amount, "InsufficientEscrow");
        this.#spread(this.#state.balance, step.party, -step.amount);
        this.#spread(this.#state.paidOut, step.party, step.amount);
        break;
      }
      case "expect":
        break;
    }
    return new Map();
  }

  #enrol({ cohort: position, patients, indexed }: Action & { type: "enrol" }): void {
    const terms = this.#terms(position);
    const cohort = this.#cohort(position);
    const { day } = this.#state;
    const index = indexed ?? day;
    refuse(index < terms.opens || index >= terms.closes || index > day, "EnrolmentClosed");
    refuse(day >= terms.closes + terms.enrolWithin, "EnrolmentClosed");
    refuse(index < cohort.lastIndexed, "IndexOutOfOrder");
    refuse(cohort.patients.length + patients > terms.maxPatients, "CohortFull");
    cohort.opened = true;
    cohort.lastIndexed = index;
    for (let i = 0; i < patients; i++) cohort.patients.push(index);
    this.agreement.clauses.forEach((clause, c) => {
      const payoff = clause.payoffs.get(position);
      if (clause.due !== "enrolment" || payoff === undefined) return;
      this.#pay({ clause: c, cohort: position }, (payoff.tiers[0]?.pays ?? 0n) * BigInt(patients));
    });
    const short = this.standings().map(({ free }) => (free < 0n ? -free : 0n));
    if (!short.some((amount) => amount > 0n)) return;
    this.shortfall = short;
    throw new Refused("InsufficientEscrow");
  }

  #report(step: Action & { type: "report" }): void {
    const { day } = this.#state;
    const clause = this.#applies(step);
    const { reportEvery, challengeWindow } = this.agreement.oracle;
    refuse(clause.metric === null || clause.metric.knownTo === "contract", "ReportedByContract");
    refuse(reportEvery !== 0 && (day - this.firstDay) % reportEvery !== 0, "NotReportingDay");
    let total: bigint;
    let patients = 0;
    if (step.kind === "wager") {
      refuse(this.#state.ended.has(keyOf(step)) || this.#isPending(step), "AlreadySettled");
      refuse(day < this.wagerDue(step), "NotYetDue");
      total = this.#wagerPays(step, step.value);
    } else {
      patients = step.outcomes.reduce((n, outcome) => n + outcome.patients, step.notEvaluable);
      const outstanding = this.outstanding(step);
      refuse(patients > outstanding.length, "MorePatientsThanEnrolled");
      refuse(patients > outstanding.filter((due) => due <= day).length, "NotYetDue");
      total = milestonePays(this.#payoff(step), step.outcomes, step.notEvaluable);
    }
    const { clause: c, cohort, as: name } = step;
    const report: Report = { clause: c, cohort, name, patients, total, landed: day, challenge: null, state: "pending" };
    this.#state.reports.push(report);
    if (challengeWindow === 0) this.#settle(report);
  }

  #settleReport(report: Report): Map<number, bigint> {
    const { challengeWindow, ruleWithin, challengeBond } = this.agreement.oracle;
    const { day } = this.#state;
    refuse(report.state !== "pending", "AlreadySettled");
    if (report.challenge !== null) refuse(day < report.challenge.day + ruleWithin, "ReportChallenged");
    else refuse(day < report.landed + challengeWindow, "ChallengeWindowOpen");
    this.#settle(report);
    return new Map(report.challenge === null ? [] : [[report.challenge.by, challengeBond]]);
  }

  #settleClause(where: Where): void {
    const clause = this.#applies(where);
    refuse(this.hasEnded(where), "AlreadySettled");
    if (clause.metric?.knownTo === "oracle") throw new Unscriptable("the oracle reports this clause");
    this.#settleByContract(where, clause);
  }

  #settleByContract(where: Where, clause: Clause): void {
    const { day } = this.#state;
    if (clause.metric === null) {
      const due = this.outstanding(where).filter((dueDay) => dueDay <= day).length;
      refuse(due === 0, "NotYetDue");
      this.#assess(where, due, (this.#payoff(where).tiers[0]?.pays ?? 0n) * BigInt(due));
      return;
    }
    refuse(day < this.wagerDue(where), "NotYetDue");
    const value = clause.metric.id === "enrolled" ? BigInt(this.enrolled(where.cohort)) : this.#outlay(where.cohort);
    this.#end(where, this.#wagerPays(where, value));
  }

  #challenge(report: Report, by: number): void {
    const { challengeWindow, challengeBond } = this.agreement.oracle;
    refuse(report.state !== "pending", "AlreadySettled");
    refuse(this.#state.day >= report.landed + challengeWindow, "ChallengeWindowClosed");
    refuse(report.challenge !== null, "ReportChallenged");
    refuse((this.standings()[by]?.free ?? 0n) < challengeBond, "InsufficientEscrow");
    report.challenge = { day: this.#state.day, by };
  }

  #rule(report: Report, uphold: boolean): Map<number, bigint> {
    const { challenge } = report;
    if (report.state !== "pending" || challenge === null) throw new Refused("NotChallenged");
    const { challengeBond } = this.agreement.oracle;
    if (!uphold) {
      report.state = "void";
      if (this.rejectedOn(report) === null) this.#state.rejected.set(keyOf(report), this.#state.day);
      return new Map([[challenge.by, challengeBond]]);
    }
    const { from, to } = this.#clause(report.clause);
    const ofFrom = challenge.by >= from.first && challenge.by < from.first + from.count;
    this.#settle(report);
    const { balance } = this.#state;
    balance[challenge.by] = (balance[challenge.by] ?? 0n) - challengeBond;
    this.#spread(balance, ofFrom ? to : from, challengeBond);
    return new Map();
  }

  #lapse(where: Where): void {
    const clause = this.#applies(where);
    refuse(this.hasEnded(where), "AlreadySettled");
    if (clause.metric?.knownTo !== "oracle") return this.#settleByContract(where, clause);
    const { day } = this.#state;
    const { reportWithin } = this.agreement.oracle;
    const rejected = this.rejectedOn(where);
    const overdue = (due: Day): boolean =>
      day > due + reportWithin && (rejected === null || day > rejected + reportWithin);
    if (clause.kind === "wager") {
      refuse(!overdue(this.wagerDue(where)), "ReportingWindowOpen");
      refuse(this.#isPending(where), "ReportPending");
      return this.#end(where, this.#wagerPays(where, null));
    }
    const unsettled = this.#dueDays(where).slice(this.#assessed(where));
    refuse(!unsettled.some(overdue), "ReportingWindowOpen");
    const lapsed = this.outstanding(where).filter(overdue).length;
    refuse(lapsed === 0, "ReportPending");
    this.#assess(where, lapsed, this.#payoff(where).notEvaluable * BigInt(lapsed));
  }

  #settle(report: Report): void {
    report.state = "settled";
    if (this.#clause(report.clause).kind === "wager") this.#end(report, report.total);
    else this.#assess(report, report.patients, report.total);
  }

  #assess(where: Where, patients: number, total: bigint): void {
    this.#state.assessed.set(keyOf(where), this.#assessed(where) + patients);
    this.#pay(where, total);
  }

  #end(where: Where, total: bigint): void {
    this.#state.ended.add(keyOf(where));
    this.#pay(where, total);
  }

  #pay({ clause: position, cohort }: Where, total: bigint): void {
    const { from, to } = this.#clause(position);
    const got = this.agreement.members.map(() => 0n);
    this.#spread(got, from, -total);
    this.#spread(got, to, total);
    got.forEach((amount, member) => {
      this.#state.balance[member] = (this.#state.balance[member] ?? 0n) + amount;
    });
    this.#state.journal.push({ clause: position, cohort, got });
  }

  #payOut(freeBefore: readonly bigint[], bondBack: ReadonlyMap<number, bigint>): void {
    this.standings().forEach(({ free }, member) => {
      if (free < 0n) throw new Error(`member ${member} owes ${-free} more than is there`);
      const gain = free - (freeBefore[member] ?? 0n) - (bondBack.get(member) ?? 0n);
      if (this.agreement.members[member]?.payout !== "automatic" || gain <= 0n) return;
      const { balance, paidOut } = this.#state;
      balance[member] = (balance[member] ?? 0n) - gain;
      paidOut[member] = (paidOut[member] ?? 0n) + gain;
    });
  }

  /** What members of the payer group gave along the cohort's clauses, those on outlay excepted. */
  #outlay(cohort: number): bigint {
    const isPayer = (member: number): boolean => this.agreement.members[member]?.group === "payer";
    this.agreement.clauses.forEach((clause, position) => {
      const counts = clause.payoffs.has(cohort) && clause.metric?.id !== "outlay";
      if (!counts || !(isPayer(clause.from.first) || isPayer(clause.to.first))) return;
      refuse(!this.hasEnded({ clause: position, cohort }), "OutcomesOutstanding");
    });
    let paid = 0n;
    for (const entry of this.#state.journal) {
      if (entry.cohort !== cohort || this.#clause(entry.clause).metric?.id === "outlay") continue;
      entry.got.forEach((amount, member) => (paid -= isPayer(member) ? amount : 0n));
    }
    return paid;
  }

  #wagerPays(where: Where, value: bigint | null): bigint {
    const { opened, patients } = this.#cohort(where.cohort);
    if (!opened) return 0n;
    const weight = this.#clause(where.clause).basis === "total" ? 1 : patients.length;
    return wagerPays(this.#payoff(where), value, weight);
  }

  /** Nothing of the clause in the cohort is without an outcome. */
  hasEnded(where: Where): boolean {
    const clause = this.#clause(where.clause);
    if (clause.due === "enrolment") return true;
    if (clause.kind === "wager") return this.#state.ended.has(keyOf(where));
    return this.#assessed(where) === this.enrolled(where.cohort);
  }

  /** The worst case of every clause that has no outcome, and bonds. */
  #locked(member: number): bigint {
    let locked = 0n;
    this.agreement.clauses.forEach((clause, c) => {
      for (const [cohort, payoff] of clause.payoffs) {
        const where = { clause: c, cohort };
        const { opened, patients } = this.#cohort(cohort);
        if (!opened || this.hasEnded(where)) continue;
        const times = clause.kind === "milestone" ? patients.length - this.#assessed(where) : patients.length;
        locked += lockOf(this.agreement, clause, payoff, member) * BigInt(clause.basis === "total" ? 1 : times);
      }
    });
    for (const { state, challenge } of this.#state.reports) {
      if (state === "pending" && challenge?.by === member) locked += this.agreement.oracle.challengeBond;
    }
    return locked;
  }

  #dueDays({ clause: position, cohort }: Where): Day[] {
    const clause = this.#clause(position);
    const { due } = clause;
    if (due === "enrolment") return this.#cohort(cohort).patients;
    return this.#cohort(cohort).patients.map((indexed) => indexed + due + this.#grace(clause));
  }

  #grace({ metric }: Clause): number {
    return metric?.knownTo === "oracle" ? this.agreement.oracle.grace : 0;
  }

  #assessed(where: Where): number {
    return this.#state.assessed.get(keyOf(where)) ?? 0;
  }

  #pendingReports(where: Where): Report[] {
    return this.#state.reports.filter((report) => report.state === "pending" && keyOf(report) === keyOf(where));
  }

  #isPending(where: Where): boolean {
    return this.#pendingReports(where).length > 0;
  }

  #pending(where: Where): number {
    return this.#pendingReports(where).reduce((n, { patients }) => n + patients, 0);
  }

  #spread(accounts: bigint[], party: PartyRef, total: bigint): void {
    accounts.forEach((amount, member) => (accounts[member] = amount + partOf(this.agreement, party, member, total)));
  }

  #find(name: string): Report {
    const report = this.#state.reports.find((one) => one.name === name);
    if (report === undefined) throw new RangeError(`no report is named ${name}`);
    return report;
  }

  #applies({ clause: position, cohort }: Where): Clause {
    const clause = this.#clause(position);
    refuse(!clause.payoffs.has(cohort), "ClauseNotInCohort");
    return clause;
  }

  #payoff({ clause, cohort }: Where): NonNullable<ReturnType<Clause["payoffs"]["get"]>> {
    return present(this.#clause(clause).payoffs.get(cohort));
  }

  #clause(position: number): Clause {
    return present(this.agreement.clauses[position]);
  }

  #terms(cohort: number): Agreement["cohorts"][number] {
    return present(this.agreement.cohorts[cohort]);
  }

  #cohort(position: number): Cohort {
    return present(this.#state.cohorts[position]);
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("no such position");
  return value;
}
