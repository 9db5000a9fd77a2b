/** What diagnoses, procedures and stays have in common as clinical events. */

import type { ClinicalEvent, Interval } from "../../record.ts";
import type { EventFact } from "../facts.ts";
import type { FhirContext } from "./context.ts";

/** Those of the codes that a clause asks for. */
export function eventCodes(codes: readonly string[], { needs, intern }: FhirContext): readonly string[] {
  return needs.events.size === 0 ? [] : intern(codes.filter((code) => needs.events.has(code)));
}

/** An event that says nothing of grade, seriousness or cause. */
export function clinicalEvent(type: ClinicalEvent["type"], date: Interval, codes: readonly string[]): EventFact {
  return { kind: "event", type, date, codes, grade: null, serious: null, causal: null, suspects: [] };
}
