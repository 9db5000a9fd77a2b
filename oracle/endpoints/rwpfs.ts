/** Real-world progression-free survival: time to event by the registry's own follow-up dates (rule set `rwpfs`). */

import type { Day } from "../../terms/model.ts";
import type { PatientRecord } from "../record.ts";
import { notEvaluable, type TimeToEvent } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";
import { firstProgression, therapyPolicy, type Timeline } from "./timeline.ts";

interface FollowUpDays {
  readonly lastActivity: Day | null;
  readonly gapStart: Day | null;
  readonly lastReview: Day | null;
  readonly evidence: readonly string[];
}

/**
 * Progression by the end of follow-up, else death within `deathWindow` of it, else censored there. The end is the earliest of
 * last review, start of a visit gap and last activity. Not evaluable when any of these, a progression or the death is dated on or
 * before the index day, or when last review or last activity is missing.
 */
export function realWorldTime(timeline: Timeline, record: PatientRecord, options: ResolvedOptions): TimeToEvent {
  const { index, death } = timeline;
  const { lastActivity, gapStart, lastReview, evidence } = followUp(timeline, record, options);
  if (timeline.progressionAtIndex !== null) return notEvaluable("event-before-index", timeline.progressionAtIndex.ids);
  if (death !== null && death.day <= index) return notEvaluable("event-before-index", [death.id]);
  if (lastReview === null || lastReview <= index || lastActivity === null || lastActivity <= index) {
    return notEvaluable("follow-up-missing", evidence);
  }
  if (gapStart !== null && gapStart <= index) return notEvaluable("follow-up-missing", evidence);
  const { newTherapy, switched } = timeline;
  const cut = newTherapy !== null && therapyPolicy(options) !== "ignore" ? newTherapy.day : Infinity;
  const end = Math.min(lastReview, lastActivity, gapStart ?? Infinity, cut);
  const progression = firstProgression(timeline);
  let found: TimeToEvent & { readonly day: Day };
  if (progression !== null && progression.day <= Math.min(end, death?.day ?? Infinity)) {
    found = { day: progression.day, event: true, cause: "progression", evidence: progression.ids };
  } else if (death !== null && death.day - options.deathWindow <= Math.min(end, progression?.day ?? Infinity)) {
    if (death.disputed) return notEvaluable("disputed-death", [death.id]);
    found = { day: death.day, event: true, cause: "death", evidence: [death.id] };
  } else if (switched !== null && switched.day <= end) {
    found = { day: switched.day, event: true, cause: "new treatment", evidence: [switched.id] };
  } else {
    found = { day: end, event: false, cause: "end of follow-up", evidence };
  }
  const limit = options.maxFollowUp === null ? Infinity : index + options.maxFollowUp;
  return found.day <= limit
    ? found
    : { day: limit, event: false, cause: "maximum follow-up", evidence: found.evidence };
}

/** The registry's dates; from a source without them, the visits on record: a gap is more than `maxGap` days between two. */
function followUp(timeline: Timeline, record: PatientRecord, options: ResolvedOptions): FollowUpDays {
  if (record.followUp !== null) return { ...record.followUp, evidence: [record.followUp.id] };
  const lastReview = timeline.results.at(-1) ?? null;
  const { lastAlive, index } = timeline;
  const visits = [
    index,
    ...timeline.results.map(({ day }) => day),
    ...record.therapies.map(({ start }) => start.first),
    ...(lastAlive === null ? [] : [lastAlive.day]),
  ]
    .filter((day) => day >= index)
    .sort((a, b) => a - b);
  const afterGap = visits.findIndex((day, position) => day - (visits[position - 1] ?? day) > options.maxGap);
  return {
    lastActivity: visits.at(-1) ?? null,
    gapStart: visits[afterGap - 1] ?? null,
    lastReview: lastReview?.day ?? null,
    evidence: lastReview?.ids ?? [],
  };
}
