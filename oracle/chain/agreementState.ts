/** An agreement as the chain shows it at one block: everything an operator's pass needs. */

import type { LogParams, Provider } from "ethers";

import type { Agreement, Day } from "../../terms/model.ts";
import { IOutcomeAgreement__factory } from "../../typechain-types/index.js";
import type { CohortStanding } from "../report/enrolment.ts";
import type { AgreementId } from "../report/messages.ts";
import { ChainError, explainChainError } from "./errors.ts";
import { historyOf, type ClauseHistory, type LandedEnrolment } from "./history.ts";

export interface CohortState extends CohortStanding {
  readonly enrolments: readonly LandedEnrolment[];
}

export interface ClauseState extends ClauseHistory {
  /** Patients settled so far, by whatever way. */
  readonly assessed: number;
  /** Patients in pending reports; 1 for a wager with one. */
  readonly pending: number;
  /** Number of the last report, 0 for none. */
  readonly number: number;
  /** Of a wager. */
  readonly settled: boolean;
  /** Day of the first rejection, from which the oracle has its time to report again; null without one. */
  readonly reopenedDay: Day | null;
}

/** A party's money in the agreement, in minor units. */
export interface AccountState {
  readonly balance: bigint;
  readonly locked: bigint;
}

export interface AgreementState {
  readonly block: number;
  /** Seconds since 1970-01-01 UTC, of the block. */
  readonly time: number;
  readonly today: Day;
  /** Who endorses reports now. */
  readonly oracle: string;
  /** Whether all parties ended enrolment. */
  readonly terminated: boolean;
  /** By position. */
  readonly cohorts: readonly CohortState[];
  /** By position of the member. */
  readonly accounts: readonly AccountState[];
  /** @throws RangeError when the clause does not apply to the cohort. */
  clause(clause: number, cohort: number): ClauseState;
}

export interface ReadOptions {
  /** Block of the agreement's creation, or any before it. */
  readonly fromBlock: number;
  /** Blocks that the node serves logs of in one call. */
  readonly logRange: number;
}

const SECONDS_A_DAY = 86_400;

/** @throws ChainError */
export async function readAgreementState(
  provider: Provider,
  { address }: AgreementId,
  agreement: Agreement,
  options: ReadOptions,
): Promise<AgreementState> {
  try {
    return await read(provider, address, agreement, options);
  } catch (error) {
    throw explainChainError(error);
  }
}

async function read(
  provider: Provider,
  address: string,
  agreement: Agreement,
  options: ReadOptions,
): Promise<AgreementState> {
  const block = await provider.getBlock("latest");
  if (block === null) throw new ChainError("the chain has no block", "wait", null);
  // One block for all that is read: a state pieced together from several blocks never was.
  const at = { blockTag: block.number };
  const contract = IOutcomeAgreement__factory.connect(address, provider);
  const pairs = agreement.clauses.flatMap(({ payoffs }, clause) =>
    [...payoffs.keys()].map((cohort) => ({ clause, cohort })),
  );
  const [oracle, terminated, cohorts, accounts, clauses, logs] = await Promise.all([
    contract.oracle(at),
    contract.terminated(at),
    Promise.all(agreement.cohorts.map((_, cohort) => contract.cohortState(cohort, at))),
    Promise.all(agreement.members.map((_, member) => contract.accountOf(member, at))),
    Promise.all(pairs.map(({ clause, cohort }) => contract.clauseState(clause, cohort, at))),
    readLogs(provider, address, block.number, options),
  ]);
  const history = historyOf(logs, {
    clausesOf: (cohort) => pairs.filter((pair) => pair.cohort === cohort).map(({ clause }) => clause),
    settlesAtOnce: agreement.oracle.challengeWindow === 0,
  });

  const states = new Map<string, ClauseState>();
  pairs.forEach(({ clause, cohort }, i) => {
    const found = clauses[i];
    if (found === undefined) return;
    const counts = { assessed: Number(found.assessed), pending: Number(found.pending), number: Number(found.number) };
    const reopenedDay = found.reopenedDay === 0n ? null : Number(found.reopenedDay);
    const standing = { ...counts, settled: found.settled, reopenedDay };
    states.set(`${clause}/${cohort}`, { ...history.clause(clause, cohort), ...standing });
  });
  return {
    block: block.number,
    time: block.timestamp,
    today: Math.floor(block.timestamp / SECONDS_A_DAY),
    oracle,
    terminated,
    accounts: accounts.map(({ balance, locked }) => ({ balance, locked })),
    cohorts: cohorts.map((found, cohort) => {
      const enrolments = history.enrolments.get(cohort) ?? [];
      const number = Number(found.number);
      if (enrolments.length !== number) {
        const message = `cohort ${cohort} counts ${number} enrolments, its logs show ${enrolments.length}`;
        throw new ChainError(message, "wait", null);
      }
      const lastIndexedDay = Number(found.lastIndexedDay);
      return { patients: Number(found.patients), number, lastIndexedDay, opened: found.opened, enrolments };
    }),
    clause: (clause, cohort) => {
      const state = states.get(`${clause}/${cohort}`);
      if (state === undefined) throw new RangeError(`clause ${clause} does not apply to cohort ${cohort}`);
      return state;
    },
  };
}

async function readLogs(
  provider: Provider,
  address: string,
  toBlock: number,
  { fromBlock, logRange }: ReadOptions,
): Promise<LogParams[]> {
  const logs: LogParams[] = [];
  for (let from = fromBlock; from <= toBlock; from += logRange) {
    const to = Math.min(from + logRange - 1, toBlock);
    logs.push(...(await provider.getLogs({ address, fromBlock: from, toBlock: to })));
  }
  return logs;
}
