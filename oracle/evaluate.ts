/**
 * Outcomes without a chain: what the oracle would report on a day if every patient of the records were enrolled. There
 * are no batches here, so each patient is due from her own index day.
 */

import { createHmac } from "node:crypto";

import { formatDay } from "../terms/calendar.ts";
import { assessment, type Agreement, type Clause, type Cohort, type Day, type Payoff } from "../terms/model.ts";
import type { Outcomes, RejectedResource, SourcePatient } from "./outcomes.ts";
import { buildMilestone, buildWager, type Enrollee } from "./report/build.ts";
import { fromHex, toHex, type Hex } from "./report/bytes.ts";
import { cohortPatients, type CohortPatient } from "./report/cohorts.ts";
import { enrolmentMessage } from "./report/enrolment.ts";
import { decimalText } from "./report/format.ts";
import { SECRET } from "./report/keys.ts";
import { compareText } from "./report/order.ts";
import { dueAfter, wagerDueDay } from "./report/schedule.ts";

/** The document that `evaluate --json` prints: values in the metric's unit, as decimal strings. */
export interface Evaluation {
  readonly asOf: string;
  readonly enrolled: readonly {
    readonly cohort: string;
    readonly patients: number;
    /** The latest index day; null without patients. */
    readonly indexed: string | null;
    readonly root: Hex;
  }[];
  readonly clauses: readonly EvaluatedClause[];
  readonly rejected: readonly RejectedResource[];
}

export interface EvaluatedClause {
  readonly clause: string;
  readonly cohort: string;
  /** Patients that are due: for a wager all of the cohort once it is due, else 0. */
  readonly due: number;
  /** One a tier of a milestone; `from` is null for the first. Empty for a wager. */
  readonly tallies: readonly { readonly from: string | null; readonly patients: number; readonly sum: string }[];
  /** Patients of a milestone, by reason; for a wager that is not evaluable its reason, once. */
  readonly notEvaluable: Readonly<Record<string, number>>;
  /** A wager's value; null for a milestone, and for a wager that is not due, not evaluable, or known on chain only. */
  readonly value: string | null;
  /** Over the leaves; null where the oracle reports nothing. */
  readonly root: Hex | null;
}

/** Public: roots made with it serve for comparison only, since anyone can test a patient against them. */
export const PUBLIC_SECRET = new Uint8Array(SECRET);

/** Every patient counts as enrolled by one batch, and every report as the first. */
const FIRST = 1;

/**
 * @param clauseId Only this clause.
 * @param secret The agreement's secret, from which a stand-in for each patient's random salt is derived too.
 */
export function evaluate<P extends SourcePatient>(
  agreement: Agreement,
  outcomes: Outcomes<P>,
  asOfDay: Day,
  { secret = PUBLIC_SECRET, clauseId }: { readonly secret?: Uint8Array; readonly clauseId?: string | undefined } = {},
): Evaluation {
  const byCohort: CohortPatient<P>[][] = agreement.cohorts.map(() => []);
  for (const patient of cohortPatients(agreement, outcomes, secret, asOfDay).values()) {
    byCohort[patient.cohort]?.push(patient);
  }
  const cohorts = agreement.cohorts.map((cohort, c) => firstIndexed(byCohort[c] ?? [], cohort.maxPatients));
  const saltOf = (key: Hex): Hex =>
    toHex(createHmac("sha256", secret).update("salt").update(fromHex(key, 32)).digest());
  return {
    asOf: formatDay(asOfDay),
    enrolled: agreement.cohorts.map((cohort, c) => {
      const patients = cohorts[c] ?? [];
      const latest = patients.at(-1)?.indexDay;
      const entries = patients.map(({ patientKey, indexDay }) => ({ patientKey, indexDay, salt: saltOf(patientKey) }));
      const { root } = enrolmentMessage(entries, { cohort: c, number: FIRST }, latest ?? cohort.opens, asOfDay);
      const indexed = latest === undefined ? null : formatDay(latest);
      return { cohort: cohort.id, patients: patients.length, indexed, root };
    }),
    clauses: agreement.clauses.flatMap((clause, index) => {
      if (clauseId !== undefined && clause.id !== clauseId) return [];
      return [...clause.payoffs].map(([c, payoff]) => {
        const cohort = agreement.cohorts[c];
        if (cohort === undefined) throw new RangeError(`clause ${clause.id} names a cohort ${c} that does not exist`);
        const enrollees = (cohorts[c] ?? []).map((subject): Enrollee<P> & { subject: CohortPatient<P> } => ({
          patientKey: subject.patientKey,
          batch: FIRST,
          salt: saltOf(subject.patientKey),
          subject,
        }));
        const place = { clause: index, cohort: c, number: FIRST, asOfDay, lastDay: asOfDay };
        const at = { agreement, clause, cohort, payoff, place, outcomes };
        return clause.kind === "milestone" ? milestone(at, enrollees) : wager(at, enrollees);
      });
    }),
    rejected: outcomes.rejected,
  };
}

