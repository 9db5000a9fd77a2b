/**
 * Metrics made of other metrics, of a patient or of a cohort: from the parts' outcomes to the outcome of the whole.
 *
 * Three-valued logic (Kleene): the whole is not evaluable exactly when its value depends on a part that is not. No remission is
 * no "remission and alive", whatever is known of being alive.
 */

import type { MetricSource } from "../../terms/model.ts";

/** A source that names other metrics. */
export type Combination = Extract<MetricSource, { type: "all" | "any" | "atLeast" | "unless" | "when" | "difference" }>;

/** What a part was found to be. */
export type Part<R extends string = string> = { readonly value: bigint } | { readonly notEvaluable: R };

/** The value of the whole, or the reason of the first part that it depends on; `by`: positions of the parts that decide it. */
export type Combined<R extends string = string> = Part<R | "not-0-or-1"> & { readonly by: readonly number[] };

export function isCombination(source: MetricSource | null): source is Combination {
  return source !== null && ["all", "any", "atLeast", "unless", "when", "difference"].includes(source.type);
}

/** A condition: met, not met, or the reason why nobody can say. */
type Condition<R extends string> = { readonly met: boolean } | { readonly reason: R | "not-0-or-1" };

function conditionOf<R extends string>(part: Part<R>): Condition<R> {
  if ("notEvaluable" in part) return { reason: part.notEvaluable };
  return part.value === 0n || part.value === 1n ? { met: part.value === 1n } : { reason: "not-0-or-1" };
}

/**
 * @param parts in the order of `partsOf` the metric: as listed; for `unless` the metric, then the stops; for `when` the value, then
 *   the condition; for `difference` the one less the other
 */
export function combine<R extends string>(source: Combination, parts: readonly Part<R>[]): Combined<R> {
  switch (source.type) {
    case "all":
      return atLeast(parts, 0, parts.length);
    case "any":
      return atLeast(parts, 0, 1);
    case "atLeast":
      return atLeast(parts, 0, source.count);
    case "unless":
      // 0 from the first stop on: the metric counts while none of them is met.
      return gated(parts, negated(atLeast(parts, 1, 1)));
    case "when":
      return gated(parts, atLeast(parts, 1, 1));
    case "difference":
      return difference(parts);
  }
}

/** 1 when at least `count` of the parts from `first` on are met. */
function atLeast<R extends string>(parts: readonly Part<R>[], first: number, count: number): Combined<R> {
  const met: number[] = [];
  const unmet: number[] = [];
  const open: { readonly at: number; readonly reason: R | "not-0-or-1" }[] = [];
  parts.forEach((part, at) => {
    if (at < first) return;
    const condition = conditionOf(part);
    if ("reason" in condition) open.push({ at, reason: condition.reason });
    else (condition.met ? met : unmet).push(at);
  });
  if (met.length >= count) return { value: 1n, by: met };
  if (met.length + open.length < count) return { value: 0n, by: unmet };
  return { notEvaluable: open[0]?.reason ?? "not-0-or-1", by: open.map(({ at }) => at) };
}

function negated<R extends string>(whole: Combined<R>): Combined<R> {
  return "value" in whole ? { value: 1n - whole.value, by: whole.by } : whole;
}

/** The first part where `gate` is 1, else 0. */
function gated<R extends string>(parts: readonly Part<R>[], gate: Combined<R>): Combined<R> {
  const value = parts[0];
  if (value === undefined) throw new RangeError("a combination has parts");
  if ("value" in gate && gate.value === 0n) return { value: 0n, by: gate.by };
  // 0 either way, whatever the gate is.
  if ("value" in value && value.value === 0n) return { value: 0n, by: [0] };
  if ("notEvaluable" in gate) return gate;
  return { ...value, by: "value" in value ? [0, ...gate.by] : [0] };
}

function difference<R extends string>(parts: readonly Part<R>[]): Combined<R> {
  const [minuend, subtrahend] = parts;
  if (minuend === undefined || subtrahend === undefined) throw new RangeError("a difference has two parts");
  if ("notEvaluable" in minuend) return { ...minuend, by: [0] };
  if ("notEvaluable" in subtrahend) return { ...subtrahend, by: [1] };
  return { value: minuend.value - subtrahend.value, by: [0, 1] };
}
