/** An agreement as the chain shows it at one block: everything an operator's pass needs. */

import type { JsonRpcApiProvider, LogParams, Provider } from "ethers";

import type { Agreement, Day } from "../../terms/model.ts";
import { IOutcomeAgreement__factory } from "../../typechain-types/index.ts";
import type { CohortStanding } from "../report/enrolment.ts";
import type { AgreementId } from "../report/messages.ts";
import { checkClause, checkCohort, checkLogs, TornState } from "./consistent.ts";
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

/** Times that a read is repeated when the chain changes, or contradicts itself, under it. */
const TRIES = 3;

/**
 * All of it at one block: a state pieced together from several never was. When a reorganisation takes that block away
 * meanwhile, or events and counters disagree, it is read again.
 * @throws ChainError
 */
export async function readAgreementState(
  provider: Provider,
  id: AgreementId,
  agreement: Agreement,
  options: ReadOptions,
): Promise<AgreementState> {
  for (let i = 1; ; i++) {
    try {
      return await read(provider, id, agreement, options);
    } catch (error) {
      if (!(error instanceof TornState) || i === TRIES) throw explainChainError(error);
    }
  }
}

async function read(
  provider: Provider,
  { address, chainId }: AgreementId,
  agreement: Agreement,
  options: ReadOptions,
): Promise<AgreementState> {
  const [block, chain] = await Promise.all([provider.getBlock("latest"), chainIdOf(provider)]);
  if (block === null) throw new ChainError("the chain has no block", "wait", null);
  if (chain !== null && chain !== chainId) {
    throw new ChainError(`the node is of chain ${chain}, the agreement is on chain ${chainId}`, "wait", null);
  }
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
  const after = await provider.getBlock(block.number);
  if (after?.hash !== block.hash) throw new TornState(`block ${block.number} was replaced while it was read`);
  checkLogs(logs, address, block);
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
    const state = { ...history.clause(clause, cohort), ...counts, settled: found.settled, reopenedDay };
    checkClause(agreement.clauses[clause], state, `clause ${clause}, cohort ${cohort}`);
    states.set(`${clause}/${cohort}`, state);
  });
  return {
    block: block.number,
    time: block.timestamp,
    today: Math.floor(block.timestamp / SECONDS_A_DAY),
    oracle,
    terminated,
    accounts: accounts.map(({ balance, locked }) => ({ balance, locked })),
    cohorts: cohorts.map(({ patients, number, lastIndexedDay, opened }, cohort) => {
      const counts = { patients: Number(patients), number: Number(number), lastIndexedDay: Number(lastIndexedDay) };
      const state = { ...counts, opened, enrolments: history.enrolments.get(cohort) ?? [] };
      checkCohort(state, `cohort ${cohort}`);
      return state;
    }),
    clause: (clause, cohort) => {
      const state = states.get(`${clause}/${cohort}`);
      if (state === undefined) throw new RangeError(`clause ${clause} does not apply to cohort ${cohort}`);
      return state;
    },
  };
}

/** Asked anew each time: a server may be moved to another chain. Null: the provider has no way to ask. */
async function chainIdOf(provider: Provider): Promise<bigint | null> {
  if (!("send" in provider)) return null;
  return BigInt((await (provider as JsonRpcApiProvider).send("eth_chainId", [])) as string);
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
