/** What is at hand of a pending report: its content, and leaves from this operator's store or from elsewhere. */

import type { Agreement } from "../../terms/model.ts";
import { RootMismatch } from "../audit/proof.ts";
import type { AgreementChain } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import type { LandedEnrolment, LandedReport } from "../chain/history.ts";
import { wholeReport, type Settleable } from "../pending.ts";
import type { Hex } from "../report/bytes.ts";
import { enrolmentLeaf, isErased } from "../report/enrolment.ts";
import { enrolmentLeafHashes } from "../report/leaf.ts";
import type { AgreementId } from "../report/messages.ts";
import { merkleRoot } from "../report/root.ts";
import { dueAfter } from "../report/schedule.ts";
import { ConfigError } from "../settings/read.ts";
import type { Stores } from "../store/stores.ts";
import { Unavailable } from "../unavailable.ts";
import type { AskLeaves } from "./ask.ts";
import type { Batch, Case, EarlierReport, LeafTerms, ReportLeaves } from "./case.ts";
import { LeavesError, type GivenLeaves } from "./leaves.ts";

export interface GatherParts {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly stores: Pick<Stores, "patients" | "reports">;
  readonly chain: Pick<AgreementChain, "reportCommitment">;
  /** Leaves from elsewhere, by the root that they make. */
  readonly given: ReadonlyMap<Hex, GivenLeaves>;
  /** Where leaves are asked for that are not at hand. */
  readonly ask: AskLeaves;
}

export interface Gathered {
  readonly subject: Case;
  readonly from: "store" | "given";
  /** What went wrong where leaves were asked for. */
  readonly troubles: readonly string[];
}

/** Why a report can't be looked at. */
export interface NotGathered {
  readonly missing: "leaves" | "content" | "pending";
  readonly troubles: readonly string[];
}

/** A wager's leaves: those who count, and past the only tier those who were left out. */
const WAGER: LeafTerms = { tiers: [{ start: null, slope: 0n }], dueAfter: 0 };

/** Longer than any validity of an endorsement that makes sense, in days. */
const LONGEST_VALIDITY = 3_660;

/** @throws ChainError */
export async function gather(
  given: GatherParts,
  state: AgreementState,
  landed: LandedReport,
): Promise<Gathered | NotGathered> {
  const { clause, cohort } = landed.report;
  const troubles: string[] = [];
  const parts = { ...given, ask: noting(given.ask, troubles) };
  const found = await reportLeaves(parts, landed);
  if (found === null) return { missing: "leaves", troubles };
  const content = await contentOf(parts, landed);
  if (content === "gone") return { missing: "pending", troubles };
  if (content === null) return { missing: "content", troubles };
  const enrolments = state.cohorts[cohort]?.enrolments ?? [];
  return {
    from: found.from,
    troubles,
    subject: {
      report: content,
      leaves: found.leaves,
      terms: leafTerms(parts.agreement, landed),
      batches: await Promise.all(enrolments.map((enrolment) => batchOf(parts, cohort, enrolment))),
      earlier: landed.kind === "wager" ? [] : await earlierReports(parts, state.clause(clause, cohort).reports, landed),
    },
  };
}

/** Whoever serves nothing, or something else, keeps nobody from looking at what is at hand. */
function noting(ask: AskLeaves, troubles: string[]): AskLeaves {
  return async (place, root) => {
    try {
      return await ask(place, root);
    } catch (error) {
      const isTheirs = [RootMismatch, LeavesError, Unavailable, ConfigError].some((kind) => error instanceof kind);
      if (!isTheirs || !(error instanceof Error)) throw error;
      troubles.push(error.message);
      return null;
    }
  };
}

function leafTerms(agreement: Agreement, { kind, report }: LandedReport): LeafTerms {
  const clause = agreement.clauses[report.clause];
  const payoff = clause?.payoffs.get(report.cohort);
  if (clause === undefined || payoff === undefined) {
    throw new RangeError(`clause ${report.clause} does not apply to cohort ${report.cohort}`);
  }
  return kind === "wager" ? WAGER : { tiers: payoff.tiers, dueAfter: dueAfter(agreement, clause) };
}

const NO_LEAVES = merkleRoot(new Uint8Array());

/** The store goes first: where a patient was erased since, it no longer has her leaf, and hers is not to be shown. */
async function reportLeaves(
  { id, stores, given, ask, agreement }: GatherParts,
  { report: { clause, cohort, number, root } }: LandedReport,
): Promise<{ leaves: ReportLeaves; from: Gathered["from"] } | null> {
  const held = await stores.reports.leavesOf(id, root);
  if (held.length > 0 || root === NO_LEAVES) return { leaves: held, from: "store" };
  const place = { clause: agreement.clauses[clause]?.id ?? "", cohort: agreement.cohorts[cohort]?.id ?? "", number };
  const other = given.get(root) ?? (await ask({ of: "report", ...place }, root));
  return other?.of === "report" ? { leaves: other.leaves, from: "given" } : null;
}

async function batchOf(
  { id, stores, given, ask, agreement }: GatherParts,
  cohort: number,
  { number, patients, indexedDay, root }: LandedEnrolment,
): Promise<Batch> {
  const held = (await stores.patients.of(id, root)).map((entry) =>
    isErased(entry) ? { patientKey: entry.patientKey, leafHash: entry.leafHash } : enrolmentLeaf(entry, cohort, number),
  );
  const about = { number, patients, indexedDay };
  if (merkleRoot(enrolmentLeafHashes(held)) === root) return { ...about, leaves: held };
  const place = { of: "enrolment", cohort: agreement.cohorts[cohort]?.id ?? "", number } as const;
  const other = given.get(root) ?? (await ask(place, root));
  return { ...about, leaves: other?.of === "enrolment" ? other.leaves : null };
}

/** Reports of the same clause and cohort with a lower number that are pending or have settled. */
async function earlierReports(
  parts: GatherParts,
  reports: readonly LandedReport[],
  { report: { number } }: LandedReport,
): Promise<EarlierReport[]> {
  const earlier: EarlierReport[] = [];
  for (const landed of reports) {
    if (landed.kind !== "milestone" || landed.standing === "void" || landed.report.number >= number) continue;
    const content = await contentOf(parts, landed);
    if (content === "gone") continue;
    const found = await reportLeaves(parts, landed);
    const message = content?.kind === "milestone" ? content.message : null;
    earlier.push({ number: landed.report.number, message, leaves: found?.leaves ?? null });
  }
  return earlier;
}

/**
 * Its last day, which the event leaves out, lies on or after its as-of day.
 * @returns "gone" when the agreement keeps no such report any more; null when no last day fits.
 */
async function contentOf({ chain }: GatherParts, landed: LandedReport): Promise<Settleable | "gone" | null> {
  const { clause, cohort, number, asOfDay } = landed.report;
  const commitment = await chain.reportCommitment(clause, cohort, number);
  return commitment === null ? "gone" : wholeReport(landed, commitment, asOfDay, LONGEST_VALIDITY);
}
