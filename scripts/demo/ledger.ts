/** What happened on the chain since last asked, told so that a finance officer can follow every payment to its transaction. */

import { AbiCoder, getAddress, type EventLog, type Log } from "ethers";

import { isErasedLeaf } from "../../oracle/report/leaf.ts";
import type { EvidencedLeaf, StoredReports } from "../../oracle/store/reports.ts";
import { openStores } from "../../oracle/store/stores.ts";
import { CODE_VERSION } from "../../oracle/version.ts";
import type { AgreementId } from "../../oracle/report/messages.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { formatDay } from "../../terms/calendar.ts";
import type { Agreement, Clause } from "../../terms/model.ts";
import { milestoneTotal } from "../../terms/payoff.ts";
import { formatMoney, formatValue, isYesNo } from "../../terms/values.ts";
import type { OutcomeAgreement } from "../../typechain-types/index.ts";
import { CAST } from "./cast.ts";
import type { Staged } from "./stage.ts";

export interface Ledger {
  /** Prints what is new. */
  tell(): Promise<void>;
  /** Prints what each party has, and checks that it adds up to the tokens held. */
  close(): Promise<void>;
}

type Print = (line: string) => void;

/** Pseudonyms are the first bytes of a patient's key: nothing on paper names a patient. */
const PSEUDONYM = 10;

export function openLedger(
  { agreement, contract, address, created }: Staged,
  chainId: bigint,
  store: string,
  print: Print,
): Ledger {
  const id: AgreementId = { chainId, address };
  let next = created.block;
  const money = (amount: bigint): string =>
    `${agreement.currency.code} ${formatMoney(amount, agreement.currency.decimals, "grouped")}`;

  return {
    async tell() {
      const logs = await contract.queryFilter("*" as never, next, "latest");
      const { reports, database } = await openStores(store, CODE_VERSION);
      try {
        for (const log of logs) {
          next = Math.max(next, log.blockNumber + 1);
          const text = await describe(agreement, id, reports, money, log);
          if ("eventName" in log && ENDORSED.includes(log.eventName)) text.push(await endorsers(contract, log));
          text.forEach((line, i) => print(i === 0 ? `${line.padEnd(86)} tx ${log.transactionHash}` : line));
        }
      } finally {
        await database.close();
      }
    },
    async close() {
      await printAccounts(agreement, contract, money, print);
    },
  };
}

/** Events of calls that carry the operators' endorsement. */
const ENDORSED = ["Enrolled", "MilestoneReported"];

/** Who signed what the call brought. */
async function endorsers(contract: OutcomeAgreement, log: EventLog): Promise<string> {
  const call = contract.interface.parseTransaction(await log.getTransaction());
  const [signers] = AbiCoder.defaultAbiCoder().decode(["bytes[]", "bytes[]"], String(call?.args[1])) as unknown as [
    string[],
  ];
  const known = signers.filter((signer) => CAST.operators.some(({ address }) => address === getAddress(signer)));
  return `${indent("endorsed by")} ${known.length} of ${CAST.operators.length} operators, each from its own computation`;
}

async function describe(
  agreement: Agreement,
  id: AgreementId,
  reports: StoredReports,
  money: (amount: bigint) => string,
  log: Log | EventLog,
): Promise<string[]> {
  if (!("eventName" in log)) return [];
  const { eventName, args } = log;
  const at = args as unknown as Record<string, bigint & string>;
  const clause = agreement.clauses[Number(at["clause"] ?? -1)];
  const name = clause?.id ?? "";
  const party = (account: bigint): string => agreement.members[Number(account)]?.name ?? "";
  const amount = (key: string): bigint => BigInt(at[key] ?? 0n);
  switch (eventName) {
    case "Deposited":
      return [`  paid in      ${money(amount("amount"))} into the account of ${party(amount("account"))}`];
    case "Enrolled":
      return [
        `  enrolled     ${amount("patients")} patients, the latest treated since ${formatDay(Number(amount("indexedDay")))}`,
        ...enrolmentPayments(agreement, Number(amount("cohort")), amount("patients"), money),
      ];
    case "MilestoneReported":
      return clause === undefined ? [] : milestone(agreement, clause, id, reports, money, log);
    case "Challenged":
      return [`  challenged   report ${amount("number")} on ${name}, by ${party(amount("account"))}, against its bond`];
    case "Ruled":
      return [`  ruled        report ${amount("number")} on ${name}: ${at["upheld"] ? "it stands" : "it is void"}`];
    case "Settled":
      return [`  settled      report ${amount("number")} on ${name}: ${flow(clause, amount("total"), money)}`];
    case "Lapsed":
      return [`  lapsed       ${amount("patients")} patients on ${name}: ${flow(clause, amount("total"), money)}`];
    case "PaidOut":
      return [`  paid out     ${money(amount("amount"))} to ${party(amount("account"))}, automatically`];
    case "PayoutFailed":
      return [`  payout failed ${money(amount("amount"))} for ${party(amount("account"))}: it stays in the account`];
    case "Withdrawn":
      return [`  withdrawn    ${money(amount("amount"))} by ${party(amount("account"))}`];
    default:
      return [`  ${eventName}`];
  }
}

/** What a cohort's payments at enrolment come to: they follow from the terms and the number enrolled. */
function enrolmentPayments(
  agreement: Agreement,
  cohort: number,
  patients: bigint,
  money: (amount: bigint) => string,
): string[] {
  return agreement.clauses.flatMap((clause) => {
    const pays = clause.due === "enrolment" ? clause.payoffs.get(cohort)?.tiers[0]?.pays : undefined;
    return pays === undefined ? [] : [`                 ${clause.id}: ${flow(clause, pays * patients, money)}`];
  });
}

