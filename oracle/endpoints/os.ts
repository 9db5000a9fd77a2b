/** Overall survival in days: death of any cause, else censored on the last day known alive (not on the as-of date). */

import type { Day } from "../../terms/model.ts";
import { agreedTime, agreedValue, samePrice } from "./agree.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";
import type { Timeline } from "./timeline.ts";

/** Time to death or to the last sign of life. */
export function survivalTime({ death, index, lastAlive }: Timeline): TimeToEvent {
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

function valueOn(question: Question): (timeline: Timeline, due: Day) => Outcome {
  const { options } = question;
  return (timeline, due) => {
    const time = survivalTime(timeline);
    if ("notEvaluable" in time) return notEvaluable(time.notEvaluable, time.evidence);
    const { index } = timeline;
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
  value: (record, question) => agreedValue(record, question, valueOn(question)),
  time: (record, options, asOf) => agreedTime(record, options, asOf, survivalTime),
};
