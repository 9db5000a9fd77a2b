/** Overall survival in days: death of any cause, else censored on the last day known alive (not on the as-of date). */

import { samePrice } from "./agree.ts";
import { onCourses, timeOnCourses, type Course } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";

/** Time to death or to the last sign of life. */
export function survivalTime({ death, index, lastAlive }: Course): TimeToEvent {
  if (death !== null) {
    if (death.disputed) return notEvaluable("disputed-death", [death.id]);
    return { day: death.day, event: true, cause: "death", evidence: [death.id] };
  }
  const alive = lastAlive !== null && lastAlive.day >= index ? lastAlive : null;
  return {
    day: alive?.day ?? index,
    event: false,
    cause: "last known alive",
    evidence: alive === null ? [] : [alive.id],
  };
}

function valueOn(question: Question): (course: Course) => Outcome {
  const { options } = question;
  return (course) => {
    const time = survivalTime(course);
    if ("notEvaluable" in time) return notEvaluable(time.notEvaluable, time.evidence);
    const { index, due } = course;
    const { evidence } = time;
    if (time.event && time.day <= due) return { value: BigInt(time.day - index), day: time.day, event: true, evidence };
    const whole = BigInt(due - index);
    if (time.event || time.day >= due - options.window) return { value: whole, day: due, event: false, evidence };
    const lower = BigInt(time.day - index);
    if (samePrice(question, lower, whole)) return { value: lower, day: time.day, event: false, evidence };
    return notEvaluable("unknown-at-due", evidence);
  };
}

export const os: Endpoint = {
  id: "os",
  description: "overall survival, in days",
  value: (record, question) => onCourses(record, question, [], valueOn(question)),
  time: (record, _options, asOf) => timeOnCourses(record, asOf, [], survivalTime),
};
