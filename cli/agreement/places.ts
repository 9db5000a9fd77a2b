/** Parties, clauses and cohorts as flags name them: with --terms by their ids, without by position. */

import { Findings, nearest, oneOfText } from "../../terms/findings.ts";
import { findParty } from "../../terms/resolve/parties.ts";
import type { PackedClause } from "../../terms/onchain/unpack.ts";
import { UsageError } from "../output.ts";
import type { Subject } from "./subject.ts";

/** A clause in a cohort, and its terms there. */
export interface Place {
  readonly clause: number;
  readonly cohort: number;
  readonly terms: PackedClause;
}

/** Position of the one account that `--party` names. @throws UsageError */
export function accountFlag({ terms, packed, words }: Subject, text: string): number {
  const position = positionOf(text);
  if (position !== null && position < packed.members.length) return position;
  if (terms === null) {
    throw new UsageError(
      `--party: found ${text}, expected a position from 0 to ${packed.members.length - 1}, or a name and --terms`,
    );
  }
  const findings = new Findings();
  const party = findParty(text, { path: "--party", line: null }, { members: terms.members, broken: false }, findings);
  if (party === undefined) throw new UsageError(`--party: ${findings.problems[0]?.message ?? text}`);
  if (party.count > 1) {
    const names = Array.from({ length: party.count }, (_, i) => words.account(party.first + i));
    throw new UsageError(`--party: found ${text}, a group of ${party.count}, expected ${oneOfText(names)}`);
  }
  return party.first;
}

/** Who holds each account now. */
export async function holdersOf({ contract, packed }: Subject): Promise<string[]> {
  return Promise.all(packed.members.map(async (_, i) => (await contract.accountOf(i)).holder));
}

/** The account that an address holds. @throws UsageError when it holds none, or more than one */
export async function accountHeldBy(subject: Subject, address: string): Promise<number> {
  const { words } = subject;
  const holders = await holdersOf(subject);
  const held = holders.flatMap((holder, i) => (holder === address ? [i] : []));
  const [only, another] = held;
  if (only === undefined) throw new UsageError(`${address} holds no account of the agreement; --party names one`);
  if (another === undefined) return only;
  throw new UsageError(`--party: expected ${oneOfText(held.map(words.account))}: the key holds them all`);
}

/** The clause and cohort that `--clause` and `--cohort` name. @throws UsageError */
export function placeFlag(subject: Subject, flags: { readonly clause: string; readonly cohort?: string }): Place {
  const { packed, words } = subject;
  const clause = named("--clause", flags.clause, clauseIds(subject));
  const applies = packed.cohorts.flatMap(({ clauses }, cohort) =>
    clauses.some((it) => it.clause === clause) ? [cohort] : [],
  );
  const [only, another] = applies;
  if (flags.cohort === undefined && (only === undefined || another !== undefined)) {
    throw new UsageError(`--cohort: found none, expected ${oneOfText(applies.map(words.cohort))}`);
  }
  const cohortIds = packed.cohorts.map((_, i) => subject.terms?.cohorts[i]?.id ?? String(i));
  const cohort = flags.cohort === undefined ? (only ?? 0) : named("--cohort", flags.cohort, cohortIds);
  const terms = packed.cohorts[cohort]?.clauses.find((it) => it.clause === clause);
  if (terms !== undefined) return { clause, cohort, terms };
  throw new UsageError(
    `--cohort: found ${flags.cohort ?? ""}, ${words.clause(clause)} applies to ${applies.map(words.cohort).join(", ")}`,
  );
}

/** By position; without --terms the position is the id. */
function clauseIds({ packed, terms }: Subject): string[] {
  if (terms !== null) return terms.clauses.map(({ id }) => id);
  const highest = Math.max(...packed.cohorts.flatMap(({ clauses }) => clauses.map(({ clause }) => clause)));
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}

function named(flag: string, text: string, ids: readonly string[]): number {
  const position = ids.indexOf(text);
  if (position >= 0) return position;
  throw new UsageError(`${flag}: found ${text}, expected ${oneOfText(ids)}${nearest(text, ids)}`);
}

function positionOf(text: string): number | null {
  return /^(0|[1-9]\d?)$/.test(text) ? Number(text) : null;
}
