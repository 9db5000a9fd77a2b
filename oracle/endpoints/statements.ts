/**
 * Figures that no patient's record carries (cost of research, what procurement saved): as somebody stated and signed them. The
 * oracle passes on the one statement of that name for the cohort, with its document's hash as evidence, and never picks
 * between two.
 */

import { scaleExactly } from "../../terms/decimal.ts";
import type { Metric } from "../../terms/model.ts";
import type { Statement } from "../record.ts";
import type { CohortEndpoint, CohortFinding, CohortQuestion } from "./cohort.ts";

/** The endpoint of a metric that is stated. @param name of the statement */
export function stated(metric: Metric, name = metric.id): CohortEndpoint {
  return {
    id: metric.id,
    description: metric.definition,
    value: (_, question) => statement(metric, name, question) ?? found({ notEvaluable: "no-statement" }, []),
  };
}

/** What is stated for the question's cohort; null when nothing is. */
export function statement(metric: Metric, name: string, { statements, cohort }: CohortQuestion): CohortFinding | null {
  const ours = statements.filter((one) => one.name === name && (one.cohort === null || one.cohort === cohort.id));
  const evidence = ours.map(({ id, documentSha256 }) => `${id} sha256:${documentSha256}`).sort();
  const [first, ...others] = ours;
  if (first === undefined) return null;
  if (others.length > 0) return found({ notEvaluable: "several-statements" }, evidence);
  if (!isInUnit(first, metric)) return found({ notEvaluable: "unit-differs" }, evidence);
  const value = scaleExactly(first.value, metric.decimals);
  return found(value === null ? { notEvaluable: "inexact-statement" } : { value }, evidence);
}

/** Whether a stated currency or unit is the metric's; one that says neither is taken to be. Nothing is converted. */
function isInUnit({ currency, unit }: Statement, metric: Metric): boolean {
  if (metric.kind === "money") return unit === undefined && (currency ?? metric.unit) === metric.unit;
  if (currency !== undefined) return false;
  const written = metric.kind === "percent" ? ["%", "percent"] : metric.kind === "days" ? ["d", "days"] : [metric.unit];
  return unit === undefined || written.includes(unit);
}

function found(outcome: CohortFinding["outcome"], evidence: readonly string[]): CohortFinding {
  return { outcome, evidence, parts: [] };
}
