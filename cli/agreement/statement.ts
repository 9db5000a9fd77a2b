/** `agreement statement`: every movement of money, in the order of the chain, with its transaction. */

import type { LogDescription, LogParams } from "ethers";

import { dayOfTimestamp } from "../../terms/calendar.ts";
import type { AccountRange } from "../../terms/onchain/unpack.ts";
import { readWholeFlag } from "../flags.ts";
import { note } from "../output.ts";
import { table } from "../table.ts";
import type { Answer } from "./answer.ts";
import type { Subject } from "./subject.ts";

export interface StatementFlags {
  readonly fromBlock?: string;
  readonly logRange?: string;
}

/** One movement: between the sides of a clause, or between an account and an address. */
interface Movement {
  readonly what: string;
  readonly clause: string | null;
  readonly cohort: string | null;
  readonly patients: number | null;
  readonly from: string;
  readonly to: string;
  /** Minor units, not negative. */
  readonly amount: bigint;
}

const NO_ACCOUNT = 255;
const DEFAULT_RANGE = 10_000;
const MOST_BLOCKS = Number.MAX_SAFE_INTEGER;

export async function statement(subject: Subject, flags: StatementFlags): Promise<Answer> {
  const { words, contract, provider, address } = subject;
  const logs = await readLogs(subject, flags);
  const times = new Map<number, Promise<number>>();
  const timeOf = (block: number): Promise<number> => {
    const known = times.get(block) ?? provider.getBlock(block).then((found) => found?.timestamp ?? 0);
    times.set(block, known);
    return known;
  };
  const challengers: Challengers = new Map();
  const rows: Readonly<Record<string, string | number | null>>[] = [];
  for (const log of logs) {
    const event = contract.interface.parseLog(log);
    if (event === null) continue;
    const day = words.day(dayOfTimestamp(await timeOf(log.blockNumber)));
    for (const { amount, ...movement } of movementsOf(subject, event, challengers)) {
      rows.push({
        day,
        block: log.blockNumber,
        ...movement,
        amount: words.amount(amount),
        transaction: log.transactionHash,
      });
    }
  }
  const keys = ["day", "what", "clause", "cohort", "patients", "from", "to", "amount", "transaction"];
  const cells = rows.map((row) => keys.map((key) => String(row[key] ?? "–")));
  return { json: { agreement: address, movements: rows }, lines: table([keys, ...cells]) };
}

async function readLogs({ provider, address }: Subject, flags: StatementFlags): Promise<LogParams[]> {
  const fromBlock = readWholeFlag("--from-block", flags.fromBlock ?? "0", MOST_BLOCKS);
  const range = Math.max(1, readWholeFlag("--log-range", flags.logRange ?? String(DEFAULT_RANGE), MOST_BLOCKS));
  const latest = await provider.getBlockNumber();
  const logs: LogParams[] = [];
  for (let from = fromBlock; from <= latest; from += range) {
    const to = Math.min(from + range - 1, latest);
    if (latest - fromBlock > range) note(`reading blocks ${from} to ${to} of ${latest}`);
    logs.push(...(await provider.getLogs({ address, fromBlock: from, toBlock: to })));
  }
  return logs;
}

/** Accounts that challenged, by report. */
type Challengers = Map<string, number>;

