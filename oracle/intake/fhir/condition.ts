/** Condition: a primary cancer, a code of the agreement's eligibility, a diagnosis that is an event. */

import { isPrimaryCancer, PRIMARY_CANCER_PROFILES } from "../codes.ts";
import type { Fact } from "../facts.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { clinicalEvent, eventCodes } from "./event.ts";
import { businessKey, codings, get, objects, profiles, text, type Json } from "./json.ts";
import { resolveReference } from "./references.ts";
import { firstDate } from "./times.ts";

const ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate";

export function readCondition(resource: Json, context: FhirContext): FhirReading | null {
  const codes = codings(resource["code"]);
  const primary =
    profiles(resource).some((profile) => PRIMARY_CANCER_PROFILES.has(profile)) ||
    codes.some((code) => isPrimaryCancer(code));
  const named = codes.some((code) => context.wanted.conditions.has(code));
  const relation = objects(resource["extension"]).find(({ url }) => /related-?primary-?cancer/i.test(String(url)));
  const reference = text(get(relation, "valueReference", "reference"));
  const known = primary || named || reference !== null;
  const asked = eventCodes(codes, context);
  if (!known && asked.length === 0) return null;
  const verification = codings(resource["verificationStatus"]).map((code) => code.slice(code.lastIndexOf("|") + 1));
  const wrong = verification.find((status) => status === "entered-in-error" || status === "refuted");
  if (wrong !== undefined) return { reason: `verification status ${wrong}` };
  const facts: Fact[] = [];
  if (known) {
    const related = reference === null ? null : resolveReference(reference, context.urns, "Condition");
    facts.push({ kind: "condition", codes: context.intern(codes), primary, related });
  }
  const business = businessKey(resource);
  if (asked.length === 0) return { facts, business };
  const event = diagnosis(resource, asked, verification);
  if (typeof event !== "string") return { facts: [...facts, event], business };
  return facts.length === 0 ? { reason: event } : { facts, problems: [`no event: ${event}`], business };
}

/** The diagnosis as an event, on the day of its onset, else when it was asserted or recorded. The text says why it is none. */
function diagnosis(resource: Json, asked: readonly string[], verification: readonly string[]): Fact | string {
  const unsure = verification.find((status) => status !== "confirmed");
  if (unsure !== undefined) return `verification status ${unsure}`;
  const asserted = objects(resource["extension"]).find(({ url }) => url === ASSERTED);
  const onset = resource["onsetDateTime"] ?? get(resource, "onsetPeriod", "start");
  const date = firstDate(onset, asserted?.["valueDateTime"], resource["recordedDate"]);
  return typeof date === "string" ? date : clinicalEvent("condition", date, asked);
}
