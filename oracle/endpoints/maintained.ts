/**
 * A remission or response that lasts: 1 when it was reached by the due date, no relapse, progression or death came by then,
 * and an adequate assessment within the window around it shows so; 0 when it was never reached or was lost.
 */

import type { Day } from "../../terms/model.ts";
import type { PatientRecord, ResponseClass } from "../record.ts";
import { agreedTime, agreedValue } from "./agree.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question, type TimeToEvent } from "./endpoint.ts";
import type { ResolvedOptions } from "./options.ts";
import { firstEvent, missedAfter, pendingProgression } from "./pfs.ts";
import { completeClasses, firstResponse, responseClasses } from "./response.ts";
import { assessmentNeeds, followed, isAdequate, type Timeline } from "./timeline.ts";

type Classes = (options: ResolvedOptions) => ReadonlySet<ResponseClass>;

function valueOn(
  record: PatientRecord,
  { options }: Question,
  classes: Classes,
): (timeline: Timeline, due: Day) => Outcome {
  return (whole, due) => {
    const timeline = followed(whole, options);
    const response = firstResponse(timeline, classes(options), options, due + options.window);
    if (response === null || response.day > due) {
      const seen = timeline.results.findLast((result) => isAdequate(result) && result.day <= due);
      return { value: 0n, day: null, event: false, evidence: seen?.ids ?? [] };
    }
    const loss = firstEvent(timeline);
    const evidence = [...response.ids, ...(loss?.evidence ?? [])];
    if (loss !== null && loss.day <= due) {
      return loss.disputed
        ? notEvaluable("disputed-death", evidence)
        : { value: 0n, day: loss.day, event: true, evidence };
    }
    const held = pendingProgression(record, timeline, due);
    if (held !== null) return notEvaluable("preliminary-progression", [held]);
    const until = Math.min(due + options.window, (loss?.day ?? Infinity) - 1);
    const shown = timeline.results.findLast(
      (result) => isAdequate(result) && result.day >= due - options.window && result.day <= until,
    );
    if (shown) return { value: 1n, day: shown.day, event: false, evidence: [...response.ids, ...shown.ids] };
    // Lost after the due date, with no assessment missed before: it lasted until then.
    const before = timeline.results.findLast((result) => isAdequate(result) && result.day < (loss?.day ?? -Infinity));
    if (loss !== null && before && loss.day - before.day <= missedAfter(options))
      return { value: 1n, day: due, event: false, evidence };
    if (options.missing === "failure") return { value: 0n, day: null, event: false, evidence };
    return notEvaluable("no-adequate-assessment", evidence);
  };
}

/** Time until the response was lost; censored at the last adequate assessment. */
function timeOn(options: ResolvedOptions, classes: Classes): (timeline: Timeline) => TimeToEvent {
  return (whole) => {
    const timeline = followed(whole, options);
    const response = firstResponse(timeline, classes(options), options);
    if (response === null) return notEvaluable("no-response");
    const loss = firstEvent(timeline);
    if (loss?.disputed) return notEvaluable("disputed-death", loss.evidence);
    if (loss !== null)
      return { day: loss.day, event: true, cause: "lost", evidence: [...response.ids, ...loss.evidence] };
    const last = timeline.results.findLast(isAdequate) ?? response;
    return { day: last.day, event: false, cause: "last assessment", evidence: [...response.ids, ...last.ids] };
  };
}

function maintained(id: string, description: string, classes: Classes): Endpoint {
  return {
    id,
    description,
    needs: assessmentNeeds,
    value: (record, question) => agreedValue(record, question, valueOn(record, question, classes)),
    time: (record, options, asOf) => agreedTime(record, options, asOf, timeOn(options, classes)),
  };
}

export const remissionMaintained = maintained(
  "remission-maintained",
  "still in complete remission at the due date: 0 or 1",
  completeClasses,
);
export const responseMaintained = maintained(
  "response-maintained",
  "still in response at the due date: 0 or 1",
  responseClasses,
);
