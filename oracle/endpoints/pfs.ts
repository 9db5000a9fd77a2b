/**
 * Progression-free survival in days. Three rule sets (FDA 2018 endpoint guidance, appendices 2 and 3; EMA/CHMP/27994/2008
 * for treatment policy; real-world follow-up as in the RwPFS package):
 *
 * - `treatment-policy`: progression or death, whatever was missed or switched before it; else censored at the last adequate assessment.
 * - `fda`: a new treatment before the event, or an event after more than two missed assessments, censors at the last adequate assessment.
 * - `rwpfs`: events count to the end of progression follow-up, deaths also `deathWindow` days later.
 */

import type { Day } from "../../terms/model.ts";
import type { PatientRecord } from "../record.ts";
import { agreedTime, agreedValue, samePrice } from "./agree.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";
import {
  assessmentNeeds,
  firstProgression,
  followed,
  isAdequate,
  therapyPolicy,
  type DayResult,
  type Timeline,
} from "./timeline.ts";
import { realWorldTime } from "./rwpfs.ts";

interface Event {
  readonly day: Day;
  readonly cause: "progression" | "death" | "new treatment";
  readonly evidence: readonly string[];
  readonly disputed: boolean;
}

/** Progression or death, whichever came first; on one day it is the progression. Else the treatment that the clause takes for one. */
export function firstEvent(timeline: Timeline): Event | null {
  const progression = firstProgression(timeline);
  const { death, switched } = timeline;
  if (progression !== null && (death === null || progression.day <= death.day)) {
    return { day: progression.day, cause: "progression", evidence: progression.ids, disputed: false };
  }
  if (death !== null) return { day: death.day, cause: "death", evidence: [death.id], disputed: death.disputed };
  if (switched === null) return null;
  return { day: switched.day, cause: "new treatment", evidence: [switched.id], disputed: false };
}

function lastAdequate(timeline: Timeline, until: Day): DayResult | null {
  return timeline.results.findLast((result) => result.day <= until && isAdequate(result)) ?? null;
}

/** Longest time between assessments in which no two in a row can have been missed. */
export function missedAfter({ assessEvery, tolerance }: ResolvedOptions): number {
  return 2 * assessEvery + tolerance;
}

const censored = (timeline: Timeline, at: DayResult | null, cause: string): TimeToEvent => ({
  day: at?.day ?? timeline.index,
  event: false,
  cause: at === null ? "no assessment" : cause,
  evidence: at?.ids ?? [],
});

function trialTime(timeline: Timeline, options: ResolvedOptions): TimeToEvent {
  const event = firstEvent(timeline);
  const { newTherapy } = timeline;
  if (event === null && newTherapy !== null && therapyPolicy(options) === "censor") {
    const cut = censored(timeline, lastAdequate(timeline, newTherapy.day), "new treatment");
    return { ...cut, evidence: [...cut.evidence, newTherapy.id] };
  }
  if (options.rules === "fda" && event !== null) {
    const before = lastAdequate(timeline, event.day - 1);
    if (event.day - (before?.day ?? timeline.index) > missedAfter(options)) {
      return censored(timeline, before, "missed assessments");
    }
  }
  if (event === null) return censored(timeline, lastAdequate(timeline, timeline.asOf), "last assessment");
  if (event.disputed) return notEvaluable("disputed-death", event.evidence);
  return { day: event.day, event: true, cause: event.cause, evidence: event.evidence };
}

function timeOn(record: PatientRecord, options: ResolvedOptions): (timeline: Timeline) => TimeToEvent {
  return (whole) => {
    const timeline = followed(whole, options);
    return options.rules === "rwpfs" ? realWorldTime(timeline, record, options) : trialTime(timeline, options);
  };
}

/**
 * The value for a clause: days to the event when it came by the due date; days to the due date when the patient is known to
 * have been free of progression then; else the last day known free, when all from there to the due day has one price.
 */
function valueOn(record: PatientRecord, question: Question): (timeline: Timeline, due: Day) => Outcome {
  const { options } = question;
  return (whole, due) => {
    const timeline = followed(whole, options);
    const time = timeOn(record, options)(timeline);
    if ("notEvaluable" in time) {
      const earlier = time.notEvaluable === "disputed-death" ? freeBeforeDispute(timeline, due, options) : null;
      return earlier === null ? notEvaluable(time.notEvaluable, time.evidence) : days(timeline, due, false, earlier);
    }
    if (time.event && time.day <= due) return days(timeline, time.day, true, time.evidence);
    const held = pendingProgression(record, timeline, due);
    if (held !== null) return notEvaluable("preliminary-progression", [held]);
    const free = lastFree(timeline, time, options);
    const freeAtDue = free.day >= due - options.window || (time.event && notMissed(timeline, time.day, options));
    if (freeAtDue) return days(timeline, due, false, free.day >= due - options.window ? free.evidence : time.evidence);
    const lower = BigInt(free.day - timeline.index);
    if (samePrice(question, lower, BigInt(due - timeline.index))) return days(timeline, free.day, false, free.evidence);
    return notEvaluable("no-adequate-assessment", free.evidence);
  };
}

const days = (timeline: Timeline, day: Day, event: boolean, evidence: readonly string[]): Outcome => ({
  value: BigInt(day - timeline.index),
  day,
  event,
  evidence,
});

/** Last day on which the patient is known free of progression: the day of censoring, or the last adequate assessment before the event. */
function lastFree(
  timeline: Timeline,
  time: { readonly day: Day; readonly event: boolean; readonly evidence: readonly string[] },
  options: ResolvedOptions,
): { readonly day: Day; readonly evidence: readonly string[] } {
  if (!time.event) return time;
  const before = lastAdequate(timeline, time.day - 1);
  // Real-world events count only within follow-up, so the patient was followed, free, until then.
  if (options.rules === "rwpfs") return { day: time.day - 1, evidence: time.evidence };
  return { day: before?.day ?? timeline.index, evidence: before?.ids ?? [] };
}

/** Whether so little time lies between the last adequate assessment and the event that none in between was missed. */
function notMissed(timeline: Timeline, event: Day, options: ResolvedOptions): boolean {
  const before = lastAdequate(timeline, event - 1);
  return event - (before?.day ?? timeline.index) <= missedAfter(options);
}

/** Where only the death is in doubt, an assessment near or after the due date still shows freedom from progression then. */
function freeBeforeDispute(timeline: Timeline, due: Day, options: ResolvedOptions): readonly string[] | null {
  if (timeline.death === null || timeline.death.day <= due) return null;
  const before = lastAdequate(timeline, timeline.death.day);
  return before !== null && before.day >= due - options.window ? before.ids : null;
}

/** A preliminary progression by the due date and after the last final assessment: paying on it could not be undone. */
export function pendingProgression(record: PatientRecord, timeline: Timeline, due: Day): string | null {
  const final = lastAdequate(timeline, timeline.asOf)?.day ?? -Infinity;
  const held = record.pending.find(
    ({ date, response }) => response === "PD" && date.last > timeline.index && date.first <= due && date.last > final,
  );
  return held?.id ?? null;
}

export const pfs: Endpoint = {
  id: "pfs",
  description: "progression-free survival, in days",
  needs: assessmentNeeds,
  value: (record, question) => agreedValue(record, question, valueOn(record, question)),
  time: (record, options, asOf) => agreedTime(record, options, asOf, timeOn(record, options)),
};
