/** What an agreement's events say happened, in order. A pure function of the logs. */

import type { LogParams } from "ethers";

import type { Day } from "../../terms/model.ts";
import { IOutcomeAgreement__factory } from "../../typechain-types/index.ts";
import type { ClauseEvent } from "../report/assessed.ts";
import type { Hex } from "../report/bytes.ts";
import type { MilestoneReport, WagerReport } from "../report/messages.ts";

/** An enrolment that landed. */
export interface LandedEnrolment {
  readonly number: number;
  readonly patients: number;
  readonly indexedDay: Day;
  readonly root: Hex;
}

/** A report that landed. Its last day is not part of the event. */
export type LandedReport = { readonly block: number; readonly standing: "open" | "settled" | "void" } & (
  | { readonly kind: "milestone"; readonly report: Omit<MilestoneReport, "lastDay"> }
  | { readonly kind: "wager"; readonly report: Omit<WagerReport, "lastDay"> }
);

export interface ClauseHistory {
  readonly events: readonly ClauseEvent[];
  readonly reports: readonly LandedReport[];
}

export interface History {
  /** By cohort, in order of their numbers. */
  readonly enrolments: ReadonlyMap<number, readonly LandedEnrolment[]>;
  /** Of a clause in a cohort; without events it is empty. */
  clause(clause: number, cohort: number): ClauseHistory;
}

const abi = IOutcomeAgreement__factory.createInterface();

export interface HistoryTerms {
  /** Clauses of a cohort: an enrolment concerns them all. */
  readonly clausesOf: (cohort: number) => readonly number[];
  /** Without a challenge window a report settles as it lands, and its own event is all there is. */
  readonly settlesAtOnce: boolean;
}

/** @param logs The agreement's logs in the order of the chain. */
export function historyOf(logs: readonly LogParams[], { clausesOf, settlesAtOnce }: HistoryTerms): History {
  const landed = settlesAtOnce ? "settled" : "open";
  const enrolments = new Map<number, LandedEnrolment[]>();
  const clauses = new Map<string, { events: ClauseEvent[]; reports: LandedReport[] }>();
  const at = (clause: number, cohort: number): { events: ClauseEvent[]; reports: LandedReport[] } => {
    const key = `${clause}/${cohort}`;
    const found = clauses.get(key) ?? { events: [], reports: [] };
    clauses.set(key, found);
    return found;
  };

  for (const log of logs) {
    const event = abi.parseLog(log);
    if (event === null) continue;
    const word = (name: string): number => Number(event.args.getValue(name));
    const here = (): { events: ClauseEvent[]; reports: LandedReport[] } => at(word("clause"), word("cohort"));
    const standing = (number: number, standing: "settled" | "void"): void => {
      const { reports } = here();
      const i = reports.findIndex(({ report }) => report.number === number);
      const report = reports[i];
      if (report !== undefined) reports[i] = { ...report, standing };
    };

    const voided = (number: number): void => {
      here().events.push({ type: "voided", number });
      standing(number, "void");
    };

    switch (event.name) {
      case "Enrolled": {
        const cohort = word("cohort");
        const list = enrolments.get(cohort) ?? [];
        enrolments.set(cohort, list);
        const root = event.args.getValue("root") as Hex;
        list.push({ number: word("number"), patients: word("patients"), indexedDay: word("indexedDay"), root });
        for (const clause of clausesOf(cohort)) {
          at(clause, cohort).events.push({ type: "enrolled", batch: word("number") });
        }
        break;
      }
      case "MilestoneReported": {
        const tallies = (event.args.getValue("tallies") as { patients: bigint; sum: bigint }[]).map((tally) => ({
          patients: Number(tally.patients),
          sum: tally.sum,
        }));
        const notEvaluable = word("notEvaluable");
        const report = { ...placeOf(word), tallies, notEvaluable, root: event.args.getValue("root") as Hex };
        const patients = tallies.reduce((sum, tally) => sum + tally.patients, notEvaluable);
        here().events.push({ type: "reported", number: report.number, asOfDay: report.asOfDay, patients });
        here().reports.push({ kind: "milestone", block: log.blockNumber, standing: landed, report });
        break;
      }
      case "WagerReported": {
        const evaluable = event.args.getValue("evaluable") as boolean;
        const value = event.args.getValue("value") as bigint;
        const report = { ...placeOf(word), evaluable, value, root: event.args.getValue("root") as Hex };
        here().reports.push({ kind: "wager", block: log.blockNumber, standing: landed, report });
        break;
      }
      case "Settled":
        standing(word("number"), "settled");
        break;
      case "Ruled":
        if (event.args.getValue("upheld") === false) voided(word("number"));
        break;
      case "Refuted":
        voided(word("number"));
        break;
      case "Lapsed":
        here().events.push({ type: "lapsed", patients: word("patients") });
        break;
      case "Agreed":
        here().events.push({ type: "agreed", patients: word("patients") });
        break;
    }
  }
  return {
    enrolments,
    clause: (clause, cohort) => clauses.get(`${clause}/${cohort}`) ?? { events: [], reports: [] },
  };
}

function placeOf(word: (name: string) => number): { clause: number; cohort: number; number: number; asOfDay: Day } {
  return { clause: word("clause"), cohort: word("cohort"), number: word("number"), asOfDay: word("asOfDay") };
}
