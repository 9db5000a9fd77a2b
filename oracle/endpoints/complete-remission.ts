/** Complete remission by the due date: 1 from the first accepted complete response before any progression, else 0. */

import type { Day } from "../../terms/model.ts";
import { agreedTime, agreedValue } from "./agree.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";
import { firstEvent } from "./pfs.ts";
import { completeClasses, firstResponse } from "./response.ts";
import { assessmentNeeds, followed, isAdequate, type Timeline } from "./timeline.ts";

function valueOn({ options }: Question): (timeline: Timeline, due: Day) => Outcome {
  return (whole, due) => {
    const timeline = followed(whole, options);
    const response = firstResponse(timeline, completeClasses(options), options, due + options.window);
    if (response !== null && response.day <= due)
      return { value: 1n, day: response.day, event: true, evidence: response.ids };
    const end = firstEvent(timeline);
    if (end !== null && end.day <= due && !end.disputed)
      return { value: 0n, day: end.day, event: false, evidence: end.evidence };
    // Intention to treat: who was not seen in remission was not in remission, unless the clause says otherwise.
    const seen = timeline.results.findLast((result) => isAdequate(result) && result.day <= due);
    if (options.missing === "not-evaluable" && (seen === undefined || seen.day < due - options.window)) {
      return notEvaluable("no-adequate-assessment", seen?.ids);
    }
    return { value: 0n, day: null, event: false, evidence: seen?.ids ?? [] };
  };
}

/** Time to the first complete response; a progression or death before one, or the last adequate assessment, ends it without. */
function timeOn(options: ResolvedOptions): (timeline: Timeline) => TimeToEvent {
  return (whole) => {
    const timeline = followed(whole, options);
    const response = firstResponse(timeline, completeClasses(options), options);
    if (response !== null)
      return { day: response.day, event: true, cause: "complete response", evidence: response.ids };
    const end = firstEvent(timeline);
    if (end !== null) return { day: end.day, event: false, cause: end.cause, evidence: end.evidence };
    const last = timeline.results.findLast(isAdequate);
    return { day: last?.day ?? timeline.index, event: false, cause: "last assessment", evidence: last?.ids ?? [] };
  };
}

export const completeRemission: Endpoint = {
  id: "complete-remission",
  description: "complete remission by the due date: 0 or 1",
  needs: assessmentNeeds,
  value: (record, question) => agreedValue(record, question, valueOn(question)),
  time: (record, options, asOf) => agreedTime(record, options, asOf, timeOn(options)),
};
