/** First accepted response, confirmed when the clause asks for it: what the remission and response metrics share. */

import type { Day } from "../../terms/model.ts";
import type { ResponseClass } from "../record.ts";
import type { ResolvedOptions } from "./options.ts";
import { firstProgression, type DayResult, type Timeline } from "./timeline.ts";

/** Classes that are a complete remission for the clause. */
export function completeClasses({ residual }: ResolvedOptions): ReadonlySet<ResponseClass> {
  return new Set<ResponseClass>(residual ? ["CR", "CRr"] : ["CR"]);
}

/** Classes that are a response for the clause: partial or better. */
export function responseClasses({ responding }: ResolvedOptions): ReadonlySet<ResponseClass> {
  return new Set<ResponseClass>(responding ? ["CR", "CRr", "PR", "RESPONDING"] : ["CR", "CRr", "PR"]);
}

/**
 * First day with a response of one of `classes`, before any progression. With `confirm`, one seen again at least that many days
 * later, with only such responses and at most `maxNe` assessments not evaluable in between; the day stays the first.
 * @param until last day whose assessments count: a result that confirms counts as long as any other does
 */
export function firstResponse(
  timeline: Timeline,
  classes: ReadonlySet<ResponseClass>,
  options: ResolvedOptions,
  until: Day = Infinity,
): DayResult | null {
  const progression = firstProgression(timeline)?.day ?? Infinity;
  const death = timeline.death?.day ?? Infinity;
  const before = timeline.results.filter(({ day }) => day < progression && day <= Math.min(death, until));
  return (
    before.find(
      (result, k) => classes.has(result.response) && isConfirmed(result, before.slice(k + 1), classes, options),
    ) ?? null
  );
}

function isConfirmed(
  start: DayResult,
  later: readonly DayResult[],
  classes: ReadonlySet<ResponseClass>,
  { confirm, maxNe }: ResolvedOptions,
): boolean {
  if (confirm === null) return true;
  let missed = 0;
  for (const { day, response } of later) {
    if (classes.has(response)) {
      if (day - start.day >= confirm) return true;
    } else if (response !== "NE" || ++missed > maxNe) {
      return false;
    }
  }
  return false;
}
