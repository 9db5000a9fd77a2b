/** Which endpoint computes a cohort's metric, built in or of the agreement's own. */

import type { Agreement, Metric } from "../../terms/model.ts";
import type { CohortEndpoint } from "./cohort.ts";

/** The endpoint of a cohort's metric under the agreement's version of the rules; undefined when there is no rule for it. */
export function cohortEndpoint(agreement: Agreement, metric: Metric): CohortEndpoint | undefined {
  void agreement;
  void metric;
  return undefined;
}
