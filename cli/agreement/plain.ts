/** What the contracts refuse, in plain words. A refusal that is not in the table is said by its name and values. */

import type { ErrorDescription } from "ethers";

import { describe } from "../../oracle/chain/errors.ts";
import type { Words } from "./words.ts";

/** By name, or by position where two contracts name it differently. */
type Values = (name: string | number) => bigint;
type Sentence = (value: Values, words: Words) => string;

const place = (value: Values, words: Words): string =>
  `${words.clause(Number(value("clause")))}, ${words.cohort(Number(value("cohort")))}`;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  InsufficientEscrow: (value, words) =>
    `${words.account(Number(value("account")))} holds ${words.money(value("balance"))}, ` +
    `${words.money(value("needed"))} are needed: what its worst case may cost stays locked`,
  NotHolder: (value, words) => `${words.account(Number(value("account")))} is not held by this key`,
  UnknownAccount: (value) => `there is no account ${value("account")}`,
  UnknownCohort: (value) => `there is no cohort ${value("cohort")}`,
  ClauseNotInCohort: (value, words) => `${place(value, words)}: the clause does not apply to the cohort`,
  AlreadySettled: (value, words) => `${place(value, words)}: nothing is left to settle`,
  ReportChallenged: (value, words) =>
    `the report was challenged; without a ruling it can be settled from ${words.time(value("until"))}`,
  ChallengeWindowOpen: (value, words) =>
    `the report can still be challenged; it can be settled from ${words.time(value("until"))}`,
  ChallengeWindowClosed: (value, words) => `the report could be challenged until ${words.time(value("since"))}`,
  NotChallenged: () => "nobody has challenged the report",
  NotArbiter: () => "this key is not the arbiter's",
  NotThePendingReport: () => "another report is pending under this number",
  ReportedByOracle: () => "the oracle reports this clause; the contract can't settle it by itself",
  OutcomesOutstanding: (value, words) =>
    `what is paid is not final: ${words.clause(Number(value("clause")))} has outcomes outstanding`,
  NotYetDue: () => "it is not due yet",
  ReportingWindowOpen: (value, words) =>
    value("reopenedUntil") === 0n
      ? "nothing is overdue: the time to report is not over"
      : `the time to report was reopened until ${words.day(value("reopenedUntil"))}; overdue then: ${value("overdue")}`,
  ReportPending: () => "all that is overdue is in pending reports",
  HeldBelowBalances: (value) =>
    `the token holds ${value("held")} of its units for the agreement, ${value("balances")} are owed to the accounts: ` +
    "no withdrawal until it does",
  TokenShort: (value) =>
    `the token delivered ${value("received")} of ${value("expected")} of its units: it is not fit to settle an agreement`,
  LedgerFull: () => "the amount is beyond what the ledger can hold",
  GasTooLow: () => "too little gas for the automatic payouts",
  NoLongerValid: (value, words) =>
    `the terms could be created until ${words.day(value("validUntil"))}, today is ${words.day(value("today"))}`,
  NotSigned: (value, words) => `the signature of ${words.account(Number(value(0)))} is not valid`,
  WrongNumber: (value) => `it carries number ${value("found")}, the next is ${value("expected")}`,
  Expired: (value, words) =>
    `it could be sent until ${words.day(value("lastDay"))}, today is ${words.day(value("today"))}`,
  MorePatientsThanEnrolled: (value) =>
    `${value("patients")} patients are named, ${value("outstanding")} are without an outcome`,
  TotalOutsideLock: (value, words) =>
    `${words.money(value("total"))} is beyond what is locked: ${words.money(value("fromLock"))} by the paying side, ` +
    `${words.money(value("toLock"))} by the other`,
  InvalidHolder: (value) =>
    `${String(value(0))} can't take that role: it is a party, the oracle, the arbiter or the token`,
  TokenHasNoCode: () => "there is no contract at the token's address",
  TokenDecimals: (value) => `the token has ${value("token")} decimals, the currency ${value("currency")}`,
  TermsTooLarge: (value) => `the terms take ${value("size")} bytes, at most ${value("limit")} fit`,
  ERC20InsufficientBalance: () => "the sender has too few tokens",
  ERC20InsufficientAllowance: () => "the agreement may not take the sender's tokens: the allowance is too low",
  NotAllowed: (value) => `the bank does not let ${String(value("account"))} hold or send its deposit token`,
};

/** One sentence, with the contract's error behind it. */
export function plainRefusal(refusal: ErrorDescription, words: Words): string {
  const named = describe(refusal);
  const sentence = SENTENCES[refusal.name];
  if (sentence === undefined) return named;
  return `${sentence((name) => valueOf(refusal, name), words)} [${named}]`;
}

function valueOf({ args }: ErrorDescription, name: string | number): bigint {
  return (typeof name === "number" ? args[name] : args.getValue(name)) as bigint;
}
