/**
 * What the metrics that only look at dates see of a patient: days, a death, the last sign of life. A record with partial
 * dates has several courses, with all of its facts as early or as late as they can be, and so its death; what they agree on is
 * told.
 */

import type { Day } from "../../terms/model.ts";
import type { Dated, Interval, PatientRecord } from "../record.ts";
import { agreed, sameTime } from "./agree.ts";
import { notEvaluable, type NotEvaluable, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";

export interface Course {
  readonly index: Day;
  /** The due day, or the as-of date where nothing is due. */
  readonly due: Day;
  readonly asOf: Day;
  readonly death: (Dated & { readonly disputed: boolean }) | null;
  readonly lastAlive: Dated | null;
  /** The day that a fact counts for; null when it lies after the as-of date. */
  readonly dayOf: (date: Interval) => Day | null;
}

/** Every course, or why there is none. `dates` are those of the facts that matter. */
function courses(
  record: PatientRecord,
  asOf: Day,
  due: number | null,
  dates: readonly Interval[],
): readonly Course[] | NotEvaluable {
  if (record.consent === false) return notEvaluable("no-consent");
  if (record.index === null || record.index.day > asOf) return notEvaluable("no-index");
  const index = record.index.day;
  const { death } = record;
  if (death !== null && death.date.last < index) return notEvaluable("event-before-index", [death.id]);
  if (due !== null && index + due > asOf) return notEvaluable("not-due");
  const ends = (partial: boolean): readonly ("first" | "last")[] => (partial ? ["first", "last"] : ["first"]);
  const isPartial = ({ first, last }: Interval): boolean => first !== last;
  return ends(dates.some(isPartial)).flatMap((fact) =>
    ends(death !== null && isPartial(death.date)).map((end): Course => {
      const died = death && { day: Math.max(death.date[end], index), id: death.id, disputed: death.disputed };
      return {
        index,
        due: due === null ? asOf : index + due,
        asOf,
        death: died !== null && died.day <= asOf ? died : null,
        lastAlive: record.lastAlive,
        // What is on record on the as-of date happened by then.
        dayOf: (date) => (date.first > asOf ? null : Math.min(date[fact], asOf)),
      };
    }),
  );
}

/** The value on which all courses agree, as a question needs it. */
export function onCourses(
  record: PatientRecord,
  question: Question,
  dates: readonly Interval[],
  valueOn: (course: Course) => Outcome,
): Outcome {
  const all = courses(record, question.asOf, question.due, dates);
  return "notEvaluable" in all ? all : agreed(all.map(valueOn), question);
}

/** The time on which all courses agree. */
export function timeOnCourses(
  record: PatientRecord,
  asOf: Day,
  dates: readonly Interval[],
  timeOn: (course: Course) => TimeToEvent,
): TimeToEvent {
  const all = courses(record, asOf, null, dates);
  return "notEvaluable" in all ? all : sameTime(all.map(timeOn));
}

/**
 * Whether the patient was observed until a day, so that what is not on record did not happen: she died by then, or a sign of
 * life at most `window` days before it, or later, shows that she was in care. That she was asked about everything in between
 * can't be seen in the records.
 * @returns the ids that show it, or the reason why nothing does
 */
export function observedUntil(
  { death, lastAlive }: Course,
  until: Day,
  window: number,
): { readonly ids: readonly string[] } | NotEvaluable {
  if (lastAlive !== null && lastAlive.day >= until - window) return { ids: [lastAlive.id] };
  if (death === null) return notEvaluable("unknown-at-due", lastAlive === null ? [] : [lastAlive.id]);
  if (death.disputed && death.day <= until) return notEvaluable("disputed-death", [death.id]);
  return { ids: [death.id] };
}
