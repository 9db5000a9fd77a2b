/**
 * Whether what a node says of an agreement holds together. Events are what reports are built on; the contract's own
 * counters show when some are missing, or are not the agreement's. A node that lies everywhere in the same way is not
 * found out here: what it can do is delay, since what is signed comes from the operator's own records.
 */

import type { Block, LogParams } from "ethers";

import { assessment, type Agreement } from "../../terms/model.ts";
import type { ClauseState, CohortState } from "./agreementState.ts";
import { ChainError } from "./errors.ts";
import type { LandedReport } from "./history.ts";

/** Answers that were never true together. Reading again may help. */
export class TornState extends ChainError {
  constructor(message: string) {
    super(`the node contradicts itself: ${message}`, "wait", null);
  }
}

function expectEqual(where: string, what: string, found: number, expected: number): void {
  if (found !== expected) throw new TornState(`${where}: its events show ${what} ${found}, its counters ${expected}`);
}

/** Logs of the agreement, in the order of the chain, up to the block, and of no block that was taken away. */
export function checkLogs(logs: readonly LogParams[], address: string, { number, hash }: Block): void {
  let before = { blockNumber: -1, index: -1, blockHash: "" };
  for (const { address: from, blockNumber, blockHash, index, removed } of logs) {
    if (from.toLowerCase() !== address.toLowerCase()) throw new TornState(`a log of ${from} among those of ${address}`);
    if (removed) throw new TornState(`a log of block ${blockNumber}, which was taken away`);
    const later = blockNumber > before.blockNumber || (blockNumber === before.blockNumber && index > before.index);
    if (!later || blockNumber > number) throw new TornState(`log ${index} of block ${blockNumber} out of order`);
    const known = blockNumber === number ? hash : blockNumber === before.blockNumber ? before.blockHash : blockHash;
    if (blockHash !== known) throw new TornState(`two blocks ${blockNumber}`);
    before = { blockNumber, index, blockHash };
  }
}

/** @throws TornState */
export function checkCohort({ enrolments, number, patients, lastIndexedDay }: CohortState, where: string): void {
  expectEqual(where, "enrolments", enrolments.length, number);
  enrolments.forEach((enrolment, i) => expectEqual(where, "enrolment number", enrolment.number, i + 1));
  const enrolled = enrolments.reduce((sum, enrolment) => sum + enrolment.patients, 0);
  expectEqual(where, "patients", enrolled, patients);
  expectEqual(where, "last indexed day", enrolments.at(-1)?.indexedDay ?? 0, lastIndexedDay);
}

/** @throws TornState */
export function checkClause(
  terms: Agreement["clauses"][number] | undefined,
  { reports, events, number, pending, assessed }: ClauseState,
  where: string,
): void {
  expectEqual(where, "reports", reports.length, number);
  reports.forEach(({ report }, i) => expectEqual(where, "report number", report.number, i + 1));
  const open = reports.filter(({ standing }) => standing === "open");
  expectEqual(where, "patients in pending reports", sum(open), pending);
  // The contract assesses by itself what falls due by time: no event of a report tells of that.
  if (terms === undefined || terms.kind === "wager" || terms.metric?.knownTo !== "oracle") return;
  if (assessment(terms) !== "outcome") return;
  const settled = reports.filter(({ standing }) => standing === "settled");
  const otherwise = events.reduce((n, it) => n + (it.type === "lapsed" || it.type === "agreed" ? it.patients : 0), 0);
  expectEqual(where, "patients assessed", sum(settled) + otherwise, assessed);
}

/** A wager's report counts as one patient. */
function sum(reports: readonly LandedReport[]): number {
  return reports.reduce((total, landed) => {
    if (landed.kind === "wager") return total + 1;
    const { tallies, notEvaluable } = landed.report;
    return tallies.reduce((patients, tally) => patients + tally.patients, total + notEvaluable);
  }, 0);
}
