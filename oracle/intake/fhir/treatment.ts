/** Medications given or reported, and procedures: when a treatment began, of what, how much, and whether against the cancer. */

import type { Decimal } from "../../../terms/decimal.ts";
import type { Interval } from "../../record.ts";
import {
  CANCER_MEDICATION_PROFILES,
  CANCER_PROCEDURE_PROFILES,
  GIVEN,
  INTENT_EXTENSIONS,
  isAnticancer,
  isCancerDrug,
} from "../codes.ts";
import { isoInterval } from "../dates.ts";
import type { Fact, Reading, TherapyFact } from "../facts.ts";
import { jsonDecimal } from "../numbers.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { clinicalEvent, eventCodes } from "./event.ts";
import { businessKey, codings, get, objects, profiles, text, type Json } from "./json.ts";
import { resolveReference } from "./references.ts";
import { firstDate } from "./times.ts";

export function readAdministration(resource: Json, context: FhirContext): FhirReading | null {
  return readMedication(resource, GIVEN, true, context);
}

const REPORTED: ReadonlySet<string> = new Set(["active", "completed", "stopped"]);

/** A statement is no administration: it shows that another treatment began, never that this one did. */
export function readMedicationStatement(resource: Json, context: FhirContext): FhirReading | null {
  return readMedication(resource, REPORTED, false, context);
}

function readMedication(
  resource: Json,
  statuses: ReadonlySet<string>,
  given: boolean,
  context: FhirContext,
): FhirReading | null {
  const reference = text(get(resource, "medicationReference", "reference"));
  const contained = reference?.startsWith("#")
    ? objects(resource["contained"]).find(({ id }) => `#${String(id)}` === reference)
    : undefined;
  const codes = codings(resource["medicationCodeableConcept"] ?? contained?.["code"]);
  const medication =
    reference === null || contained !== undefined ? null : resolveReference(reference, context.urns, "Medication");
  const claimed = profiles(resource).some((profile) => CANCER_MEDICATION_PROFILES.has(profile));
  const named = codes.some((code) => context.wanted.medications.has(code));
  if (!claimed && !named && medication === null && !codes.some(isCancerDrug)) return null;
  const status = text(resource["status"]) ?? "missing";
  if (!statuses.has(status)) return { reason: `status ${status}` };
  const cancer = claimed || codes.some(isCancerDrug) || named;
  const period = periodOf(resource, ["effectiveDateTime", "effectivePeriod"], status, context);
  if (typeof period === "string") return { reason: period };
  const quantity = given && context.needs.administrations ? doseOf(resource, context) : null;
  const about = { ...period, codes: context.intern(codes), medication, given, cancer, quantity };
  return therapy(resource, about);
}

/** A procedure is a treatment by its profile, an event by its code, or both. */
export function readProcedure(resource: Json, context: FhirContext): FhirReading | null {
  const codes = codings(resource["code"]);
  const treats = profiles(resource).some((profile) => CANCER_PROCEDURE_PROFILES.has(profile));
  const asked = eventCodes(codes, context);
  if (!treats && asked.length === 0) return null;
  const status = text(resource["status"]) ?? "missing";
  if (!GIVEN.has(status)) return { reason: `status ${status}`, activity: true };
  const period = periodOf(resource, ["performedDateTime", "performedPeriod"], status, context);
  if (typeof period === "string") return { reason: period, activity: true };
  const event: Fact[] = asked.length === 0 ? [] : [clinicalEvent("procedure", period.start, asked)];
  if (!treats) return { facts: event, activity: true, business: businessKey(resource) };
  const about = {
    ...period,
    codes: context.intern(codes),
    medication: null,
    given: false,
    cancer: true,
    quantity: null,
  };
  const reading = therapy(resource, about);
  return { ...reading, facts: [...(reading.facts ?? []), ...event], activity: true };
}

/** Intent decides whether a treatment is directed at the cancer; an intent that no map knows decides nothing. */
function therapy(resource: Json, about: Omit<TherapyFact, "kind">): Reading {
  const intents = objects(resource["extension"])
    .filter(({ url }) => INTENT_EXTENSIONS.has(String(url)))
    .flatMap((extension) => codings(extension["valueCodeableConcept"]));
  const unmapped = intents.find((intent) => isAnticancer(intent) === undefined);
  if (unmapped !== undefined) return { reason: `unmapped intent ${unmapped}`, unmapped: true };
  const directed = intents.length === 0 || intents.some((intent) => isAnticancer(intent));
  const fact: Fact = { kind: "therapy", ...about, cancer: about.cancer && directed };
  return { facts: [fact], business: businessKey(resource) };
}

/** A period that is over without saying when ended some day from its start to the as-of date. */
function periodOf(
  resource: Json,
  [moment, period]: readonly [string, string],
  status: string,
  { asOf }: FhirContext,
): { readonly start: Interval; readonly end: Interval | null } | string {
  const start = firstDate(resource[moment], get(resource, period, "start"));
  if (typeof start === "string" || resource[moment] !== undefined) {
    return typeof start === "string" ? start : { start, end: start };
  }
  const written = text(get(resource, period, "end"));
  const end = written === null ? null : isoInterval(written);
  if (written !== null && end === null) return `no date: ${written}`;
  if (end !== null && end.last < start.first) return "ends before it begins";
  const over = status === "completed" || status === "stopped";
  return { start, end: end ?? (over ? { first: start.first, last: Math.max(start.first, asOf) } : null) };
}

/** The dose, in the unit that the source declares; without one a dose in milligrams is no number of units. */
function doseOf(resource: Json, { settings, source }: FhirContext): Decimal | null {
  const dose = get(resource, "dosage", "dose");
  const unit = text(get(dose, "code")) ?? text(get(dose, "unit"));
  const counted =
    settings.doseUnit === null ? unit === null || unit === "1" || /^\{.*\}$/.test(unit) : unit === settings.doseUnit;
  return counted ? jsonDecimal(get(dose, "value"), source) : null;
}
