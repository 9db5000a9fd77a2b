/** Metrics of the agreement's own, for one patient: measured, combined from others, or by a named rule. */

import { partsOf } from "../../terms/endpoint-options.ts";
import type { Metric, Tier } from "../../terms/model.ts";
import { joinNeeds } from "../needs.ts";
import { combine, isCombination, type Combination } from "./combine.ts";
import { notEvaluable, type Endpoint, type Question } from "./endpoint.ts";
import { observed } from "./observation.ts";
import { namedRule } from "./rules.ts";

/**
 * @param find the endpoint of a metric that this one is made of
 * @returns undefined when the metric has no source, or a part or rule of it can't be computed here
 */
export function ownEndpoint(metric: Metric, find: (id: string) => Endpoint | undefined): Endpoint | undefined {
  const { source } = metric;
  if (source === null) return undefined;
  if (source.type === "observation") return observed(metric, source);
  if (source.type === "rule") return namedRule(metric, source.name, source.version);
  if (!isCombination(source)) return undefined;
  const parts = partsOf(metric).map(find);
  return parts.every((part) => part !== undefined) ? combined(metric, source, parts) : undefined;
}

/** A condition has to be told from 0 to 1, whatever the clause pays for. */
const YES_NO: readonly Tier[] = [null, 1n].map((start) => ({ start, pays: 0n, slope: 0n }));

function combined(metric: Metric, source: Combination, parts: readonly Endpoint[]): Endpoint {
  const isValue = (at: number): boolean =>
    source.type === "difference" || (at === 0 && (source.type === "unless" || source.type === "when"));
  const asked = (question: Question, at: number): Question => {
    if (!isValue(at)) return { due: question.due, asOf: question.asOf, options: question.options, tiers: YES_NO };
    // A difference needs the values themselves; a value that is passed on is priced by the clause.
    return source.type === "difference" ? { ...question, exact: true } : question;
  };
  return {
    id: metric.id,
    description: metric.definition,
    needs: (options) => joinNeeds(parts.map((part) => part.needs?.(options) ?? {})),
    problem: (options) => {
      const found = parts.flatMap((part) => {
        const problem = part.problem?.(options) ?? null;
        return problem === null ? [] : [`${part.id} ${problem}`];
      });
      return found[0] ?? null;
    },
    value: (record, question) => {
      const outcomes = parts.map((part, at) => part.value(record, asked(question, at)));
      const whole = combine(source, outcomes);
      const deciding = whole.by.flatMap((at) => outcomes[at] ?? []);
      const evidence = [...new Set(deciding.flatMap((outcome) => outcome.evidence))];
      if ("notEvaluable" in whole) return notEvaluable(whole.notEvaluable, evidence);
      const [first] = deciding;
      const day = deciding.length === 1 ? (first?.day ?? null) : null;
      return { value: whole.value, day, event: null, evidence };
    },
  };
}
