/** Which endpoint computes a cohort's metric, built in or of the agreement's own. */

import { knownMetrics } from "../../terms/metrics.ts";
import type { Agreement, Metric } from "../../terms/model.ts";
import type { CohortEndpoint } from "./cohort.ts";
import { patientEndpoint } from "./find.ts";
import { rulesVersions } from "./index.ts";
import { meanCost } from "./mean-cost.ts";
import { ownCohortEndpoint } from "./own-cohort.ts";
import { attainmentRate, complicationRate } from "./rates.ts";
import { stated } from "./statements.ts";
import { survival } from "./survival.ts";

/** The endpoint of a cohort's metric under the agreement's version of the rules; undefined when there is no rule for it. */
export function cohortEndpoint(agreement: Agreement, metric: Metric): CohortEndpoint | undefined {
  if (metric.of !== "cohort" || !rulesVersions().includes(agreement.rules)) return undefined;
  if (metric.builtIn) return builtIn(agreement, metric);
  const known = knownMetrics(agreement);
  return ownCohortEndpoint(metric, (id) => {
    const part = known.get(id);
    return part === undefined ? undefined : cohortEndpoint(agreement, part);
  });
}

function builtIn(agreement: Agreement, metric: Metric): CohortEndpoint | undefined {
  switch (metric.id) {
    case "survival":
      return survival;
    case "attainment-rate":
      return attainmentRate(agreement, patientEndpoint);
    case "complication-rate":
      return complicationRate(agreement);
    case "mean-cost":
      return meanCost(agreement, metric);
    case "research-cost":
    case "procurement-saving":
      return stated(metric);
    default:
      return undefined;
  }
}
