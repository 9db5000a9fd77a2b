/** Observation: which of the things that clauses read it is. */

import { DEATH_OBSERVATION, FINAL, RESPONSE_OBSERVATIONS, VARIANT_ABSENT, VARIANT_OBSERVATION } from "../codes.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { isProfileObservation, readProfileObservation } from "./eq5d.ts";
import { codings, objects, text, type Json } from "./json.ts";
import { readMeasurement } from "./measurement.ts";
import { readResponse } from "./response.ts";
import { effective } from "./times.ts";

export function readObservation(resource: Json, context: FhirContext): FhirReading | null {
  const codes = codings(resource["code"]);
  for (const code of codes) {
    if (RESPONSE_OBSERVATIONS.has(code) || context.settings.responseCodes.has(code))
      return readResponse(resource, context);
  }
  if (context.needs.healthStates && isProfileObservation(codes, context))
    return readProfileObservation(resource, codes, context);
  const measured = readMeasurement(resource, codes, context);
  if (measured !== null) return measured;
  if (codes.includes(VARIANT_OBSERVATION)) return readVariant(resource, context);
  if (!codes.includes(DEATH_OBSERVATION)) return null;
  const status = text(resource["status"]) ?? "missing";
  if (!FINAL.has(status)) return { reason: `status ${status}` };
  const date = effective(resource);
  return typeof date === "string" ? { reason: date } : { facts: [{ kind: "death", date }] };
}

function readVariant(resource: Json, { wanted, intern }: FhirContext): FhirReading | null {
  if (wanted.variants.size === 0) return null;
  const status = text(resource["status"]) ?? "missing";
  if (!FINAL.has(status)) return { reason: `status ${status}` };
  const value = codings(resource["valueCodeableConcept"]);
  const components = objects(resource["component"]).flatMap((part) => codings(part["valueCodeableConcept"]));
  const absent = value.some((coding) => VARIANT_ABSENT.has(coding));
  return { facts: [{ kind: "variant", codes: absent ? [] : intern([...value, ...components]) }] };
}
