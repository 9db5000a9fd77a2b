/** A pending report and all that is known of it when a contradiction is looked for. */

import { RootMismatch } from "../audit/proof.ts";
import type { Settleable } from "../pending.ts";
import type { Hex } from "../report/bytes.ts";
import { hashHeldLeaves, isErasedLeaf, type EnrolmentLeaf, type ErasedLeaf, type ReportLeaf } from "../report/leaf.ts";
import type { MilestoneReport } from "../report/messages.ts";
import { merkleRoot, proveLeaf } from "../report/root.ts";
import type { Day, Tier } from "../../terms/model.ts";
import type { Refutation, ShownLeaf } from "./refutation.ts";

/** A report's leaves in the order of the tree. */
export type ReportLeaves = readonly (ReportLeaf | ErasedLeaf)[];
/** An enrolment's leaves in the order of the tree. */
export type BatchLeaves = readonly (EnrolmentLeaf | ErasedLeaf)[];

/** An enrolment of the report's cohort. */
export interface Batch {
  readonly number: number;
  readonly patients: number;
  /** What is due is counted from it. */
  readonly indexedDay: Day;
  /** Null when they are not at hand. */
  readonly leaves: BatchLeaves | null;
}

/** A report of the same clause and cohort that landed before and is not void. */
export interface EarlierReport {
  readonly number: number;
  /** Null when its last day, which the agreement commits to, is not known. */
  readonly message: MilestoneReport | null;
  /** Null when they are not at hand. */
  readonly leaves: ReportLeaves | null;
}

/** What the terms say of a report's leaves. */
export interface LeafTerms {
  /** Tiers of the payoff; a wager's leaves have one, without slope. */
  readonly tiers: readonly Pick<Tier, "start" | "slope">[];
  /** Days from a batch's index day to the day on which a milestone is due for it; a wager asks for none. */
  readonly dueAfter: number;
}

export interface Case {
  readonly report: Settleable;
  /** They make the report's root. */
  readonly leaves: ReportLeaves;
  readonly terms: LeafTerms;
  /** All enrolments of the cohort, by number. */
  readonly batches: readonly Batch[];
  /** By number. A wager has none. */
  readonly earlier: readonly EarlierReport[];
}

/** A leaf that can be shown. */
export interface OpenLeaf extends ReportLeaf {
  readonly position: number;
}

/** A case, looked through once. */
export interface Opened extends Case {
  /** Leaves that the report counts. */
  readonly counted: number;
  /** The leaves but for those of erased patients, of which only the hashes are left. */
  readonly open: readonly OpenLeaf[];
  /** By position; of an erased patient undefined. */
  readonly at: (position: number) => OpenLeaf | undefined;
  /** The tier that stands at a position by the tallies, with its first and its last position. */
  readonly talliedAt: (position: number) => TalliedTier;
  readonly hashes: Uint8Array;
}

export interface TalliedTier {
  readonly tier: number;
  readonly first: number;
  readonly last: number;
}

/** Why a report is void, if anybody shows it. */
export interface Contradiction {
  readonly refutation: Refutation;
  /** In words, patients by pseudonym. */
  readonly why: string;
}

/** @throws RootMismatch when the leaves do not make the report's root. */
export function openCase(known: Case): Opened {
  const { report, leaves, batches } = known;
  const hashes = hashHeldLeaves(leaves);
  const root = merkleRoot(hashes);
  if (root !== report.message.root) {
    throw new RootMismatch(`the ${leaves.length} leaves give ${root}, the chain has ${report.message.root}`);
  }
  const opened = leaves.map((leaf, position) => (isErasedLeaf(leaf) ? undefined : { ...leaf, position }));
  // A wager's leaves are no part of what it says of its tiers: all of its patients may stand in either.
  const runs = report.kind === "milestone" ? runsOf(report.message) : [];
  const enrolled = batches.reduce((sum, { patients }) => sum + patients, 0);
  return {
    ...known,
    counted: report.kind === "milestone" ? patientsOf(report.message) : enrolled,
    open: opened.filter((leaf) => leaf !== undefined),
    at: (position) => opened[position],
    talliedAt: (position) => runs.find(({ last }) => position <= last) ?? { tier: runs.length, first: 0, last: -1 },
    hashes,
  };
}

/** A leaf with its way up. */
export function show({ hashes }: Pick<Opened, "hashes">, leaf: OpenLeaf): ShownLeaf {
  const { position, tier, patientKey, batch, value, runningSum, blind } = leaf;
  const { siblings } = proveLeaf(hashes, position);
  return { position, tier, patientKey, batch, value, runningSum, blind, siblings };
}

/** Where each patient's first leaf stands, by key. */
export function positionsOf(leaves: ReportLeaves | BatchLeaves): Map<Hex, number> {
  const found = new Map<Hex, number>();
  leaves.forEach((leaf, position) => {
    if (!found.has(leaf.patientKey)) found.set(leaf.patientKey, position);
  });
  return found;
}

function patientsOf({ tallies, notEvaluable }: MilestoneReport): number {
  return tallies.reduce((sum, { patients }) => sum + patients, notEvaluable);
}

function runsOf({ tallies, notEvaluable }: MilestoneReport): TalliedTier[] {
  let first = 0;
  return [...tallies.map(({ patients }) => patients), notEvaluable].map((patients, tier) => {
    const run = { tier, first, last: first + patients - 1 };
    first += patients;
    return run;
  });
}
