/**
 * A patient's course on whole days, as the rules of one clause see it. A record with partial dates has several: one for each
 * way in which its progressions, other assessments, treatments and death can lie at the ends of their intervals. The rules
 * are monotone in each of these, so what the ends agree on holds in between.
 */

import type { Day } from "../../terms/model.ts";
import type { Needs } from "../needs.ts";
import {
  severity,
  type Assessment,
  type Dated,
  type Interval,
  type PatientRecord,
  type ResponseClass,
} from "../record.ts";
import { hasCode } from "./codes.ts";
import type { Reason } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";

/** The worst assessment of one day, with every resource that says so. */
export interface DayResult {
  readonly day: Day;
  readonly response: ResponseClass;
  readonly ids: readonly string[];
}

export interface Timeline {
  readonly index: Day;
  readonly asOf: Day;
  /** One for each day from the index day to the as-of date, in order; progressions on the index day are baseline and left out. */
  readonly results: readonly DayResult[];
  /** A progression dated on the index day. */
  readonly progressionAtIndex: DayResult | null;
  readonly death: (Dated & { readonly disputed: boolean }) | null;
  /** First start of another anticancer treatment after the index day. */
  readonly newTherapy: Dated | null;
  /** Another treatment that the clause takes for a failure, when nothing else had ended the course by then. */
  readonly switched: Dated | null;
  readonly lastAlive: Dated | null;
}

/** An assessment that shows the state of the disease, whichever it is. */
export function isAdequate({ response }: DayResult): boolean {
  return response !== "NE";
}

/** First progression. Later improvement does not undo it. */
export function firstProgression({ results }: Timeline): DayResult | null {
  return results.find(({ response }) => response === "PD") ?? null;
}

/** A clause's own disease is looked for beside those of the cohorts. */
export function assessmentNeeds({ conditions }: ResolvedOptions): Partial<Needs> {
  return conditions === null ? {} : { eligibility: [{ conditions, medications: [], variants: [] }] };
}

/** What another treatment of the disease means, as the clause says or as its rule set has it (FDA 2018, situation 6). */
export function therapyPolicy({ newTherapy, rules }: ResolvedOptions): "ignore" | "censor" | "event" {
  return newTherapy ?? (rules === "fda" ? "censor" : "ignore");
}

/**
 * The course as far as the clause follows it: with `censor` and `event` nothing after the day on which another treatment began
 * counts; with `event` that day is itself a failure. What is dated on that day came first: it prompted the change.
 */
export function followed(timeline: Timeline, options: ResolvedOptions): Timeline {
  const policy = therapyPolicy(options);
  const { newTherapy, death, results } = timeline;
  if (policy === "ignore" || newTherapy === null) return timeline;
  return {
    ...timeline,
    results: results.filter(({ day }) => day <= newTherapy.day),
    death: death !== null && death.day <= newTherapy.day ? death : null,
    switched: policy === "event" ? newTherapy : null,
  };
}

const isPartial = ({ first, last }: Interval): boolean => first !== last;

/** Which end of each kind of partial date a timeline takes. */
interface Ends {
  readonly progression: boolean;
  readonly assessment: boolean;
  readonly therapy: boolean;
  readonly death: boolean;
}

/** Every timeline of a patient, or why there is none. The first takes every date as early as it can be. */
export function timelines(record: PatientRecord, options: ResolvedOptions, asOf: Day): readonly Timeline[] | Reason {
  if (record.consent === false) return "no-consent";
  if (record.index === null || record.index.day > asOf) return "no-index";
  const index = record.index.day;
  if (record.death !== null && record.death.date.last < index) return "event-before-index";
  const counted = countedAssessments(record.assessments, options);
  if (typeof counted === "string") return counted;
  const partial = counted.filter(({ date }) => isPartial(date));
  const free = {
    progression: partial.some(({ response }) => response === "PD"),
    assessment: partial.some(({ response }) => response !== "PD"),
    therapy: record.therapies.some(({ start }) => isPartial(start)),
    death: record.death !== null && isPartial(record.death.date),
  };
  const both = (varies: boolean): readonly boolean[] => (varies ? [false, true] : [false]);
  const all: Timeline[] = [];
  for (const progression of both(free.progression))
    for (const assessment of both(free.assessment))
      for (const therapy of both(free.therapy))
        for (const death of both(free.death))
          all.push(timeline(record, counted, index, asOf, { progression, assessment, therapy, death }));
  return all;
}

/** The assessments that the clause accepts; readers are never mixed. */
function countedAssessments(all: readonly Assessment[], options: ResolvedOptions): readonly Assessment[] | Reason {
  const { codes, conditions } = options;
  const accepted = all.filter(
    (one) =>
      (options.evidence === "any" || one.imaging === true) &&
      (codes === null || hasCode(one.codes ?? [], codes)) &&
      // Intake takes only assessments of the disease; one that does not say of which is of the only one there is.
      (conditions === null || one.conditions === undefined || hasCode(one.conditions, conditions)),
  );
  if (options.evaluator !== null) return accepted.filter(({ evaluator }) => evaluator === options.evaluator);
  return new Set(accepted.map(({ evaluator }) => evaluator)).size > 1 ? "several-evaluators" : accepted;
}

function timeline(
  record: PatientRecord,
  assessments: readonly Assessment[],
  index: Day,
  asOf: Day,
  late: Ends,
): Timeline {
  const end = (date: Interval, isLate: boolean): Day => (isLate ? date.last : date.first);
  const byDay = new Map<Day, DayResult>();
  for (const { date, response, id } of assessments) {
    const day = end(date, response === "PD" ? late.progression : late.assessment);
    if (day < index || day > asOf) continue;
    const other = byDay.get(day);
    if (other === undefined || severity(response) > severity(other.response))
      byDay.set(day, { day, response, ids: [id] });
    else if (other.response === response) byDay.set(day, { ...other, ids: [...other.ids, id] });
  }
  const results = [...byDay.values()].sort((a, b) => a.day - b.day);
  const baseline = results[0]?.day === index && results[0].response === "PD" ? results[0] : null;
  const { death } = record;
  const died = death && {
    day: Math.max(end(death.date, late.death), index),
    id: death.id,
    disputed: death.disputed,
  };
  const starts = record.therapies
    .filter(({ contract }) => !contract)
    .map(({ start, id }) => ({ day: end(start, late.therapy), id }))
    .filter(({ day }) => day > index && day <= asOf)
    .sort((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1));
  return {
    index,
    asOf,
    results: baseline === null ? results : results.slice(1),
    progressionAtIndex: baseline,
    death: died !== null && died.day <= asOf ? died : null,
    newTherapy: starts[0] ?? null,
    switched: null,
    lastAlive: record.lastAlive,
  };
}
