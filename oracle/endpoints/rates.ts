/**
 * Shares of a cohort's patients (clinical rules, section 4.2): percent with four decimals, from the exact fraction, rounded
 * half to even once. A rate over too few patients with an outcome is none.
 */

import { scaleExactly, type Decimal } from "../../terms/decimal.ts";
import { knownMetrics } from "../../terms/metrics.ts";
import type { Agreement, Metric, Tier } from "../../terms/model.ts";
import { isYesNo } from "../../terms/values.ts";
import type { PatientRecord } from "../record.ts";
import { horizonOf, type CohortEndpoint, type CohortFinding, type CohortQuestion } from "./cohort.ts";
import type { Endpoint, Outcome } from "./endpoint.ts";
import { compare, fromDecimal, halfEven, ratio } from "./exact.ts";
import { findEndpoint } from "./index.ts";
import { ownDefault, type ResolvedOptions } from "./options.ts";

/** A fraction with four decimals of a percentage. */
const DECIMALS = 6;

type FindPatient = (agreement: Agreement, metric: Metric) => Endpoint | undefined;

/**
 * Share of patients who reach a target: `endpoint.metric` of each, at the horizon after her index day, `below` or `atLeast` a value.
 * Of all enrolled; one without an outcome has not reached it, unless `missing: exclude` leaves her out.
 */
export function attainmentRate(agreement: Agreement, find: FindPatient): CohortEndpoint {
  const metricOf = ({ metric }: ResolvedOptions): Metric | undefined =>
    metric === null ? undefined : knownMetrics(agreement).get(metric);
  const endpointOf = (options: ResolvedOptions): Endpoint | undefined => {
    const metric = metricOf(options);
    return metric === undefined ? undefined : find(agreement, metric);
  };
  const id = "attainment-rate";
  return {
    id,
    description: "share of patients who reached the target",
    needs: (options) => endpointOf(options)?.needs?.(ofPatient(options)) ?? {},
    problem: (options) => {
      const metric = metricOf(options);
      if (options.metric === null) return "needs endpoint.metric: what the target is set for";
      if (metric === undefined) return `has no metric ${options.metric}`;
      const endpoint = endpointOf(options);
      if (endpoint === undefined) return `has no rule for a patient's ${options.metric}`;
      if (options.below === null && options.atLeast === null && !isYesNo(metric)) {
        return `needs endpoint.below or endpoint.atLeast: the target for ${options.metric}`;
      }
      const problem = endpoint.problem?.(ofPatient(options)) ?? null;
      return problem === null ? null : `${metric.id} ${problem}`;
    },
    value: (records, question) => {
      const metric = metricOf(question.options);
      const endpoint = endpointOf(question.options);
      if (metric === undefined || endpoint === undefined) throw new RangeError(`${id} of no metric`);
      const target = targetOf(question.options, metric);
      const parts = outcomes(records, question, endpoint, target.tiers).map((outcome): Outcome =>
        "value" in outcome ? { ...outcome, value: target.isReached(outcome.value) ? 1n : 0n } : outcome,
      );
      return rate(parts, question, missingAs(question.options, id) === "failure" ? 0n : null);
    },
  };
}

/**
 * Share of patients with one or more complications by the horizon after the index day. Of all enrolled, who are the treated: an index
 * day is the day a treatment began. One without an outcome is left out, unless `missing: failure` counts her as one.
 */
export function complicationRate(agreement: Agreement): CohortEndpoint {
  const id = "complication-rate";
  const complication = findEndpoint(agreement.rules, "complication", agreement.currency);
  return {
    id,
    description: "share of patients with a complication",
    needs: (options) => complication?.needs?.(ofPatient(options)) ?? {},
    problem: (options) => complication?.problem?.(ofPatient(options)) ?? null,
    value: (records, question) => {
      if (complication === undefined) throw new RangeError(`${id} without complications`);
      const parts = outcomes(records, question, complication, tiersAt([1n]));
      return rate(parts, question, missingAs(question.options, id) === "failure" ? 1n : null);
    },
  };
}

/** What `missing` means for the rate says nothing of what it means for each patient. */
function ofPatient(options: ResolvedOptions): ResolvedOptions {
  return { ...options, missing: null };
}

function missingAs({ missing }: ResolvedOptions, metric: string): ResolvedOptions["missing"] {
  return missing ?? ownDefault("missing", metric);
}

/** Each patient's outcome at the horizon after her index day. @param tiers where it is told from its neighbours */
function outcomes(
  records: readonly PatientRecord[],
  question: CohortQuestion,
  endpoint: Endpoint,
  tiers: readonly Tier[],
): Outcome[] {
  const options = ofPatient(question.options);
  return records.map((record) =>
    endpoint.value(record, { due: horizonOf(question), asOf: question.asOf, options, tiers }),
  );
}

interface Target {
  readonly isReached: (value: bigint) => boolean;
  /** An outcome matters as far as it can be told from the target. */
  readonly tiers: readonly Tier[];
}

/** Without a bound a yes-or-no metric is reached at 1. Bounds between two values of the metric count from the upper one. */
function targetOf({ below, atLeast }: ResolvedOptions, metric: Metric): Target {
  const from = atLeast === null ? (below === null ? 1n : null) : ceiling(atLeast, metric.decimals);
  const until = below === null ? null : ceiling(below, metric.decimals);
  return {
    isReached: (value) => (from === null || value >= from) && (until === null || value < until),
    tiers: tiersAt([from, until].filter((bound) => bound !== null)),
  };
}

function tiersAt(starts: readonly bigint[]): Tier[] {
  const ascending = [...new Set(starts)].sort((a, b) => (a < b ? -1 : 1));
  return [null, ...ascending].map((start) => ({ start, pays: 0n, slope: 0n }));
}

/** The smallest value of the metric that is not less than a decimal. */
function ceiling(bound: Decimal, decimals: number): bigint {
  const exact = scaleExactly(bound, decimals);
  if (exact !== null) return exact;
  const floor = bound.digits / 10n ** BigInt(bound.scale - decimals);
  return bound.digits < 0n ? floor : floor + 1n;
}

/** @param missing what a patient without an outcome counts as; null: not at all */
function rate(parts: readonly Outcome[], question: CohortQuestion, missing: 0n | 1n | null): CohortFinding {
  const enrolled = parts.length + question.missing;
  const known = parts.flatMap((part) => ("value" in part ? [part.value] : []));
  const outcome = (): CohortFinding["outcome"] => {
    if (enrolled === 0) return { notEvaluable: "no-patients" };
    if (isTooFew(known.length, enrolled, question.options.minEvaluable)) return { notEvaluable: "too-few-evaluable" };
    const others = missing === null ? 0 : enrolled - known.length;
    const counted = known.length + others;
    if (counted === 0) return { notEvaluable: "no-patients" };
    const reached = known.reduce((sum, value) => sum + value, 0n) + BigInt(others) * (missing ?? 0n);
    return { value: halfEven(ratio(reached, BigInt(counted)), DECIMALS) };
  };
  return { outcome: outcome(), evidence: [], parts };
}

/** Whether fewer than a percentage of the enrolled patients have an outcome. */
export function isTooFew(evaluable: number, enrolled: number, minEvaluable: Decimal): boolean {
  return compare(ratio(100n * BigInt(evaluable), BigInt(enrolled)), fromDecimal(minEvaluable)) < 0;
}