/** Events come in the order of the chain: a ruling finds its challenge. */
function movementsOf(subject: Subject, event: LogDescription, challengers: Challengers): Movement[] {
  const { packed, words } = subject;
  const value = (name: string): bigint => event.args.getValue(name) as bigint;
  const unit = 10n ** BigInt(packed.scale);
  const none = { clause: null, cohort: null, patients: null };
  /** What `from` of a clause paid `to`, or the other way when negative. */
  const along = (what: string, patients: number | null, total = value("total")): Movement[] =>
    total === 0n
      ? []
      : paid(subject, { what, clause: Number(value("clause")), cohort: Number(value("cohort")), patients, total });

  switch (event.name) {
    case "Deposited":
      return [
        {
          what: "paid in",
          ...none,
          from: event.args.getValue("by") as string,
          to: words.account(Number(value("account"))),
          amount: value("amount") / unit,
        },
      ];
    case "Withdrawn":
    case "PaidOut": {
      const what = event.name === "PaidOut" ? "paid out" : "withdrawn";
      const account = words.account(Number(value("account")));
      const to = event.args.getValue("to") as string;
      return [{ what, ...none, from: account, to, amount: value("amount") / unit }];
    }
    case "Enrolled": {
      const cohort = Number(value("cohort"));
      const patients = Number(value("patients"));
      return (packed.cohorts[cohort]?.clauses ?? [])
        .filter(({ kind, pays }) => kind === "enrolment" && pays !== 0n)
        .flatMap(({ clause, pays }) =>
          paid(subject, { what: "enrolled", clause, cohort, patients, total: pays * BigInt(patients) }),
        );
    }
    case "MilestoneReported":
    case "WagerReported":
      // With a challenge window it moves money only when it settles.
      return packed.challengeWindow === 0 ? along("reported", patientsOf(event)) : [];
    case "Settled":
    case "SettledByContract":
      return along("settled", Number(value("patients")) || null);
    case "Challenged":
      challengers.set(reportKey(value), Number(value("account")));
      return [];
    case "Ruled": {
      const challenger = challengers.get(reportKey(value));
      const isMoved = event.args.getValue("upheld") === true && challenger !== undefined;
      return isMoved ? bond(subject, Number(value("clause")), Number(value("cohort")), challenger) : [];
    }
    case "Lapsed":
      return along("lapsed", Number(value("patients")) || null);
    case "Agreed":
      return along("agreed", Number(value("patients")) || null);
    case "Released":
      return (event.args.getValue("movements") as { from: bigint; to: bigint; amount: bigint }[]).map((it) => ({
        what: "released",
        ...none,
        from: Number(it.from) === NO_ACCOUNT ? "nobody" : words.account(Number(it.from)),
        to: words.account(Number(it.to)),
        amount: it.amount,
      }));
    default:
      return [];
  }
}

function patientsOf(event: LogDescription): number | null {
  if (event.name !== "MilestoneReported") return null;
  const tallies = event.args.getValue("tallies") as { patients: bigint }[];
  return tallies.reduce((sum, { patients }) => sum + Number(patients), Number(event.args.getValue("notEvaluable")));
}

function paid(
  { packed, words }: Subject,
  {
    total,
    clause,
    cohort,
    ...rest
  }: { what: string; clause: number; cohort: number; patients: number | null; total: bigint },
): Movement[] {
  const terms = packed.cohorts[cohort]?.clauses.find((it) => it.clause === clause);
  if (terms === undefined) return [];
  const [from, to]: readonly [AccountRange, AccountRange] =
    total < 0n ? [terms.to, terms.from] : [terms.from, terms.to];
  const sides = { from: words.side(from), to: words.side(to) };
  return [
    {
      ...rest,
      clause: words.clause(clause),
      cohort: words.cohort(cohort),
      ...sides,
      amount: total < 0n ? -total : total,
    },
  ];
}

const reportKey = (value: (name: string) => bigint): string =>
  [value("clause"), value("cohort"), value("number")].join("/");

/** Of a challenge that was not upheld, the bond goes to the clause's other side. */
function bond({ packed, words }: Subject, clause: number, cohort: number, challenger: number): Movement[] {
  const terms = packed.cohorts[cohort]?.clauses.find((it) => it.clause === clause);
  if (terms === undefined || packed.challengeBond === 0n) return [];
  const { first, count } = terms.from;
  const other = challenger >= first && challenger < first + count ? terms.to : terms.from;
  const where = { clause: words.clause(clause), cohort: words.cohort(cohort), patients: null };
  const amount = packed.challengeBond;
  return [{ what: "bond", ...where, from: words.account(challenger), to: words.side(other), amount }];
}
