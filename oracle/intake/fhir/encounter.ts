/** Encounter: a stay or visit that is an event, by its class, type or reason. */

import type { FhirContext, FhirReading } from "./context.ts";
import { clinicalEvent, eventCodes } from "./event.ts";
import { businessKey, codings, get, objects, text, type Json } from "./json.ts";
import { firstDate } from "./times.ts";

const TOOK_PLACE: ReadonlySet<string> = new Set(["arrived", "triaged", "in-progress", "onleave", "finished"]);

export function readEncounter(resource: Json, context: FhirContext): FhirReading | null {
  if (context.needs.events.size === 0) return null;
  const concepts = [...objects(resource["type"]), ...objects(resource["reasonCode"]), { coding: resource["class"] }];
  const asked = eventCodes(concepts.flatMap(codings), context);
  if (asked.length === 0) return null;
  const reading = { activity: true, business: businessKey(resource) };
  const status = text(resource["status"]) ?? "missing";
  if (!TOOK_PLACE.has(status)) return { ...reading, reason: `status ${status}` };
  const date = firstDate(get(resource, "period", "start"));
  if (typeof date === "string") return { ...reading, reason: date };
  return { ...reading, facts: [clinicalEvent("encounter", date, asked)] };
}
