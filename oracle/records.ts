/** Connects intake and endpoints to the report side: records of a source, asked for an agreement's outcomes. */

import { createHash } from "node:crypto";

import { assessment, type Agreement, type Clause, type Day } from "../terms/model.ts";
import { indexDay, isEligible } from "./eligibility.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { findEndpoint } from "./endpoints/index.ts";
import { resolveOptions } from "./endpoints/options.ts";
import { loadSource } from "./intake/load.ts";
import type { IndexedPatient, Outcomes, RejectedResource, SourcePatient } from "./outcomes.ts";
import type { PatientRecord } from "./record.ts";

export interface RecordPatient extends SourcePatient {
  readonly record: PatientRecord;
}

/** This oracle has no rule for a metric that a clause is measured by. */
export class MissingRule extends Error {
  override readonly name = "MissingRule";
}

/** Clauses that an oracle must report and that this one has no rule for. */
export function clausesWithoutRule(agreement: Agreement): Clause[] {
  return agreement.clauses.filter((clause) => {
    const isReported = clause.metric?.knownTo === "oracle" && assessment(clause) === "outcome";
    return isReported && endpointOf(agreement, clause) === undefined;
  });
}

/**
 * Reads a source as of a day.
 * @param progress Called as files are opened.
 * @throws SourceError when the source file is not valid; OptionError when a clause's `endpoint` is not.
 */
export async function openRecords(
  agreement: Agreement,
  sourceFile: string,
  asOfDay: Day,
  progress?: (file: string) => void,
): Promise<Outcomes<RecordPatient>> {
  const eligibility = agreement.cohorts.flatMap((cohort) => (cohort.eligibility === null ? [] : [cohort.eligibility]));
  const options = { asOf: asOfDay, eligibility, ...(progress === undefined ? {} : { progress }) };
  const { patients, rejected } = await loadSource(sourceFile, options);
  return outcomesOf(agreement, patients, rejected);
}

/** The outcomes that records give. @throws OptionError when a clause's `endpoint` is not valid. */
export function outcomesOf(
  agreement: Agreement,
  records: readonly PatientRecord[],
  rejected: readonly RejectedResource[],
): Outcomes<RecordPatient> {
  const options = new Map(agreement.clauses.map((clause) => [clause, resolveOptions(clause.endpoint)]));
  return {
    snapshot: snapshotOf(records),
    patients: records.map((record) => ({ identifier: record.identifier, record })),
    rejected,
    indexDay: ({ record }, { eligibility }) =>
      isEligible(record, eligibility) ? (indexDay(record, eligibility)?.day ?? null) : null,
    milestone: (subject, clause, payoff, asOf) => {
      const endpoint = endpointOf(agreement, clause);
      const resolved = options.get(clause);
      if (endpoint === undefined || resolved === undefined || clause.due === "enrolment") throw missing(clause);
      const question = { due: clause.due, asOf, options: resolved, tiers: payoff.tiers };
      const found = endpoint.value(withIndex(subject), question);
      const outcome = "value" in found ? { value: found.value } : { notEvaluable: found.notEvaluable };
      return { outcome, evidence: found.evidence };
    },
    wager: (_, clause) => {
      throw missing(clause);
    },
  };
}

function endpointOf(agreement: Agreement, clause: Clause): Endpoint | undefined {
  // No cohort's metric has a rule yet; one of a patient has the endpoint of its name.
  if (clause.metric?.builtIn !== true || clause.metric.of !== "patient") return undefined;
  return findEndpoint(agreement.rules, clause.metric.id);
}

/** The record as the cohort sees it: counted from the index day that the patient was enrolled with. */
function withIndex({ patient: { record }, indexDay: day }: IndexedPatient<RecordPatient>): PatientRecord {
  return record.index?.day === day ? record : { ...record, index: { day, id: record.index?.id ?? record.id } };
}

/** A hash over the records in the order of their identifiers: equal for equal records, whatever files they came in. */
function snapshotOf(records: readonly PatientRecord[]): string {
  const hash = createHash("sha256");
  for (const record of records) hash.update(`${JSON.stringify(record)}\n`);
  return `sha256:${hash.digest("hex")}`;
}

function missing(clause: Clause): MissingRule {
  return new MissingRule(`clause ${clause.id}: this oracle has no rule for ${clause.metric?.id ?? "it"}`);
}