interface ClauseAt<P extends SourcePatient> {
  readonly agreement: Agreement;
  readonly clause: Clause;
  readonly cohort: Cohort;
  readonly payoff: Payoff;
  readonly place: Parameters<typeof buildMilestone>[1];
  readonly outcomes: Outcomes<P>;
}

function milestone<P extends SourcePatient>(
  { agreement, clause, cohort, payoff, place, outcomes }: ClauseAt<P>,
  enrollees: readonly (Enrollee<P> & { subject: CohortPatient<P> })[],
): EvaluatedClause {
  const after = dueAfter(agreement, clause);
  const due = enrollees.filter(({ subject }) => subject.indexDay + after <= place.asOfDay);
  const named = { clause: clause.id, cohort: cohort.id, due: due.length };
  if (assessment(clause) !== "outcome") {
    const tallies = [{ from: null, patients: due.length, sum: "0" }];
    return { ...named, tallies, notEvaluable: {}, value: null, root: null };
  }
  const { tallied } = buildMilestone(agreement, place, due, outcomes);
  return {
    ...named,
    tallies: tallied.tallies.map(({ patients, sum }, k) => {
      const start = payoff.tiers[k]?.start ?? null;
      const from = start === null ? null : decimalText(clause.metric, start);
      return { from, patients, sum: decimalText(clause.metric, sum) };
    }),
    notEvaluable: Object.fromEntries(tallied.reasons),
    value: null,
    root: tallied.root,
  };
}

function wager<P extends SourcePatient>(
  { agreement, clause, cohort, place, outcomes }: ClauseAt<P>,
  enrollees: readonly Enrollee<P>[],
): EvaluatedClause {
  const named = { clause: clause.id, cohort: cohort.id, tallies: [], notEvaluable: {}, value: null, root: null };
  if (wagerDueDay(agreement, clause, cohort) > place.asOfDay) return { ...named, due: 0 };
  const due = enrollees.length;
  if (clause.metric?.knownTo === "contract") {
    // What was paid stands on the chain; how many enrolled is known here too.
    const value = clause.metric.id === "enrolled" ? decimalText(clause.metric, BigInt(due)) : null;
    return { ...named, due, value };
  }
  const { outcome, message } = buildWager(agreement, place, enrollees, outcomes);
  const value = "value" in outcome ? decimalText(clause.metric, outcome.value) : null;
  const notEvaluable = "value" in outcome ? {} : { [outcome.notEvaluable]: 1 };
  return { ...named, due, notEvaluable, value, root: message.root };
}

/** The first patients by (index day, key): those for whom the cohort has room. */
function firstIndexed<P extends SourcePatient>(patients: CohortPatient<P>[], room: number): CohortPatient<P>[] {
  return patients.sort((a, b) => a.indexDay - b.indexDay || compareText(a.patientKey, b.patientKey)).slice(0, room);
}
