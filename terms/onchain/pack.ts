/**
 * The terms as an agreement carries them in its bytecode: twin of `contracts/libraries/TermsPacker.sol`, so that an
 * address can be told before there is a chain. `docs/protocol.md` documents the layout.
 */

import type { Agreement, Clause, PartyRef, Payoff } from "../model.ts";
import { locks } from "../payoff.ts";
import { kindOf, type SignedTerms } from "./compile.ts";

/** The limit on code (EIP-170) less the clone's own 45 bytes. */
export const MAX_PACKED = 24_576 - 45;

const HEADER = 91;
const MEMBER = 25;
const COHORT = 13;
const TABLE_ENTRY = 4;
const CLAUSE = 58;
/** Set beside the metric when the payoff has slopes; only then does a tier carry one. */
const SLOPED = 0x80;

const KINDS = ["payment at enrolment", "payment by time", "milestone", "wager per patient", "wager in total"];

/** Bytes of an unsigned or two's-complement number. */
function bytes(value: bigint | number, size: number): string {
  return BigInt.asUintN(size * 8, BigInt(value))
    .toString(16)
    .padStart(size * 2, "0");
}

/**
 * The packed terms, hex with 0x.
 * @param terms The same agreement compiled: addresses are read from it.
 * @param tokenDecimals Decimals of the ERC-20, at least the currency's.
 */
export function packTerms(agreement: Agreement, terms: SignedTerms, tokenDecimals: number): string {
  const members = terms.parties
    .map(
      ({ account, share, payout }) =>
        account.slice(2).toLowerCase() + bytes(share, 4) + bytes(payout === "automatic" ? 1 : 0, 1),
    )
    .join("");

  const tableStart = HEADER + agreement.members.length * MEMBER + agreement.cohorts.length * 2;
  const inCohort = agreement.cohorts.map((_, position) =>
    agreement.clauses.flatMap((clause, number) => (clause.payoffs.has(position) ? [number] : [])),
  );
  let cursor = tableStart;
  const cohortOffsets = inCohort.map((clauses) => {
    const offset = cursor;
    cursor += COHORT + clauses.length * TABLE_ENTRY;
    return offset;
  });

  // Clauses follow in the order of the terms, each with its cohorts; the tables point at them.
  const offsets = new Map<string, number>();
  let entries = "";
  agreement.clauses.forEach((clause, number) => {
    [...clause.payoffs]
      .sort(([a], [b]) => a - b)
      .forEach(([cohort, payoff]) => {
        offsets.set(`${number}/${cohort}`, cursor + entries.length / 2);
        entries += entry(clause, payoff);
      });
  });

  const cohorts = agreement.cohorts
    .map((cohort, position) => {
      const clauses = inCohort[position] ?? [];
      const table = clauses.map((number) => bytes(number, 2) + bytes(offsets.get(`${number}/${position}`) ?? 0, 2));
      return (
        bytes(cohort.opens, 3) +
        bytes(cohort.closes, 3) +
        bytes(cohort.enrolWithin, 2) +
        bytes(cohort.maxPatients, 4) +
        bytes(clauses.length, 1) +
        table.join("")
      );
    })
    .join("");

  const table = cohortOffsets.map((offset) => bytes(offset, 2)).join("");
  return "0x" + header(agreement, terms, tokenDecimals) + members + table + cohorts + entries;
}

/** Bytes that the terms take; more than `MAX_PACKED` can't be deployed. */
export function packedSize(agreement: Agreement): number {
  const payoffs = agreement.clauses.flatMap(({ payoffs }) => [...payoffs.values()]);
  return (
    HEADER +
    agreement.members.length * MEMBER +
    agreement.cohorts.length * (2 + COHORT) +
    payoffs.reduce(
      (size, payoff) => size + TABLE_ENTRY + CLAUSE + (payoff.tiers.length - 1) * (isSloped(payoff) ? 40 : 24),
      0,
    )
  );
}

function header(agreement: Agreement, terms: SignedTerms, tokenDecimals: number): string {
  const { oracle } = terms;
  const payer = agreement.members.findIndex(({ group }) => group === "payer");
  const payers = agreement.members.filter(({ group }) => group === "payer").length;
  return (
    terms.token.slice(2).toLowerCase() +
    oracle.account.slice(2).toLowerCase() +
    oracle.arbiter.slice(2).toLowerCase() +
    bytes(tokenDecimals - terms.decimals, 1) +
    bytes(agreement.oracle.authorisedBy === null ? 0 : agreement.oracle.authorisedBy + 1, 1) +
    bytes(oracle.challengeWindow, 2) +
    bytes(oracle.ruleWithin, 2) +
    bytes(oracle.reportWithin, 2) +
    bytes(oracle.reportEvery, 2) +
    bytes(oracle.grace, 2) +
    bytes(Math.min(...agreement.cohorts.map(({ opens }) => opens)), 3) +
    bytes(oracle.challengeBond, 12) +
    bytes(Math.max(payer, 0), 1) +
    bytes(payers, 1) +
    bytes(agreement.members.length, 1) +
    bytes(agreement.cohorts.length, 1)
  );
}

function entry(clause: Clause, payoff: Payoff): string {
  const { from, to } = locks(payoff);
  const [first, ...rest] = payoff.tiers;
  const sloped = isSloped(payoff);
  return (
    bytes(KINDS.indexOf(kindOf(clause)), 1) +
    bytes(metricCode(clause) | (sloped ? SLOPED : 0), 1) +
    range(clause.from) +
    range(clause.to) +
    bytes(clause.due === "enrolment" ? 0 : clause.due, 2) +
    bytes(from, 12) +
    bytes(to, 12) +
    bytes(payoff.notEvaluable, 12) +
    bytes(payoff.tiers.length, 2) +
    bytes(first?.pays ?? 0n, 12) +
    rest
      .map(({ start, pays, slope }) => bytes(start ?? 0n, 12) + bytes(pays, 12) + (sloped ? bytes(slope, 16) : ""))
      .join("")
  );
}

const isSloped = ({ tiers }: Payoff): boolean => tiers.some(({ slope }) => slope !== 0n);

const range = ({ first, count }: PartyRef): string => bytes(first, 1) + bytes(count, 1);

function metricCode({ metric }: Clause): number {
  if (metric === null) return 0;
  if (metric.knownTo === "oracle") return 1;
  return metric.id === "enrolled" ? 2 : 3;
}
