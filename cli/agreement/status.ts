/** `agreement status`: the money and the outcomes of an agreement, at one block. */

import { Contract } from "ethers";

import { dayOfTimestamp } from "../../terms/calendar.ts";
import type { Day } from "../../terms/model.ts";
import type { PackedClause, PackedCohort } from "../../terms/onchain/unpack.ts";
import { table } from "../table.ts";
import type { Answer } from "./answer.ts";
import { pendingReports, type Pending } from "./pending.ts";
import type { Subject } from "./subject.ts";

interface At {
  readonly blockTag: number;
}

type Rows = Readonly<Record<string, unknown>>[];

/** A block and its day: nothing is read from two blocks. */
export async function status(subject: Subject): Promise<Answer> {
  const { provider, contract, packed, token, words, address, chainId } = subject;
  const block = await provider.getBlock("latest");
  if (block === null) throw new RangeError("the chain has no block");
  const at = { blockTag: block.number };
  const today = dayOfTimestamp(block.timestamp);
  const erc20 = new Contract(token.address, ["function balanceOf(address) view returns (uint256)"], provider);
  const [oracle, arbiter, terminated, held, accounts, cohorts] = await Promise.all([
    contract.oracle(at),
    contract.arbiter(at),
    contract.terminated(at),
    erc20.getFunction("balanceOf")(address, at) as Promise<bigint>,
    Promise.all(packed.members.map((_, i) => readAccount(subject, i, at))),
    Promise.all(packed.cohorts.map((cohort, i) => readCohort(subject, i, cohort, at))),
  ]);
  const clauses = await Promise.all(
    packed.cohorts.flatMap((terms, cohort) =>
      terms.clauses.map((clause) => readClause(subject, clause, { cohort, terms }, today, at)),
    ),
  );
  const unit = 10n ** BigInt(packed.scale);
  const head = {
    agreement: address,
    chainId: chainId.toString(),
    block: block.number,
    day: words.day(today),
    currency: { code: subject.terms?.currency.code ?? token.symbol, decimals: subject.decimals },
    token: { ...token, held: words.amount(held / unit) },
    oracle,
    arbiter: BigInt(arbiter) === 0n ? null : arbiter,
    terminated,
  };
  return {
    json: { ...head, accounts, cohorts, clauses },
    lines: [
      `agreement ${address} on chain ${chainId}, block ${block.number}, ${head.day}`,
      `token ${token.address}${token.symbol === null ? "" : ` (${token.symbol})`} holds ${head.token.held}`,
      `oracle ${oracle}${head.arbiter === null ? "" : `, arbiter ${head.arbiter}`}`,
      ...(terminated ? ["the parties have ended enrolment"] : []),
      "",
      ...columns(accounts, ["party", "holder", "payout", "held", "locked", "free"], 3),
      "",
      ...columns(cohorts, ["cohort", "opens", "closes", "lastIndexed", "enrolments", "patients", "maxPatients"], 4),
      "",
      ...columns(
        clauses,
        ["clause", "cohort", "kind", "from", "to", "state", "assessed", "pending", "due", "overdue", "total"],
        6,
      ),
      ...clauses.flatMap(({ clause, cohort, reports }) => reports.map((report) => reportLine(clause, cohort, report))),
    ],
  };
}

interface ReportRow {
  readonly number: number;
  readonly landed: string;
  readonly challenged: string | null;
  readonly challenger: string | null;
  readonly settlesFrom: string;
}

async function readAccount({ contract, packed, words }: Subject, account: number, at: At) {
  const { holder, balance, locked } = await contract.accountOf(account, at);
  return {
    account,
    party: words.account(account),
    holder,
    payout: packed.members[account]?.automatic === true ? "automatic" : "on-request",
    held: words.amount(balance),
    locked: words.amount(locked),
    free: words.amount(balance - locked),
  };
}

async function readCohort({ contract, words }: Subject, position: number, terms: PackedCohort, at: At) {
  const { patients, number, lastIndexedDay, opened } = await contract.cohortState(position, at);
  return {
    position,
    cohort: words.cohort(position),
    opens: words.day(terms.opens),
    closes: words.day(terms.closes),
    lastIndexed: opened ? words.day(lastIndexedDay) : null,
    enrolments: Number(number),
    patients: Number(patients),
    maxPatients: terms.maxPatients,
  };
}

/** `due`: fallen due, without an outcome and in no report. `overdue`: those among them that anyone may lapse now. */
async function readClause(
  subject: Subject,
  clause: PackedClause,
  { cohort, terms }: { readonly cohort: number; readonly terms: PackedCohort },
  today: Day,
  at: At,
) {
  const { contract, packed, words } = subject;
  const [state, reports, { patients, opened }] = await Promise.all([
    contract.clauseState(clause.clause, cohort, at),
    pendingReports(subject, { clause: clause.clause, cohort }, at.blockTag),
    contract.cohortState(cohort, at),
  ]);
  const assessed = Number(state.assessed);
  const pending = Number(state.pending);
  const reopenedUntil = state.reopenedDay === 0n ? 0 : Number(state.reopenedDay) + packed.reportWithin;
  const dueOn = async (day: Day): Promise<number> => {
    if (clause.kind === "enrolment") return 0;
    if (clause.kind === "wager") {
      const dueDay = Math.max(terms.closes + clause.span, terms.closes + terms.enrolWithin);
      return opened && !state.settled && day >= dueDay ? Math.max(0, 1 - pending) : 0;
    }
    const indexed = day - clause.span;
    if (indexed < 0) return 0;
    return Math.max(0, Number((await contract.dueBatches(cohort, indexed, at)).patients) - assessed - pending);
  };
  const within = packed.reportWithin + 1;
  const isOracles = clause.knownTo === "oracle";
  return {
    position: clause.clause,
    clause: words.clause(clause.clause),
    cohort: words.cohort(cohort),
    kind: clause.kind,
    from: words.side(clause.from),
    to: words.side(clause.to),
    state: stateOf(clause, { settled: state.settled, assessed, patients: Number(patients), opened }),
    assessed,
    pending,
    due: await dueOn(today),
    overdue: isOracles && today > reopenedUntil ? await dueOn(today - within) : 0,
    total: words.amount(state.total),
    reports: reports.map((report) => reportRow(subject, report)),
  };
}

function stateOf(
  { kind }: PackedClause,
  found: { readonly settled: boolean; readonly assessed: number; readonly patients: number; readonly opened: boolean },
): "settled" | "open" | "empty" {
  if (!found.opened) return "empty";
  if (kind === "wager") return found.settled ? "settled" : "open";
  return found.assessed === found.patients ? "settled" : "open";
}

function reportRow({ words }: Subject, { number, landed, challenge, settlesFrom }: Pending): ReportRow {
  return {
    number,
    landed: words.time(landed),
    challenged: challenge && words.time(challenge.at),
    challenger: challenge && words.account(challenge.account),
    settlesFrom: words.time(settlesFrom),
  };
}

function reportLine(
  clause: string,
  cohort: string,
  { number, landed, challenged, challenger, settlesFrom }: ReportRow,
): string {
  const disputed = challenged === null ? "not challenged" : `challenged by ${challenger} on ${challenged}`;
  return `report ${number} of ${clause}, ${cohort}: landed ${landed}, ${disputed}, settles from ${settlesFrom}`;
}

function columns(rows: Rows, keys: readonly string[], right: number): string[] {
  const header = keys.map((key) => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
  return table([header, ...rows.map((row) => keys.map((key) => cell(row[key])))], right);
}

const cell = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "–");
