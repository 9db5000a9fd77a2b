/** What a story must come to: each call's refusals in their order, and what it does to the records. */

import type { Clause, Day } from "../../terms/model.ts";
import type { Action, Refusal } from "../../runner/step.ts";
import { milestonePays, wagerPays } from "./money.ts";
import { keyOf, Records, type Report, type Where } from "./records.ts";

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

export class Reference extends Records {
  /** By member: what the last enrolment refused for want of money was short of. */
  shortfall: readonly bigint[] = [];

  /** Plays a step: the refusal that it must meet, or null. A refused step changes nothing. */
  play(step: Action): Refusal | null {
    const before = structuredClone(this.state);
    const free = this.standings().map((standing) => standing.free);
    try {
      const bondBack = this.#act(step);
      if (["enrol", "report", "settle", "rule", "lapse"].includes(step.type)) this.#payOut(free, bondBack);
      return null;
    } catch (error) {
      this.state = before;
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  /** Returns the bonds that the step gives back, by member. */
  #act(step: Action): Map<number, bigint> {
    switch (step.type) {
      case "at":
        this.state.day = step.day;
        break;
      case "fund":
        for (const { party, amount } of step.payments) {
          this.spread(this.state.balance, party, amount);
          this.spread(this.state.paidIn, party, amount);
        }
        break;
      case "enrol":
        this.#enrol(step);
        break;
      case "report":
        this.#report(step);
        break;
      case "settle":
        if (step.target === "report") return this.#settleReport(this.find(step.report));
        this.#settleClause(step);
        break;
      case "challenge":
        this.#challenge(this.find(step.report), step.by.first);
        break;
      case "rule":
        return this.#rule(this.find(step.report), step.uphold);
      case "lapse":
        this.#lapse(step);
        break;
      case "withdraw": {
        const member = step.party.first;
        refuse((this.standings()[member]?.free ?? 0n) < step.amount, "InsufficientEscrow");
        this.spread(this.state.balance, step.party, -step.amount);
        this.spread(this.state.paidOut, step.party, step.amount);
        break;
      }
      case "expect":
        break;
    }
    return new Map();
  }

  #enrol({ cohort: position, patients, indexed }: Action & { type: "enrol" }): void {
    const terms = this.terms(position);
    const cohort = this.cohort(position);
    const { day } = this.state;
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
    const { day } = this.state;
    const clause = this.#applies(step);
    const { reportEvery, challengeWindow } = this.agreement.oracle;
    refuse(clause.metric === null || clause.metric.knownTo === "contract", "ReportedByContract");
    refuse(reportEvery !== 0 && (day - this.firstDay) % reportEvery !== 0, "NotReportingDay");
    let total: bigint;
    let patients = 0;
    if (step.kind === "wager") {
      refuse(this.state.ended.has(keyOf(step)) || this.isPending(step), "AlreadySettled");
      refuse(day < this.wagerDue(step), "NotYetDue");
      total = this.#wagerPays(step, step.value);
    } else {
      patients = step.outcomes.reduce((n, outcome) => n + outcome.patients, step.notEvaluable);
      const outstanding = this.outstanding(step);
      refuse(patients > outstanding.length, "MorePatientsThanEnrolled");
      refuse(patients > outstanding.filter((due) => due <= day).length, "NotYetDue");
      total = milestonePays(this.payoff(step), step.outcomes, step.notEvaluable);
    }
    const { clause: c, cohort, as: name } = step;
    const report: Report = { clause: c, cohort, name, patients, total, landed: day, challenge: null, state: "pending" };
    this.state.reports.push(report);
    if (challengeWindow === 0) this.#settle(report);
  }

