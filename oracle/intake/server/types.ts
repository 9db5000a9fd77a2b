/** Resource types that are asked of a server, and how each is found for given patients. */

import { READ_TYPES } from "../fhir/reader.ts";

/** What the FHIR reader makes use of; a search fetches Medication only as far as something refers to it. */
export const DEFAULT_TYPES: readonly string[] = READ_TYPES;

/** The search parameter by which resources of a type are found for a patient: R4 gives it this name for all but a few. */
export function patientParameter(type: string): string {
  return type === "AdverseEvent" ? "subject" : "patient";
}
