/** Observation: which of the things that clauses read it is. */

import { DEATH_OBSERVATION, FINAL, RESPONSE_OBSERVATIONS, VARIANT_ABSENT, VARIANT_OBSERVATION } from "../codes.ts";
import type { Needs } from "../../needs.ts";
import type { FhirContext, FhirReading, FhirSettings } from "./context.ts";
import { INDEX_CODES, isProfileObservation, readProfileObservation } from "./eq5d.ts";
import { codings, get, objects, text, type Json } from "./json.ts";
import { readMeasurement } from "./measurement.ts";
import { readResponse } from "./response.ts";
import { effective } from "./times.ts";

/** The codes of all that is read here, without their systems. */
export function observedCodes(settings: FhirSettings, needs: Needs): ReadonlySet<string> {
  const codes = [
    ...RESPONSE_OBSERVATIONS,
    ...settings.responseCodes,
    ...needs.measurements,
    ...(needs.healthStates ? [...Object.keys(INDEX_CODES), ...(settings.eq5d?.profile ?? [])] : []),
    VARIANT_OBSERVATION,
    DEATH_OBSERVATION,
  ];
  return new Set(codes.map((code) => code.slice(code.indexOf("|") + 1)));
}

function hasObservedCode(concept: unknown, { observed }: FhirContext): boolean {
  return objects(get(concept, "coding")).some(({ code }) => typeof code === "string" && observed.has(code));
}

export function readObservation(resource: Json, context: FhirContext): FhirReading | null {
  const { component } = resource;
  const isRead =
    hasObservedCode(resource["code"], context) ||
    (component !== undefined && objects(component).some(({ code }) => hasObservedCode(code, context)));
  if (!isRead) return null;
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
