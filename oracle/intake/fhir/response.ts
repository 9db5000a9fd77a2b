/** Observation of a tumour response or disease status: its class, who read it, on what evidence, about which cancer. */

import type { ResponseClass } from "../../record.ts";
import { EVIDENCE_EXTENSIONS, FINAL, IMAGING, ONLY_IF_NEW, responseOf } from "../codes.ts";
import type { Fact, Reading } from "../facts.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { businessKey, codings, get, isObject, objects, text, type Json } from "./json.ts";
import { resolveReference } from "./references.ts";
import { effective } from "./times.ts";

const DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/** The words of CDISC (RSEVAL) need no map. */
const EVALUATORS: ReadonlySet<string> = new Set(["INVESTIGATOR", "INDEPENDENT ASSESSOR", "ADJUDICATOR"]);

export function readResponse(resource: Json, context: FhirContext): FhirReading {
  const status = text(resource["status"]) ?? "missing";
  if (!FINAL.has(status) && status !== "preliminary") return { reason: `status ${status}` };
  const date = effective(resource);
  if (typeof date === "string") return { reason: date };
  const response = responseClass(resource, context);
  if (typeof response !== "string") return response;
  const evaluator = evaluatorOf(resource, context);
  if (typeof evaluator === "object" && evaluator !== null) return evaluator;
  const fact: Fact = {
    kind: "assessment",
    date,
    response,
    evaluator,
    imaging: imaging(resource),
    codes: context.intern(codings(resource["code"])),
    focus: focus(resource, context),
    conditions: NO_CODES,
  };
  const business = businessKey(resource);
  if (status !== "preliminary") return { facts: [fact], business };
  // Never an event, but a progression that may yet become final is worth knowing of.
  return { facts: response === "PD" ? [fact] : [], reason: "status preliminary", business };
}

function responseClass(resource: Json, { settings }: FhirContext): ResponseClass | Reading {
  const value = resource["valueCodeableConcept"];
  const absent = objects(get(value, "extension")).some(({ url }) => url === DATA_ABSENT);
  if (absent || isObject(resource["dataAbsentReason"])) return "NE";
  if (!isObject(value)) {
    const other = Object.keys(resource).find((key) => /^value[A-Z]/.test(key));
    return { reason: other === undefined ? "no value" : `value is no CodeableConcept: ${other}`, unmapped: true };
  }
  const codes = codings(value);
  if (codes.length === 0) return { reason: "unmapped: no code, only text", unmapped: true };
  const classes = new Set(codes.flatMap((code) => responseOf(code, settings.codes) ?? []));
  const [response] = classes;
  if (classes.size > 1) return { reason: `codes contradict each other: ${codes.join(", ")}`, unmapped: true };
  if (response !== undefined) return response;
  const onlyIfNew = codes.some((code) => ONLY_IF_NEW.has(code));
  const why = onlyIfNew ? ": progression only if new against baseline" : "";
  return { reason: `unmapped code ${codes.join(", ")}${why}`, unmapped: true };
}

function imaging(resource: Json): boolean | null {
  const evidence = objects(resource["extension"]).filter(({ url }) => EVIDENCE_EXTENSIONS.has(String(url)));
  const types = evidence.flatMap((extension) => codings(extension["valueCodeableConcept"]));
  return types.length === 0 ? null : types.some((type) => IMAGING.has(type.slice(type.lastIndexOf("|") + 1)));
}

const NO_CODES: readonly string[] = [];

function focus(resource: Json, { urns, intern }: FhirContext): readonly string[] {
  if (resource["focus"] === undefined) return NO_CODES;
  const named = objects(resource["focus"]).flatMap(({ reference }) => {
    const written = text(reference);
    return written === null ? [] : [resolveReference(written, urns, "Condition") ?? written];
  });
  return intern(named);
}

/**
 * The class of readers that the performers stand for: by the source's map of the reference, its resource type or its
 * display, or by the display itself where it is one of CDISC's words; null when nothing says. Performers of two classes
 * make a reading of none: a clause names one class, and they are never mixed.
 */
function evaluatorOf(resource: Json, { settings, urns }: FhirContext): string | null | Reading {
  if (resource["performer"] === undefined) return null;
  const found = new Set<string>();
  for (const performer of objects(resource["performer"])) {
    const written = text(performer["reference"]);
    const reference = written === null ? null : resolveReference(written, urns, "Practitioner");
    const type = text(performer["type"]) ?? reference?.slice(0, reference.indexOf("/")) ?? null;
    const display = text(performer["display"]);
    const named = [written, reference, display, type].flatMap((name) =>
      name === null ? [] : (settings.evaluators.get(name) ?? []),
    );
    const own = display !== null && EVALUATORS.has(display.toUpperCase()) ? display.toUpperCase() : undefined;
    const evaluator = named[0] ?? own;
    if (evaluator !== undefined) found.add(evaluator);
  }
  if (found.size > 1)
    return { reason: `performers of several classes: ${[...found].sort().join(", ")}`, unmapped: true };
  return [...found][0] ?? null;
}