function flow(clause: Clause | undefined, total: bigint, money: (amount: bigint) => string): string {
  if (clause === undefined || total === 0n) return "nothing moves";
  const [from, to] = total > 0n ? [clause.from, clause.to] : [clause.to, clause.from];
  return `${from.text} pays ${to.text} ${money(total > 0n ? total : -total)}`;
}

async function milestone(
  agreement: Agreement,
  clause: Clause,
  id: AgreementId,
  reports: StoredReports,
  money: (amount: bigint) => string,
  log: EventLog,
): Promise<string[]> {
  const [, cohort, number, asOf, , notEvaluable, root, total, overdue] = log.args as unknown as [
    bigint,
    bigint,
    bigint,
    bigint,
    unknown,
    bigint,
    string,
    bigint,
    bigint,
  ];
  const payoff = clause.payoffs.get(Number(cohort));
  if (payoff === undefined) return [];
  const leaves = (await reports.leavesOf(id, root as Hex)).flatMap((leaf) => (isErasedLeaf(leaf) ? [] : [leaf]));
  const waits = agreement.oracle.challengeWindow > 0;
  const groups = payoff.tiers.map((tier, k) => {
    const counted = leaves.filter((leaf) => leaf.tier === k);
    const each = milestoneTotal(
      { tiers: [{ ...tier, start: null, slope: 0n }], notEvaluable: 0n },
      [{ patients: 1, sum: 0n }],
      0,
    );
    return { label: tierLabel(clause, k), counted, each };
  });
  const unknown = leaves.filter((leaf) => leaf.tier === payoff.tiers.length);
  const lines = [
    `  report ${number}     ${clause.id}: ${leaves.length} patients assessed as of ${formatDay(Number(asOf))}, ${overdue} due left out`,
    ...groups.map(
      ({ label, counted, each }) =>
        `${indent(label)} ${count(counted)} at ${money(each)} each${example(clause, counted)}`,
    ),
    `${indent("not evaluable")} ${count(unknown)} at ${money(payoff.notEvaluable)} each${reasonsOf(unknown)}`,
    `${indent(waits ? "would move" : "moves")} ${flow(clause, total, money)}${waits ? ", once the challenge window is over" : ""}`,
  ];
  if (Number(notEvaluable) !== unknown.length) throw new Error(`${clause.id}: the report and its leaves differ`);
  return lines;
}

const indent = (label: string): string => `                 ${label.padEnd(22)}`;
const count = (leaves: readonly EvidencedLeaf[]): string => String(leaves.length).padStart(3);

function tierLabel(clause: Clause, k: number): string {
  const payoff = [...clause.payoffs.values()][0];
  const start = payoff?.tiers[k]?.start ?? null;
  const next = payoff?.tiers[k + 1]?.start ?? null;
  if (clause.metric === null) return "";
  if (isYesNo(clause.metric)) return start === null ? `${clause.metric.id}: no` : `${clause.metric.id}: yes`;
  if (start === null) return next === null ? "any value" : `under ${formatValue(clause.metric, next)}`;
  return `${formatValue(clause.metric, start)} or more`;
}

/** One patient of the group, by pseudonym, with what the value rests on. */
function example(clause: Clause, [leaf]: readonly EvidencedLeaf[]): string {
  if (leaf === undefined || clause.metric === null) return "";
  const value = formatValue(clause.metric, leaf.value);
  return `   e.g. ${leaf.patientKey.slice(0, PSEUDONYM)}: ${value}, resting on ${leaf.evidence.at(-1) ?? "no record"}`;
}

function reasonsOf(leaves: readonly EvidencedLeaf[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of leaves) counts.set(reason ?? "unknown", (counts.get(reason ?? "unknown") ?? 0) + 1);
  const text = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, n]) => `${reason.replaceAll("-", " ")} ${n}`);
  return text.length === 0 ? "" : `   ${text.join(", ")}`;
}

async function printAccounts(
  agreement: Agreement,
  contract: OutcomeAgreement,
  money: (amount: bigint) => string,
  print: Print,
): Promise<void> {
  const rows: string[][] = [["", "paid in", "paid out", "still held", "of it locked", "net"]];
  const [paidIn, paidOut, withdrawn] = await Promise.all([
    contract.queryFilter(contract.filters.Deposited),
    contract.queryFilter(contract.filters.PaidOut),
    contract.queryFilter(contract.filters.Withdrawn),
  ]);
  let balances = 0n;
  let nets = 0n;
  for (const [i, { name }] of agreement.members.entries()) {
    const of = (logs: { args: { account: bigint; amount: bigint } }[]): bigint =>
      logs.filter(({ args }) => Number(args.account) === i).reduce((sum, { args }) => sum + args.amount, 0n);
    const { balance, locked } = await contract.accountOf(i);
    const deposited = of(paidIn);
    const sent = of([...paidOut, ...withdrawn]);
    const net = balance + sent - deposited;
    balances += balance;
    nets += net;
    rows.push([name, ...[deposited, sent, balance, locked, net].map(money)]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  for (const row of rows) {
    print(
      `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ")}`,
    );
  }
  if (nets !== 0n) throw new Error(`the parties' nets add up to ${nets}, not to zero`);
  print(`  What one party lost the others gained: the nets add up to zero. Held in all: ${money(balances)}.`);
}
