/** Which endpoint computes a metric of an agreement, built in or of its own. */

import type { Agreement, Metric } from "../../terms/model.ts";
import type { Endpoint } from "./endpoint.ts";
import { findEndpoint } from "./index.ts";

/** The endpoint of a patient's metric under the agreement's version of the rules; undefined when there is no rule for it. */
export function patientEndpoint(agreement: Agreement, metric: Metric): Endpoint | undefined {
  if (metric.of !== "patient" || !metric.builtIn) return undefined;
  return findEndpoint(agreement.rules, metric.id);
}
