/**
 * AdverseEvent: what happened, how bad, and what is suspected. R4 gives it no status: it is taken back by deletion, or by a
 * tag or label of its `meta`.
 */

import type { Suspect } from "../facts.ts";
import { jsonDecimal } from "../numbers.ts";
import { formatDecimal } from "../../../terms/decimal.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { businessKey, codings, get, objects, text, type Json } from "./json.ts";
import { resolveReference } from "./references.ts";
import { firstDate } from "./times.ts";

/** CTCAE grade: the extension of the CTCAE guide, and of the guide for adverse events in research. */
const GRADE_EXTENSION = /\/(?:ctcae-grade|ae-grade)$/;

/** Levels of causality (WHO-UMC) by which the suspect is rather not the cause. */
const UNLIKELY: ReadonlySet<string> = new Set(["unlikely", "unrelated", "not-related"]);
const LIKELY: ReadonlySet<string> = new Set(["certain", "probably-likely", "possible", "related"]);

export function readAdverseEvent(resource: Json, context: FhirContext): FhirReading | null {
  const { needs } = context;
  const codes = codings(resource["event"]);
  if (!needs.adverseEvents && !codes.some((code) => needs.events.has(code))) return null;
  const actuality = text(resource["actuality"]) ?? "missing";
  if (actuality !== "actual") return { reason: `actuality ${actuality}` };
  const date = firstDate(resource["date"], resource["detected"]);
  if (typeof date === "string") return { reason: date };
  const problems: string[] = [];
  const grade = gradeOf(resource, context);
  if (Number.isNaN(grade)) problems.push("the CTCAE grade is none of 1 to 5");
  return {
    facts: [
      {
        kind: "event",
        type: "adverse-event",
        date,
        codes: context.intern(codes),
        grade: Number.isNaN(grade) ? null : grade,
        serious: seriousness(resource),
        causal: null,
        suspects: suspects(resource, context),
      },
    ],
    problems,
    business: businessKey(resource),
  };
}

/** Null when not stated, NaN when it is no grade. */
function gradeOf(resource: Json, { source }: FhirContext): number | null {
  const extension = objects(resource["extension"]).find(({ url }) => GRADE_EXTENSION.test(String(url)));
  if (extension === undefined) return null;
  const integer = extension["valueInteger"];
  const whole = integer === undefined ? null : jsonDecimal(integer, source);
  const coded = [...codings(extension["valueCodeableConcept"]), ...codings({ coding: extension["valueCoding"] })];
  const written = whole === null ? coded.map((code) => code.slice(code.lastIndexOf("|") + 1)) : [formatDecimal(whole)];
  const grade = written.find((code) => /^[1-5]$/.test(code));
  return Number(grade ?? NaN);
}

/** R4 writes `Serious` and `Non-serious`, newer data `serious`. */
function seriousness(resource: Json): boolean | null {
  const codes = codings(resource["seriousness"]).map((code) => code.slice(code.lastIndexOf("|") + 1).toLowerCase());
  if (codes.includes("serious")) return true;
  return codes.includes("non-serious") ? false : null;
}

function suspects(resource: Json, { urns }: FhirContext): readonly Suspect[] {
  if (resource["suspectEntity"] === undefined) return [];
  return objects(resource["suspectEntity"]).map((entity) => {
    const reference = text(get(entity["instance"], "reference"));
    const levels = objects(entity["causality"])
      .flatMap(({ assessment }) => codings(assessment))
      .map((code) => code.slice(code.lastIndexOf("|") + 1).toLowerCase());
    const likely = levels.some((level) => LIKELY.has(level))
      ? true
      : levels.some((level) => UNLIKELY.has(level))
        ? false
        : null;
    return { target: reference === null ? null : resolveReference(reference, urns, "Medication"), likely };
  });
}

const TAKEN_BACK: ReadonlySet<string> = new Set(["entered-in-error", "deleted", "nullified"]);

/** Whether a tag or security label of the resource's `meta` takes it back. */
export function isTakenBack(resource: Json): boolean {
  const meta = resource["meta"];
  const labels = [...objects(get(meta, "tag")), ...objects(get(meta, "security"))];
  return labels.some(({ code }) => TAKEN_BACK.has(String(code)));
}
