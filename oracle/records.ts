/** Connects intake and endpoints to the report side: records of a source, asked for an agreement's outcomes. */

import { createHash } from "node:crypto";

import { assessment, type Agreement, type Clause, type Day } from "../terms/model.ts";
import { indexDay, isEligible } from "./eligibility.ts";
import type { CohortEndpoint } from "./endpoints/cohort.ts";
import type { Endpoint, Outcome } from "./endpoints/endpoint.ts";
import { patientEndpoint } from "./endpoints/find.ts";
import { cohortEndpoint } from "./endpoints/findCohort.ts";
import { OptionError, resolveOptions, type ResolvedOptions } from "./endpoints/options.ts";
import type { Counts } from "./intake/collector.ts";
import { assertWithinLimits } from "./intake/limits.ts";
import { loadSource, type LoadOptions } from "./intake/load.ts";
import { joinNeeds, type Needs } from "./needs.ts";
import type { EvidencedOutcome, IndexedPatient, Outcomes, RejectedResource, SourcePatient } from "./outcomes.ts";
import type { PatientRecord, Statement } from "./record.ts";

export interface RecordPatient extends SourcePatient {
  readonly record: PatientRecord;
}

/** An agreement's outcomes, and what became of the source's lines, rows and resources. */
export interface OpenedRecords extends Outcomes<RecordPatient> {
  readonly counts: Counts;
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
 * @throws SourceError when the source file is not valid; SourceLimitError when too much of it can't be used; OptionError when a clause's `endpoint` is not.
 */
export async function openRecords(
  agreement: Agreement,
  sourceFile: string,
  asOfDay: Day,
  { progress, server }: Pick<LoadOptions, "progress" | "server"> = {},
): Promise<OpenedRecords> {
  const options = {
    asOf: asOfDay,
    needs: needsOf(agreement),
    ...(progress === undefined ? {} : { progress }),
    ...(server === undefined ? {} : { server }),
  };
  const loaded = await loadSource(sourceFile, options);
  assertWithinLimits(loaded);
  const { patients, rejected, statements, counts } = loaded;
  return { ...outcomesOf(agreement, patients, rejected, statements), counts };
}

/** What the agreement reads of the records. @throws OptionError when a clause's `endpoint` is not valid. */
export function needsOf(agreement: Agreement): Needs {
  const eligibility = agreement.cohorts.flatMap((cohort) => (cohort.eligibility === null ? [] : [cohort.eligibility]));
  const ofClauses = agreement.clauses.map(
    (clause) => endpointOf(agreement, clause)?.needs?.(optionsOf(agreement, clause)) ?? {},
  );
  return joinNeeds([{ eligibility }, ...ofClauses]);
}

/** The outcomes that records give. @throws OptionError when a clause's `endpoint` is not valid. */
export function outcomesOf(
  agreement: Agreement,
  records: readonly PatientRecord[],
  rejected: readonly RejectedResource[],
  statements: readonly Statement[] = [],
): Outcomes<RecordPatient> {
  const options = new Map(agreement.clauses.map((clause) => [clause, optionsOf(agreement, clause)]));
  const endpoints = new Map(
    agreement.clauses.map((clause) => [
      clause,
      clause.metric === null ? undefined : patientEndpoint(agreement, clause.metric),
    ]),
  );
  return {
    snapshot: snapshotOf([...records, ...statements]),
    patients: records.map((record) => ({ identifier: record.identifier, record })),
    rejected,
    indexDay: ({ record }, { eligibility }) =>
      isEligible(record, eligibility) ? (indexDay(record, eligibility)?.day ?? null) : null,
    milestone: (subject, clause, payoff, asOf) => {
      const endpoint = endpoints.get(clause);
      const resolved = options.get(clause);
      if (endpoint === undefined || resolved === undefined || clause.due === "enrolment") throw missing(clause);
      const question = { due: clause.due, asOf, options: resolved, tiers: payoff.tiers };
      return evidenced(endpoint.value(withIndex(subject), question));
    },
    wager: (subjects, missingPatients, clause, cohort, payoff, asOf) => {
      const endpoint = clause.metric === null ? undefined : cohortEndpoint(agreement, clause.metric);
      const resolved = options.get(clause);
      if (endpoint === undefined || resolved === undefined) throw missing(clause);
      const { tiers } = payoff;
      const asked = { agreement, clause, cohort, asOf, options: resolved, tiers, missing: missingPatients, statements };
      const { outcome, evidence, parts } = endpoint.value(subjects.map(withIndex), asked);
      const byPatient = subjects.flatMap(({ patient }, i): [SourcePatient, EvidencedOutcome][] => {
        const part = parts[i];
        return part === undefined ? [] : [[patient, evidenced(part)]];
      });
      return { outcome, evidence, parts: new Map(byPatient) };
    },
  };
}

function evidenced(found: Outcome): EvidencedOutcome {
  const outcome = "value" in found ? { value: found.value } : { notEvaluable: found.notEvaluable };
  return { outcome, evidence: found.evidence };
}

function endpointOf(agreement: Agreement, { metric }: Clause): Endpoint | CohortEndpoint | undefined {
  if (metric === null) return undefined;
  return metric.of === "patient" ? patientEndpoint(agreement, metric) : cohortEndpoint(agreement, metric);
}

/**
 * A clause's options with every default filled in.
 * @throws OptionError naming the clause when one is not valid, or the metric needs one that the clause does not state
 */
function optionsOf(agreement: Agreement, clause: Clause): ResolvedOptions {
  const at = (message: string): OptionError => new OptionError(`clause ${clause.id}: ${message}`);
  let options: ResolvedOptions;
  try {
    options = resolveOptions(clause.endpoint);
  } catch (error) {
    throw error instanceof OptionError ? at(error.message) : error;
  }
  const problem = endpointOf(agreement, clause)?.problem?.(options) ?? null;
  if (problem !== null) throw at(`${clause.metric?.id ?? "its metric"} ${problem}`);
  return options;
}

/** The record as the cohort sees it: counted from the index day that the patient was enrolled with. */
function withIndex({ patient: { record }, indexDay: day }: IndexedPatient<RecordPatient>): PatientRecord {
  return record.index?.day === day ? record : { ...record, index: { day, id: record.index?.id ?? record.id } };
}

/** A hash over records in the order of their identifiers, then statements: equal for equal ones, whatever files they came in. */
function snapshotOf(all: readonly (PatientRecord | Statement)[]): string {
  const hash = createHash("sha256");
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
  for (const one of all) hash.update(`${JSON.stringify(one, plain)}\n`);
  return `sha256:${hash.digest("hex")}`;
}

function missing(clause: Clause): MissingRule {
  return new MissingRule(`clause ${clause.id}: this oracle has no rule for ${clause.metric?.id ?? "it"}`);
}