  #settleReport(report: Report): Map<number, bigint> {
    const { challengeWindow, ruleWithin, challengeBond } = this.agreement.oracle;
    const { day } = this.state;
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
    const { day } = this.state;
    if (clause.metric === null) {
      const due = this.outstanding(where).filter((dueDay) => dueDay <= day).length;
      refuse(due === 0, "NotYetDue");
      this.#assess(where, due, (this.payoff(where).tiers[0]?.pays ?? 0n) * BigInt(due));
      return;
    }
    refuse(day < this.wagerDue(where), "NotYetDue");
    const value = clause.metric.id === "enrolled" ? BigInt(this.enrolled(where.cohort)) : this.#outlay(where.cohort);
    this.#end(where, this.#wagerPays(where, value));
  }

  #challenge(report: Report, by: number): void {
    const { challengeWindow, challengeBond } = this.agreement.oracle;
    refuse(report.state !== "pending", "AlreadySettled");
    refuse(this.state.day >= report.landed + challengeWindow, "ChallengeWindowClosed");
    refuse(report.challenge !== null, "ReportChallenged");
    refuse((this.standings()[by]?.free ?? 0n) < challengeBond, "InsufficientEscrow");
    report.challenge = { day: this.state.day, by };
  }

  #rule(report: Report, uphold: boolean): Map<number, bigint> {
    const { challenge } = report;
    if (report.state !== "pending" || challenge === null) throw new Refused("NotChallenged");
    const { challengeBond } = this.agreement.oracle;
    if (!uphold) {
      report.state = "void";
      if (this.rejectedOn(report) === null) this.state.rejected.set(keyOf(report), this.state.day);
      return new Map([[challenge.by, challengeBond]]);
    }
    const { from, to } = this.clause(report.clause);
    const ofFrom = challenge.by >= from.first && challenge.by < from.first + from.count;
    this.#settle(report);
    const { balance } = this.state;
    balance[challenge.by] = (balance[challenge.by] ?? 0n) - challengeBond;
    this.spread(balance, ofFrom ? to : from, challengeBond);
    return new Map();
  }

  #lapse(where: Where): void {
    const clause = this.#applies(where);
    refuse(this.hasEnded(where), "AlreadySettled");
    if (clause.metric?.knownTo !== "oracle") return this.#settleByContract(where, clause);
    const { day } = this.state;
    const { reportWithin } = this.agreement.oracle;
    const rejected = this.rejectedOn(where);
    const overdue = (due: Day): boolean =>
      day > due + reportWithin && (rejected === null || day > rejected + reportWithin);
    if (clause.kind === "wager") {
      refuse(!overdue(this.wagerDue(where)), "ReportingWindowOpen");
      refuse(this.isPending(where), "ReportPending");
      return this.#end(where, this.#wagerPays(where, null));
    }
    const unsettled = this.dueDays(where).slice(this.assessed(where));
    refuse(!unsettled.some(overdue), "ReportingWindowOpen");
    const lapsed = this.outstanding(where).filter(overdue).length;
    refuse(lapsed === 0, "ReportPending");
    this.#assess(where, lapsed, this.payoff(where).notEvaluable * BigInt(lapsed));
  }

  #settle(report: Report): void {
    report.state = "settled";
    if (this.clause(report.clause).kind === "wager") this.#end(report, report.total);
    else this.#assess(report, report.patients, report.total);
  }

  #assess(where: Where, patients: number, total: bigint): void {
    this.state.assessed.set(keyOf(where), this.assessed(where) + patients);
    this.#pay(where, total);
  }

  #end(where: Where, total: bigint): void {
    this.state.ended.add(keyOf(where));
    this.#pay(where, total);
  }

  #pay({ clause: position, cohort }: Where, total: bigint): void {
    const { from, to } = this.clause(position);
    const got = this.agreement.members.map(() => 0n);
    this.spread(got, from, -total);
    this.spread(got, to, total);
    got.forEach((amount, member) => {
      this.state.balance[member] = (this.state.balance[member] ?? 0n) + amount;
    });
    this.state.journal.push({ clause: position, cohort, got });
  }

  #payOut(freeBefore: readonly bigint[], bondBack: ReadonlyMap<number, bigint>): void {
    this.standings().forEach(({ free }, member) => {
      if (free < 0n) throw new Error(`member ${member} owes ${-free} more than is there`);
      const gain = free - (freeBefore[member] ?? 0n) - (bondBack.get(member) ?? 0n);
      if (this.agreement.members[member]?.payout !== "automatic" || gain <= 0n) return;
      const { balance, paidOut } = this.state;
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
    for (const entry of this.state.journal) {
      if (entry.cohort !== cohort || this.clause(entry.clause).metric?.id === "outlay") continue;
      entry.got.forEach((amount, member) => (paid -= isPayer(member) ? amount : 0n));
    }
    return paid;
  }

  #wagerPays(where: Where, value: bigint | null): bigint {
    const { opened, patients } = this.cohort(where.cohort);
    if (!opened) return 0n;
    const weight = this.clause(where.clause).basis === "total" ? 1 : patients.length;
    return wagerPays(this.payoff(where), value, weight);
  }

  #applies({ clause: position, cohort }: Where): Clause {
    const clause = this.clause(position);
    refuse(!clause.payoffs.has(cohort), "ClauseNotInCohort");
    return clause;
  }
}
