/**
 * Recomputes one report that landed, from the records as of its day, and says where the result differs from what was
 * reported then. A pure function of what it is given.
 */

import type { LandedReport } from "../chain/history.ts";
import { differenceOf, placedPatients, type Difference } from "../endorse/difference.ts";
import type { SourcePatient } from "../outcomes.ts";
import type { EnrolledPatient } from "../report/assessed.ts";
import { buildMilestone, buildWager, type Evidence } from "../report/build.ts";
import type { Hex } from "../report/bytes.ts";
import { hashHeldLeaves, isErasedLeaf, type ReportLeaf } from "../report/leaf.ts";
import type { OracleMessage } from "../report/messages.ts";
import { compareText } from "../report/order.ts";
import { merkleRoot } from "../report/root.ts";
import type { EvidencedLeaf, HeldLeaf, HeldReport } from "../store/reports.ts";
import { findEnrollees, type View } from "../view.ts";

/** What was said of a patient, or would be said now. */
export interface Said {
  readonly tier: number;
  /** `value × 10^decimals` of the metric, as a decimal string. */
  readonly value: string;
  readonly reason: string | null;
  readonly evidence: readonly string[];
}

/** A patient of whom something else is said now; null where she is not in the report at all. */
export interface AuditedPatient {
  readonly patientKey: Hex;
  readonly before: Said | null;
  readonly after: Said | null;
}

export interface AuditedReport {
  readonly kind: "milestone" | "wager";
  readonly clause: number;
  readonly cohort: number;
  readonly number: number;
  readonly asOfDay: number;
  readonly standing: LandedReport["standing"];
  readonly root: Hex;
  /**
   * `same`: the recomputation gives the report. `evidence`: it does, but resting on other resources. `different`: it does
   * not. `incomplete`: it does for everybody who was not erased. `unknown`: what is needed is not held.
   */
  readonly result: "same" | "evidence" | "different" | "incomplete" | "unknown";
  /** What could not be looked at, and why. */
  readonly limits: readonly string[];
  /** How the report as a whole differs; tallies and fields as in an endorsement, the report as `proposed`. */
  readonly fields: Difference["fields"];
  readonly tiers: Difference["tiers"];
  readonly patients: readonly AuditedPatient[];
  /** Patients of the report who were erased since. */
  readonly erased: number;
  /** From what it was computed then; null when this operator did not compute it. */
  readonly computed: { readonly snapshot: string; readonly rules: string; readonly code: string } | null;
  /** Names the records of today. */
  readonly snapshot: string;
}

export interface AuditSubject {
  readonly landed: LandedReport;
  /** The report as this operator computed it then; null when it does not hold it. */
  readonly held: HeldReport | null;
  /** Whom the report assessed; null when that can't be told. */
  readonly patients: readonly EnrolledPatient[] | null;
  /** Show this patient and no other, also where the same is said of her. */
  readonly only?: Hex | undefined;
}

