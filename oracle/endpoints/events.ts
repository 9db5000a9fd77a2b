/**
 * Events by the due date: 1 with one or more, else 0 (clinical rules, section 3.6: adverse events with onset from the first dose
 * to the last dose + risk window, by grade, seriousness, causality or code).
 *
 * An event that may count, and whose grade, seriousness, cause or place in the risk window is not on record, leaves the patient
 * not evaluable unless another event decides. No event means 0 only for a patient who was observed until the end.
 */

import type { Day } from "../../terms/model.ts";
import type { ClinicalEvent, PatientRecord } from "../record.ts";
import { hasCode } from "./codes.ts";
import { observedUntil, onCourses, timeOnCourses, type Course } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";

/** Last day of the treatment by the due day; null when no administration is on record. */
function lastGiven(record: PatientRecord, { due, asOf, dayOf }: Course): Day | null {
  let last: Day | null = null;
  for (const { start, end } of record.administrations) {
    const first = dayOf(start);
    if (first === null || first > due) continue;
    // A period that goes on goes on until today.
    const until = end === null ? asOf : (dayOf(end) ?? asOf);
    last = Math.max(last ?? until, until);
  }
  return last;
}

type Counts = "yes" | "no" | "unknown";

/** Codes choose events of every kind; without them, adverse events are what counts. */
function isCandidate({ type, codes }: ClinicalEvent, options: ResolvedOptions): boolean {
  return options.codes === null ? type === "adverse-event" : hasCode(codes, options.codes);
}

function counts({ grade, serious, causal }: ClinicalEvent, options: ResolvedOptions): Counts {
  const asked: (boolean | null)[] = [];
  if (options.grade !== null) asked.push(grade === null ? null : grade >= options.grade);
  if (options.serious) asked.push(serious);
  if (options.causal) asked.push(causal);
  return asked.includes(false) ? "no" : asked.includes(null) ? "unknown" : "yes";
}

/** First and last day in which an event counts; `sure` is the last day of which that is known. */
function riskPeriod(
  record: PatientRecord,
  course: Course,
  { riskWindow }: ResolvedOptions,
): { readonly last: Day; readonly sure: Day } {
  const { due, index } = course;
  if (riskWindow === null) return { last: due, sure: due };
  const given = lastGiven(record, course);
  // The treatment began on the index day, so that much is known without a single administration on record.
  const sure = Math.min(due, Math.max(given ?? index, index) + riskWindow);
  return { last: given === null ? due : sure, sure };
}

interface Found {
  /** First event that counts. */
  readonly first: { readonly day: Day; readonly id: string } | null;
  /** Events that may count. */
  readonly unknown: readonly string[];
  readonly last: Day;
}

function find(record: PatientRecord, course: Course, options: ResolvedOptions): Found {
  const { last, sure } = riskPeriod(record, course, options);
  let first: Found["first"] = null;
  const unknown: string[] = [];
  for (const event of record.events) {
    const day = course.dayOf(event.date);
    if (day === null || day < course.index || day > last || !isCandidate(event, options)) continue;
    const counted = counts(event, options);
    if (counted === "no") continue;
    if (counted === "unknown" || day > sure) unknown.push(event.id);
    else if (first === null || day < first.day || (day === first.day && event.id < first.id))
      first = { day, id: event.id };
  }
  return { first, unknown, last };
}

function value(record: PatientRecord, question: Question): Outcome {
  const { options } = question;
  const dates = [...record.events.map(({ date }) => date), ...administered(record)];
  return onCourses(record, question, dates, (course) => {
    const { first, unknown, last } = find(record, course, options);
    if (first !== null) return { value: 1n, day: first.day, event: true, evidence: [first.id] };
    if (unknown.length > 0) return notEvaluable("event-detail-missing", unknown);
    const observed = observedUntil(course, last, options.window);
    if ("notEvaluable" in observed) return observed;
    return { value: 0n, day: null, event: false, evidence: observed.ids };
  });
}

const administered = ({ administrations }: PatientRecord): PatientRecord["administrations"][number]["start"][] =>
  administrations.flatMap(({ start, end }) => (end === null ? [start] : [start, end]));

/** Time to the first event; a death, the end of the risk period, or the last sign of life ends it without. */
const time: NonNullable<Endpoint["time"]> = (record, options, asOf) => {
  const dates = [...record.events.map(({ date }) => date), ...administered(record)];
  return timeOnCourses(record, asOf, dates, (course) => {
    const { first, unknown, last } = find(record, course, options);
    if (unknown.length > 0) return notEvaluable("event-detail-missing", unknown);
    if (first !== null) return { day: first.day, event: true, cause: "event", evidence: [first.id] };
    const { death, lastAlive, index } = course;
    const seen = death ?? lastAlive;
    const day = Math.min(last, Math.max(seen?.day ?? index, index));
    const cause = death === null ? "last known alive" : "death";
    return { day, event: false, cause, evidence: seen === null ? [] : [seen.id] };
  });
};

const needs: NonNullable<Endpoint["needs"]> = ({ codes, riskWindow }) => ({
  adverseEvents: true,
  events: new Set(codes ?? []),
  administrations: riskWindow !== null,
});

export const complication: Endpoint = {
  id: "complication",
  description: "one or more complications by the due date: 0 or 1",
  needs,
  value,
  time,
};

export const majorIllness: Endpoint = {
  id: "major-illness",
  description: "one or more major illnesses by the due date: 0 or 1",
  needs,
  // Which illnesses are major is what the parties agreed on; no list of them could be a default.
  problem: ({ codes }) => (codes === null ? "needs endpoint.codes: the diagnoses and procedures that count" : null),
  value,
  time,
};
