/** Metrics of the agreement's own, for a cohort: stated, or combined from others. */

import { partsOf } from "../../terms/endpoint-options.ts";
import type { Metric, Tier } from "../../terms/model.ts";
import { joinNeeds } from "../needs.ts";
import type { CohortEndpoint, CohortQuestion, CohortReason } from "./cohort.ts";
import { combine, isCombination, type Combination } from "./combine.ts";
import { stated } from "./statements.ts";

/**
 * @param find the endpoint of a metric that this one is made of
 * @returns undefined when the metric has no source that can be computed for a cohort
 */
export function ownCohortEndpoint(
  metric: Metric,
  find: (id: string) => CohortEndpoint | undefined,
): CohortEndpoint | undefined {
  const { source } = metric;
  if (source === null) return undefined;
  if (source.type === "statement") return stated(metric, source.name);
  if (!isCombination(source)) return undefined;
  const parts = partsOf(metric).map(find);
  return parts.every((part) => part !== undefined) ? combined(metric, source, parts) : undefined;
}

/** A condition has to be told from 0 to 1, whatever the clause pays for. */
const YES_NO: readonly Tier[] = [null, 1n].map((start) => ({ start, pays: 0n, slope: 0n }));

function combined(metric: Metric, source: Combination, parts: readonly CohortEndpoint[]): CohortEndpoint {
  const isValue = (at: number): boolean =>
    source.type === "difference" || (at === 0 && (source.type === "unless" || source.type === "when"));
  const asked = (question: CohortQuestion, at: number): CohortQuestion => {
    if (!isValue(at)) return { ...question, tiers: YES_NO };
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
    value: (records, question) => {
      const findings = parts.map((part, at) => part.value(records, asked(question, at)));
      const whole = combine<CohortReason>(
        source,
        findings.map(({ outcome }) => outcome),
      );
      const deciding = whole.by.flatMap((at) => findings[at] ?? []);
      const evidence = [...new Set(deciding.flatMap((finding) => finding.evidence))];
      const outcome = "value" in whole ? { value: whole.value } : { notEvaluable: whole.notEvaluable };
      // The leaves show the patients behind the first part that rests on them.
      return { outcome, evidence, parts: deciding.find((finding) => finding.parts.length > 0)?.parts ?? [] };
    },
  };
}
