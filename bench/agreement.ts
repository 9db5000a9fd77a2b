/** Small data sets that R draws and answers: what is timed must first be right. */

import { estimateGroups, type Estimate } from "../oracle/survival/estimates.ts";
import type { IntervalKind } from "../oracle/survival/interval.ts";
import type { Observations } from "../oracle/survival/tabulate.ts";

type Numbers = readonly (number | null)[];

/** One group of one data set. */
export interface Analysis {
  readonly kind: IntervalKind;
  /** Of the group. */
  readonly position: number;
  readonly time: readonly number[];
  readonly event: readonly number[];
  readonly group: readonly number[];
  readonly entry: readonly number[] | null;
  readonly times: readonly number[];
  readonly nRisk: Numbers;
  readonly nEvent: Numbers;
  readonly survival: Numbers;
  readonly se: Numbers;
  readonly lower: Numbers;
  readonly upper: Numbers;
  readonly median: Numbers;
}

function groupsOf({ time, event, group, entry }: Analysis): Observations[] {
  return [...new Set(group)]
    .sort((a, b) => a - b)
    .map((name) => {
      const own = <T>(values: readonly T[]): T[] => values.filter((_, i) => group[i] === name);
      const died = own(event);
      return {
        exits: Float64Array.from(own(time)),
        events: Float64Array.from(own(time).filter((_, i) => died[i] === 1)),
        entries: entry === null ? null : Float64Array.from(own(entry)),
      };
    });
}

/** Everything in which an analysis differs from R's by more than 1e-9, in words. Beyond what is estimable only counts are compared. */
export function differences(analysis: Analysis): string[] {
  const found = estimateGroups(groupsOf(analysis), analysis.times, analysis.kind)[analysis.position];
  if (found === undefined) return ["no group"];
  const problems: string[] = [];
  const compare = (what: string, own: number | null | undefined, expected: number | null | undefined): void => {
    const same =
      typeof own === "number" && typeof expected === "number" ? Math.abs(own - expected) <= 1e-9 : own === expected;
    if (!same) problems.push(`${what}: found ${own}, R has ${expected}`);
  };
  const { estimate, lower, upper } = found.median;
  [estimate, lower, upper].forEach((own, i) => compare(`median ${i}`, own, analysis.median[i]));
  found.at.forEach((point, i) => {
    const names = ["nRisk", "nEvent", ...(point.estimable ? ["survival", "se", "lower", "upper"] : [])] as const;
    for (const name of names as readonly (keyof Analysis & keyof Estimate)[]) {
      compare(`${name} at ${point.t}`, point[name], analysis[name][i]);
    }
  });
  return problems;
}
