/** What is at hand of a pending report: its content, and leaves from this operator's store or from elsewhere. */

import type { Agreement } from "../../terms/model.ts";
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
import type { Stores } from "../store/stores.ts";
import type { Batch, BatchLeaves, Case, EarlierReport, LeafTerms, ReportLeaves } from "./case.ts";
import type { GivenLeaves } from "./leaves.ts";

export interface GatherParts {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly stores: Pick<Stores, "patients" | "reports">;
  readonly chain: Pick<AgreementChain, "reportCommitment">;
  /** Leaves from elsewhere, by the root that they make. */
  readonly given: ReadonlyMap<Hex, GivenLeaves>;
}

export interface Gathered {
  readonly subject: Case;
  readonly from: "store" | "given";
}

/** Why a report can't be looked at. */
export interface NotGathered {
  readonly missing: "leaves" | "content" | "pending";
}

/** A wager's leaves: those who count, and past the only tier those who were left out. */
const WAGER: LeafTerms = { tiers: [{ start: null, slope: 0n }], dueAfter: 0 };

/** Longer than any validity of an endorsement that makes sense, in days. */
const LONGEST_VALIDITY = 3_660;

/** @throws ChainError */
export async function gather(
  parts: GatherParts,
  state: AgreementState,
  landed: LandedReport,
): Promise<Gathered | NotGathered> {
  const { clause, cohort, root } = landed.report;
  const found = await reportLeaves(parts, root);
  if (found === null) return { missing: "leaves" };
  const content = await contentOf(parts, landed);
  if (content === "gone") return { missing: "pending" };
  if (content === null) return { missing: "content" };
  const enrolments = state.cohorts[cohort]?.enrolments ?? [];
  return {
    from: found.from,
    subject: {
      report: content,
      leaves: found.leaves,
      terms: leafTerms(parts.agreement, landed),
      batches: await Promise.all(enrolments.map((enrolment) => batchOf(parts, cohort, enrolment))),
      earlier: landed.kind === "wager" ? [] : await earlierReports(parts, state.clause(clause, cohort).reports, landed),
    },
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
  { id, stores, given }: GatherParts,
  root: Hex,
): Promise<{ leaves: ReportLeaves; from: Gathered["from"] } | null> {
  const held = await stores.reports.leavesOf(id, root);
  if (held.length > 0 || root === NO_LEAVES) return { leaves: held, from: "store" };
  const other = given.get(root);
  return other?.of === "report" ? { leaves: other.leaves, from: "given" } : null;
}

async function batchOf(
  { id, stores, given }: GatherParts,
  cohort: number,
  { number, patients, indexedDay, root }: LandedEnrolment,
): Promise<Batch> {
  const held = (await stores.patients.of(id, root)).map((entry) =>
    isErased(entry) ? { patientKey: entry.patientKey, leafHash: entry.leafHash } : enrolmentLeaf(entry, cohort, number),
  );
  const other = given.get(root);
  const own: BatchLeaves | null = merkleRoot(enrolmentLeafHashes(held)) === root ? held : null;
  return { number, patients, indexedDay, leaves: own ?? (other?.of === "enrolment" ? other.leaves : null) };
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
    const found = await reportLeaves(parts, landed.report.root);
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
