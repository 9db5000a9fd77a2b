/** One answer from the several timelines that partial dates leave open. */

import { tierOf } from "../../terms/payoff.ts";
import type { Day, Tier } from "../../terms/model.ts";
import type { PatientRecord } from "../record.ts";
import { notEvaluable, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";
import { timelines, type Timeline } from "./timeline.ts";

/**
 * The value on which all timelines agree, or whose tier they agree on (then the smallest); else not evaluable. What can't
 * be told on some timelines can't be told.
 */
export function agreedValue(
  record: PatientRecord,
  { due, asOf, options, tiers }: Question,
  valueOn: (timeline: Timeline, due: Day) => Outcome,
): Outcome {
  const all = timelines(record, options, asOf);
  if (typeof all === "string") return notEvaluable(all);
  const outcomes = all.map((timeline) =>
    timeline.index + due > asOf ? notEvaluable("not-due") : valueOn(timeline, timeline.index + due),
  );
  const [first, ...others] = outcomes;
  if (first === undefined) return notEvaluable("partial-date");
  if (others.every((other) => sameOutcome(first, other))) return first;
  const evidence = [...new Set(outcomes.flatMap((outcome) => outcome.evidence))];
  let smallest: (Outcome & { readonly value: bigint }) | null = null;
  const tier = "value" in first ? tierOf(tiers, first.value) : -1;
  for (const outcome of outcomes) {
    if (!("value" in outcome) || tierOf(tiers, outcome.value) !== tier) return notEvaluable("partial-date", evidence);
    if (smallest === null || outcome.value < smallest.value) smallest = outcome;
  }
  return smallest === null ? notEvaluable("partial-date", evidence) : { ...smallest, evidence };
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
  const times = all.map(timeOn);
  const [first, ...others] = times;
  if (first === undefined) return notEvaluable("partial-date");
  const same = others.every(
    (other) =>
      other.day === first.day &&
      other.event === first.event &&
      ("notEvaluable" in other ? other.notEvaluable : null) === ("notEvaluable" in first ? first.notEvaluable : null),
  );
  return same ? first : notEvaluable("partial-date", [...new Set(times.flatMap(({ evidence }) => evidence))]);
}

/** A value that must lie between two: told when both lie in one tier, and then it is the lower. */
export function withinOneTier(tiers: readonly Tier[], lower: bigint, upper: bigint): boolean {
  return tierOf(tiers, lower) === tierOf(tiers, upper);
}
