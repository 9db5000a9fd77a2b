/** Which endpoint computes a metric of an agreement, built in or of its own. */

import { knownMetrics } from "../../terms/metrics.ts";
import type { Agreement, Metric } from "../../terms/model.ts";
import type { Endpoint } from "./endpoint.ts";
import { findEndpoint } from "./index.ts";
import { ownEndpoint } from "./own.ts";

/** The endpoint of a patient's metric under the agreement's version of the rules; undefined when there is no rule for it. */
export function patientEndpoint(agreement: Agreement, metric: Metric): Endpoint | undefined {
  if (metric.of !== "patient") return undefined;
  if (metric.builtIn) return findEndpoint(agreement.rules, metric.id, agreement.currency);
  const known = knownMetrics(agreement);
  return ownEndpoint(metric, (id) => {
    const part = known.get(id);
    return part === undefined ? undefined : patientEndpoint(agreement, part);
  });
}
