/**
 * From the patients' outcomes to what a report says: ordered leaves, one tally a tier, the patients not evaluable, the
 * root. A pure function: the same outcomes give the same report, byte for byte, on every operator's machine.
 */

import type { Payoff } from "../../terms/model.ts";
import { tierOf, type Tally } from "../../terms/payoff.ts";
import type { Hex } from "./bytes.ts";
import { blind, type Subject } from "./keys.ts";
import { hashReportLeaves, type ReportLeaf } from "./leaf.ts";
import { compareText } from "./order.ts";
import { merkleRoot } from "./root.ts";

/** What an endpoint found for one patient: a value in the metric's smallest steps, or why there is none. */
export type Outcome = { readonly value: bigint } | { readonly notEvaluable: string };

/** An enrolled patient with what the report says about her. */
export interface AssessedPatient {
  readonly patientKey: Hex;
  /** Number of the enrolment that brought the patient in. */
  readonly batch: number;
  /** Drawn at enrolment. */
  readonly salt: Hex;
  readonly outcome: Outcome;
}

export interface TalliedReport {
  /** Ordered by (tier, patientKey). */
  readonly leaves: readonly ReportLeaf[];
  /** One a tier, in order; a tier without slope carries a sum of zero. */
  readonly tallies: readonly Tally[];
  readonly notEvaluable: number;
  /** How many were not evaluable for which reason, reasons in alphabetical order. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly root: Hex;
}

/** A tier's position fills one byte of a leaf, and one value is for the patients not evaluable. */
const MAX_TIERS = 255;

/**
 * @throws RangeError when a patient is named twice, a value does not fit or there are too many tiers.
 */
export function tally(payoff: Payoff, patients: readonly AssessedPatient[], subject: Subject): TalliedReport {
  const { tiers } = payoff;
  if (tiers.length > MAX_TIERS) throw new RangeError(`a payoff has at most ${MAX_TIERS} tiers, found ${tiers.length}`);
  const leaves = orderedLeaves(payoff, patients, subject);
  const counts = new Array<number>(tiers.length + 1).fill(0);
  const sums = new Array<bigint>(tiers.length).fill(0n);
  for (const { tier, runningSum } of leaves) {
    counts[tier] = (counts[tier] ?? 0) + 1;
    // Leaves of a tier stand together, so its last running sum is its sum.
    if (tier < tiers.length) sums[tier] = runningSum;
  }
  return {
    leaves,
    tallies: tiers.map((_, k) => ({ patients: counts[k] ?? 0, sum: sums[k] ?? 0n })),
    notEvaluable: counts[tiers.length] ?? 0,
    reasons: countReasons(patients),
    root: merkleRoot(hashReportLeaves(leaves)),
  };
}

/** The leaf carries the value in every tier; the running sum moves only where money depends on the sum. */
function orderedLeaves(payoff: Payoff, patients: readonly AssessedPatient[], subject: Subject): ReportLeaf[] {
  const { tiers } = payoff;
  const placed = patients.map((patient) => {
    const value = "value" in patient.outcome ? patient.outcome.value : null;
    return { patient, value: value ?? 0n, tier: value === null ? tiers.length : tierOf(tiers, value) };
  });
  placed.sort((a, b) => a.tier - b.tier || compareText(a.patient.patientKey, b.patient.patientKey));
  const seen = new Set<Hex>();
  let runningSum = 0n;
  return placed.map(({ patient, value, tier }, i) => {
    if (seen.has(patient.patientKey)) throw new RangeError(`patient ${patient.patientKey} is named twice`);
    seen.add(patient.patientKey);
    if (placed[i - 1]?.tier !== tier) runningSum = 0n;
    if ((tiers[tier]?.slope ?? 0n) !== 0n) runningSum += value;
    const { patientKey, batch, salt } = patient;
    return { tier, patientKey, batch, value, runningSum, blind: blind(salt, subject) };
  });
}

function countReasons(patients: readonly AssessedPatient[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { outcome } of patients) {
    if ("notEvaluable" in outcome) counts.set(outcome.notEvaluable, (counts.get(outcome.notEvaluable) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => compareText(a, b)));
}
