/** Reads back what an agreement carries in its bytecode: the terms without their names. Twin of `pack.ts`. */

import { getAddress } from "ethers";

import type { Day } from "../model.ts";

export type PackedKind = "enrolment" | "time" | "milestone" | "wager";

/** A run of accounts. */
export interface AccountRange {
  readonly first: number;
  readonly count: number;
}

/** A clause as it applies to one cohort. Amounts are minor units, times days. */
export interface PackedClause {
  /** Position in the terms. */
  readonly clause: number;
  readonly kind: PackedKind;
  /** Who knows the metric; nobody needs to, of a payment. */
  readonly knownTo: "nobody" | "oracle" | "contract";
  readonly from: AccountRange;
  readonly to: AccountRange;
  /** From index day (milestone) or close of the cohort (wager) to the day it falls due, grace included. */
  readonly span: number;
  /** Of the first tier. */
  readonly pays: bigint;
}

export interface PackedCohort {
  readonly opens: Day;
  readonly closes: Day;
  readonly enrolWithin: number;
  readonly maxPatients: number;
  readonly clauses: readonly PackedClause[];
}

export interface PackedMember {
  /** As signed: an account can have been handed over since. */
  readonly address: string;
  readonly automatic: boolean;
}

export interface UnpackedTerms {
  readonly token: string;
  /** Decimals that the token has beyond the currency's. */
  readonly scale: number;
  readonly challengeWindow: number;
  readonly ruleWithin: number;
  readonly reportWithin: number;
  readonly challengeBond: bigint;
  readonly members: readonly PackedMember[];
  readonly cohorts: readonly PackedCohort[];
}

const HEADER = 91;
const MEMBER = 25;
const COHORT = 13;
const TABLE_ENTRY = 4;
/** Set beside the metric when the payoff has slopes. */
const SLOPED = 0x80;
const KINDS: readonly PackedKind[] = ["enrolment", "time", "milestone", "wager", "wager"];

/** @param packed Hex with 0x, as `packedTerms()` of an agreement returns it. */
export function unpackTerms(packed: string): UnpackedTerms {
  const hex = packed.slice(2);
  const slice = (offset: number, size: number): string => {
    const found = hex.slice(2 * offset, 2 * (offset + size));
    if (found.length !== 2 * size) throw new RangeError("these are no packed terms: they end too early");
    return found;
  };
  const number = (offset: number, size: number): number => Number.parseInt(slice(offset, size), 16);
  const wide = (offset: number, size: number): bigint => BigInt(`0x${slice(offset, size)}`);
  const range = (offset: number): AccountRange => ({ first: number(offset, 1), count: number(offset + 1, 1) });
  const grace = number(70, 2);

  const readClause = (clause: number, offset: number): PackedClause => {
    const kind = KINDS[number(offset, 1)];
    if (kind === undefined) throw new RangeError(`these are no packed terms: clause ${clause} has no known kind`);
    const metric = number(offset + 1, 1) & ~SLOPED;
    return {
      clause,
      kind,
      knownTo: metric === 0 ? "nobody" : metric === 1 ? "oracle" : "contract",
      from: range(offset + 2),
      to: range(offset + 4),
      span: number(offset + 6, 2) + (metric === 1 ? grace : 0),
      pays: BigInt.asIntN(96, wide(offset + 46, 12)),
    };
  };
  const readCohort = (offset: number): PackedCohort => ({
    opens: number(offset, 3),
    closes: number(offset + 3, 3),
    enrolWithin: number(offset + 6, 2),
    maxPatients: number(offset + 8, 4),
    clauses: Array.from({ length: number(offset + 12, 1) }, (_, i) => {
      const entry = offset + COHORT + i * TABLE_ENTRY;
      return readClause(number(entry, 2), number(entry + 2, 2));
    }),
  });

  const members = number(89, 1);
  return {
    token: getAddress(`0x${slice(0, 20)}`),
    scale: number(60, 1),
    challengeWindow: number(62, 2),
    ruleWithin: number(64, 2),
    reportWithin: number(66, 2),
    challengeBond: wide(75, 12),
    members: Array.from({ length: members }, (_, i) => ({
      address: getAddress(`0x${slice(HEADER + i * MEMBER, 20)}`),
      automatic: number(HEADER + i * MEMBER + 24, 1) !== 0,
    })),
    cohorts: Array.from({ length: number(90, 1) }, (_, i) => readCohort(number(HEADER + members * MEMBER + i * 2, 2))),
  };
}
