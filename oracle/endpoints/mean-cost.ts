/**
 * Mean cost of a cohort's patients by the horizon after the index day: as stated, when the source has a statement of it; else the
 * exact mean of the patients' costs, rounded half to even to minor units once. Over those whose cost is known; when
 * these are fewer than `endpoint.minEvaluable` of the enrolled, there is none.
 */

import type { Agreement, Metric } from "../../terms/model.ts";
import { horizonOf, type CohortEndpoint, type CohortFinding } from "./cohort.ts";
import { halfEven, ratio } from "./exact.ts";
import { findEndpoint } from "./index.ts";
import { isTooFew } from "./rates.ts";
import { statement } from "./statements.ts";

export function meanCost(agreement: Agreement, metric: Metric): CohortEndpoint {
  const cost = findEndpoint(agreement.rules, "cost", agreement.currency);
  return {
    id: metric.id,
    description: metric.definition,
    needs: (options) => cost?.needs?.(options) ?? {},
    value: (records, question) => {
      const stated = statement(metric, metric.id, question);
      if (stated !== null) return stated;
      if (cost === undefined) throw new RangeError("a mean cost without costs");
      const { asOf, options, missing } = question;
      const asked = { due: horizonOf(question), asOf, options, tiers: [], exact: true } as const;
      const parts = records.map((record) => cost.value(record, asked));
      const known = parts.flatMap((part) => ("value" in part ? [part.value] : []));
      const enrolled = records.length + missing;
      const outcome = (): CohortFinding["outcome"] => {
        if (enrolled === 0) return { notEvaluable: "no-patients" };
        if (isTooFew(known.length, enrolled, options.minEvaluable)) return { notEvaluable: "too-few-evaluable" };
        if (known.length === 0) return { notEvaluable: "no-patients" };
        const total = known.reduce((sum, value) => sum + value, 0n);
        return { value: halfEven(ratio(total, BigInt(known.length)), 0) };
      };
      return { outcome: outcome(), evidence: [], parts };
    },
  };
}