/** @throws RangeError when a value does not fit. */
export function auditReport<P extends SourcePatient>(
  view: View<P>,
  { landed, held, patients, only }: AuditSubject,
): AuditedReport {
  const { kind, standing, report } = landed;
  const { clause, cohort, number, asOfDay, root } = report;
  const { snapshot } = view.outcomes;
  const computed = held === null ? null : { snapshot: held.snapshot, rules: held.rules, code: held.code };
  const limits: string[] = [];
  const nothing = { fields: [], tiers: [], patients: [], erased: 0 };
  const about = { kind, clause, cohort, number, asOfDay, standing, root, computed, snapshot };
  if (patients === null) {
    return {
      ...about,
      ...nothing,
      result: "unknown",
      limits: ["the patients of the cohort's enrolments are not all held"],
    };
  }
  const leaves = held?.leaves ?? null;
  if (leaves === null) limits.push("this operator keeps no leaves of the report: differences can't be told by patient");
  if (leaves !== null && merkleRoot(hashHeldLeaves(leaves)) !== root) {
    const found = merkleRoot(hashHeldLeaves(leaves));
    const field = { field: "leaves held", proposed: root, computed: found };
    return {
      ...about,
      ...nothing,
      result: "different",
      limits: ["the leaves held are not the report's"],
      fields: [field],
    };
  }

  const again = recompute(view, landed, patients);
  const difference = differenceOf(messageOf(landed), again.content, placedPatients(again.leaves));
  if (leaves === null && difference !== null && patients.some(({ indexDay }) => indexDay === null)) {
    limits.push("patients of the cohort were erased, perhaps after the report");
    return { ...about, ...nothing, result: "unknown", limits };
  }
  // Of whoever had been erased before the report, it says so itself, and so does the recomputation.
  const erased = (leaves ?? []).filter(isErasedLeaf).length;
  if (erased > 0) {
    limits.push(`${erased} of its patients were erased since: what it said of them can't be recomputed, nor its sums`);
  }
  const compared = leaves === null ? [] : comparedPatients(leaves, again.leaves);
  const differing = compared.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  const whole = erased > 0 ? null : difference;
  const outcomes = differing.some(
    ({ before, after }) => before?.tier !== after?.tier || before?.value !== after?.value,
  );
  const result =
    whole !== null || outcomes ? "different" : differing.length > 0 ? "evidence" : erased > 0 ? "incomplete" : "same";
  const { fields, tiers } = whole ?? nothing;
  const shown = only === undefined ? differing : compared.filter(({ patientKey }) => patientKey === only);
  return { ...about, fields, tiers, patients: shown, erased, result, limits };
}

interface Recomputed {
  readonly content: OracleMessage;
  readonly leaves: readonly EvidencedLeaf[];
}

/** The landed event leaves the last day out; it is no part of what is compared. */
const NO_LAST_DAY = 0;

function recompute<P extends SourcePatient>(
  view: View<P>,
  { kind, report }: LandedReport,
  patients: readonly EnrolledPatient[],
): Recomputed {
  const { clause, cohort, number, asOfDay } = report;
  const place = { clause, cohort, number, asOfDay, lastDay: NO_LAST_DAY };
  const enrollees = findEnrollees(view, patients);
  if (kind === "milestone") {
    const { message, tallied, evidence } = buildMilestone(view.agreement, place, enrollees, view.outcomes);
    return { content: { kind, message }, leaves: withEvidence(tallied.leaves, evidence) };
  }
  const { message, tallied, evidence } = buildWager(view.agreement, place, enrollees, view.outcomes);
  return { content: { kind, message }, leaves: withEvidence(tallied.leaves, evidence) };
}

function withEvidence(leaves: readonly ReportLeaf[], evidence: ReadonlyMap<Hex, Evidence>): EvidencedLeaf[] {
  return leaves.map((leaf) => ({ ...leaf, ...(evidence.get(leaf.patientKey) ?? { evidence: [], reason: null }) }));
}

function messageOf(landed: LandedReport): OracleMessage {
  return landed.kind === "milestone"
    ? { kind: "milestone", message: { ...landed.report, lastDay: NO_LAST_DAY } }
    : { kind: "wager", message: { ...landed.report, lastDay: NO_LAST_DAY } };
}

/** What two computations say of each patient, in the order of their keys; erased ones are left out. */
function comparedPatients(before: readonly HeldLeaf[], after: readonly EvidencedLeaf[]): AuditedPatient[] {
  const gone = new Set(before.filter(isErasedLeaf).map(({ patientKey }) => patientKey));
  const then = new Map(before.flatMap((leaf) => (isErasedLeaf(leaf) ? [] : [[leaf.patientKey, said(leaf)] as const])));
  const now = new Map(after.map((leaf) => [leaf.patientKey, said(leaf)]));
  return [...new Set([...then.keys(), ...now.keys()])]
    .filter((patientKey) => !gone.has(patientKey))
    .sort(compareText)
    .map((patientKey) => ({
      patientKey,
      before: then.get(patientKey) ?? null,
      after: now.get(patientKey) ?? null,
    }));
}

function said({ tier, value, reason, evidence }: EvidencedLeaf): Said {
  return { tier, value: value.toString(), reason, evidence: [...evidence].sort(compareText) };
}
