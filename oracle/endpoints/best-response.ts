/** Best response by the due date and before progression: progressive 0, stable 1, partial 2, complete 3 (RECIST 1.1). */

import type { Day } from "../../terms/model.ts";
import { agreedValue } from "./agree.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { completeClasses, firstResponse, responseClasses } from "./response.ts";
import { assessmentNeeds, type DayResult, firstProgression, followed, type Timeline } from "./timeline.ts";

const LEVEL = { progressive: 0n, stable: 1n, partial: 2n, complete: 3n };

function valueOn({ options }: Question): (timeline: Timeline, due: Day) => Outcome {
  return (whole, due) => {
    const timeline = followed(whole, options);
    const at = (value: bigint, { day, ids }: DayResult): Outcome => ({ value, day, event: null, evidence: ids });
    const byDue = (found: DayResult | null): found is DayResult => found !== null && found.day <= due;
    const complete = firstResponse(timeline, completeClasses(options), options, due + options.window);
    if (byDue(complete)) return at(LEVEL.complete, complete);
    const progression = firstProgression(timeline);
    const before = timeline.results.filter(({ day }) => day <= due && day < (progression?.day ?? Infinity));
    const ungraded = before.find(({ response }) => response === "RESPONDING");
    // Improved may be partial or complete, and neither word was written.
    if (ungraded && !options.responding) return notEvaluable("ungradeable-response", ungraded.ids);
    const partial = firstResponse(timeline, responseClasses(options), options, due + options.window);
    if (byDue(partial)) return at(LEVEL.partial, partial);
    // A response that was never confirmed was at least no progression.
    const stable = before.findLast(
      ({ response, day }) => response !== "NE" && day - timeline.index >= options.minStable,
    );
    if (stable) return at(LEVEL.stable, stable);
    if (byDue(progression)) return at(LEVEL.progressive, progression);
    return notEvaluable(
      "no-adequate-assessment",
      before.flatMap(({ ids }) => ids),
    );
  };
}

export const bestResponse: Endpoint = {
  id: "best-response",
  description: "best response by the due date: progressive 0, stable 1, partial 2, complete 3",
  needs: assessmentNeeds,
  value: (record, question) => agreedValue(record, question, valueOn(question)),
};
