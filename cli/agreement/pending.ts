/** Reports that wait for their window, and their content, which the agreement keeps only as a commitment. */

import { toBeHex, type JsonRpcProvider } from "ethers";

import { historyOf } from "../../oracle/chain/history.ts";
import { wholeReport, type Settleable } from "../../oracle/pending.ts";
import { dayOfTimestamp } from "../../terms/calendar.ts";
import { Finding, UsageError } from "../output.ts";
import { readWholeFlag } from "../flags.ts";
import type { Place } from "./places.ts";
import type { Subject } from "./subject.ts";

/** Times in seconds since 1970-01-01 UTC. */
export interface Pending {
  readonly number: number;
  readonly commitment: string;
  readonly landed: number;
  /** Null when nobody has challenged it. */
  readonly challenge: { readonly at: number; readonly account: number } | null;
  /** When anyone can settle it, if nobody challenges or rules before. */
  readonly settlesFrom: number;
}

const SECONDS_A_DAY = 86_400;
/** Longer than any validity of an endorsement that makes sense. */
const LONGEST_VALIDITY = 3_660;
const MOST = 2 ** 32 - 1;

/** Reports of a clause in a cohort that are pending, by number. */
export async function pendingReports(
  { contract, packed }: Subject,
  { clause, cohort }: { readonly clause: number; readonly cohort: number },
  blockTag: number | "latest",
): Promise<Pending[]> {
  const state = await contract.clauseState(clause, cohort, { blockTag });
  if (state.pending === 0n) return [];
  const numbers = Array.from({ length: Number(state.number) }, (_, i) => i + 1);
  const found = await Promise.all(
    numbers.map(async (number): Promise<Pending[]> => {
      const report = await contract.pendingReport(clause, cohort, number, { blockTag });
      if (BigInt(report.commitment) === 0n) return [];
      const [landed, challenged] = [Number(report.landed), Number(report.challenged)];
      const settlesFrom =
        challenged === 0
          ? landed + packed.challengeWindow * SECONDS_A_DAY
          : challenged + packed.ruleWithin * SECONDS_A_DAY;
      const challenge = challenged === 0 ? null : { at: challenged, account: Number(report.challenger) };
      return [{ number, commitment: report.commitment, landed, challenge, settlesFrom }];
    }),
  );
  return found.flat();
}

/** The pending report that `--number` names; without it the only one. @throws UsageError, Finding */
export async function pendingFlag(subject: Subject, place: Place, flag: string | undefined): Promise<Pending> {
  const { words } = subject;
  const where = `${words.clause(place.clause)}, ${words.cohort(place.cohort)}`;
  const pending = await pendingReports(subject, place, "latest");
  const numbers = pending.map(({ number }) => number).join(", ");
  if (flag !== undefined) {
    const number = readWholeFlag("--number", flag, MOST);
    const named = pending.find((report) => report.number === number);
    if (named !== undefined) return named;
    throw new Finding(`${where}: report ${number} is not pending; pending are ${numbers || "none"}`, null);
  }
  const [only, another] = pending;
  if (only === undefined) throw new Finding(`${where}: no report is pending`, null);
  if (another !== undefined) throw new UsageError(`--number: ${where} has the pending reports ${numbers}`);
  return only;
}

/**
 * The report's content, from the event it landed with.
 * @throws Finding when the chain's events don't tell
 */
export async function contentOf(subject: Subject, { clause, cohort }: Place, pending: Pending): Promise<Settleable> {
  const { provider, contract, address } = subject;
  const abi = contract.interface;
  const reported = [abi.getEvent("MilestoneReported").topicHash, abi.getEvent("WagerReported").topicHash];
  const blocks = await blocksAt(provider, pending.landed);
  const logs = await provider.getLogs({
    address,
    fromBlock: blocks.first,
    toBlock: blocks.last,
    topics: [reported, toBeHex(clause, 32), toBeHex(cohort, 32)],
  });
  const history = historyOf(logs, { clausesOf: () => [], settlesAtOnce: false }).clause(clause, cohort);
  const landed = history.reports.find(({ report }) => report.number === pending.number);
  const whole = landed && wholeReport(landed, pending.commitment, dayOfTimestamp(pending.landed), LONGEST_VALIDITY);
  if (whole) return whole;
  throw new Finding(`report ${pending.number}: its content can't be found in the chain's events`, null);
}

/** The blocks of one timestamp: where an event is whose time is known, on a chain of any length. */
async function blocksAt(provider: JsonRpcProvider, time: number): Promise<{ first: number; last: number }> {
  const latest = await provider.getBlockNumber();
  /** The lowest block at or after `from`; one beyond the latest when there is none. */
  const lowest = async (from: number): Promise<number> => {
    let [low, high] = [0, latest + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const block = await provider.getBlock(middle);
      if ((block?.timestamp ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const first = await lowest(time);
  return { first, last: Math.max(first, (await lowest(time + 1)) - 1) };
}
