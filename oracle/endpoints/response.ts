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
  return before.find((result, k) => classes.has(result.response) && isConfirmed(before, k, classes, options)) ?? null;
}

function isConfirmed(
  results: readonly DayResult[],
  at: number,
  classes: ReadonlySet<ResponseClass>,
  { confirm, maxNe }: ResolvedOptions,
): boolean {
  const start = results[at];
  if (confirm === null || start === undefined) return start !== undefined;
  let missed = 0;
  for (const { day, response } of results.slice(at + 1)) {
    if (classes.has(response)) {
      if (day - start.day >= confirm) return true;
    } else if (response !== "NE" || ++missed > maxNe) {
      return false;
    }
  }
  return false;
}

/** Progression or death after `from`, whichever came first; else the treatment that the clause takes for one. */
export function lossAfter(
  timeline: Timeline,
  from: Day,
): { readonly day: Day; readonly evidence: readonly string[]; readonly disputed: boolean } | null {
  const progression = firstProgression(timeline);
  const { death, switched } = timeline;
  if (progression !== null && progression.day > from && (death === null || progression.day <= death.day)) {
    return { day: progression.day, evidence: progression.ids, disputed: false };
  }
  if (death !== null) return { day: death.day, evidence: [death.id], disputed: death.disputed };
  return switched === null ? null : { day: switched.day, evidence: [switched.id], disputed: false };
}
