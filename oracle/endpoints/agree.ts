/** One answer from the several timelines that partial dates leave open. */

import { tierOf } from "../../terms/payoff.ts";
import type { Day } from "../../terms/model.ts";
import type { PatientRecord } from "../record.ts";
import { notEvaluable, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";
import { timelines, type Timeline } from "./timeline.ts";

/** The value on which all timelines agree, as a question needs it. What can't be told on some timelines can't be told. */
export function agreedValue(
  record: PatientRecord,
  question: Question,
  valueOn: (timeline: Timeline, due: Day) => Outcome,
): Outcome {
  const { due, asOf, options } = question;
  const all = timelines(record, options, asOf);
  if (typeof all === "string") return notEvaluable(all);
  const outcomes = all.map((timeline) =>
    timeline.index + due > asOf ? notEvaluable("not-due") : valueOn(timeline, timeline.index + due),
  );
  return agreed(outcomes, question);
}

/** The value that all outcomes have, or whose price they have (then the smallest); else not evaluable. */
export function agreed(outcomes: readonly Outcome[], question: Question): Outcome {
  const [first, ...others] = outcomes;
  if (first === undefined) return notEvaluable("partial-date");
  if (others.every((other) => sameOutcome(first, other))) return first;
  const evidence = [...new Set(outcomes.flatMap((outcome) => outcome.evidence))];
  let smallest = first;
  for (const outcome of others) {
    if (!("value" in outcome) || !("value" in smallest) || !samePrice(question, smallest.value, outcome.value))
      return notEvaluable("partial-date", evidence);
    if (outcome.value < smallest.value) smallest = outcome;
  }
  return { ...smallest, evidence };
}

function sameOutcome(a: Outcome, b: Outcome): boolean {
  if ("value" in a && "value" in b) return a.value === b.value;
  return "notEvaluable" in a && "notEvaluable" in b && a.notEvaluable === b.notEvaluable;
}

/** The time on which all timelines agree; else not evaluable. */
export function agreedTime(
  record: PatientRecord,
  options: ResolvedOptions,
  asOf: Day,
  timeOn: (timeline: Timeline) => TimeToEvent,
): TimeToEvent {
  const all = timelines(record, options, asOf);
  if (typeof all === "string") return notEvaluable(all);
  return sameTime(all.map(timeOn));
}

/** The time that all are; else not evaluable. */
export function sameTime(times: readonly TimeToEvent[]): TimeToEvent {
  const reasonOf = (time: TimeToEvent): string | null => ("notEvaluable" in time ? time.notEvaluable : null);
  const isSame = (a: TimeToEvent, b: TimeToEvent): boolean =>
    a.day === b.day && a.event === b.event && reasonOf(a) === reasonOf(b);
  const [first] = times;
  return first !== undefined && times.every((other) => isSame(other, first))
    ? first
    : notEvaluable("partial-date", [...new Set(times.flatMap(({ evidence }) => evidence))]);
}

/**
 * Whether a value that must lie between two has one price, so that the lower can stand for it: both lie in one tier of the
 * clause, and the value need not be exact. Null: without limit on that side.
 */
export function samePrice({ tiers, exact }: Question, lower: bigint | null, upper: bigint | null): boolean {
  if (exact === true) return lower !== null && lower === upper;
  const low = lower === null ? 0 : tierOf(tiers, lower);
  return low === (upper === null ? tiers.length - 1 : tierOf(tiers, upper));
}
