/**
 * EQ-5D: the five answers, from a questionnaire or as a profile such as `21232`. An index value is evidence of nothing here:
 * it depends on a value set, and the clause names its own.
 */

import { formatDecimal } from "../../../terms/decimal.ts";
import { FINAL, SNOMED } from "../codes.ts";
import { dimensionLevels, isProfile, type Instrument } from "../eq5d.ts";
import { jsonDecimal } from "../numbers.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { businessKey, codings, get, objects, text, type Json } from "./json.ts";
import { effective, firstDate, instant } from "./times.ts";

/** SNOMED CT codes of the index, which some sources give the profile under. */
export const INDEX_CODES: Readonly<Record<string, Instrument>> = {
  [`${SNOMED}|736534008`]: "EQ-5D-5L",
  [`${SNOMED}|1144655003`]: "EQ-5D-3L",
};

export function isProfileObservation(codes: readonly string[], { settings }: FhirContext): boolean {
  return codes.some((code) => Object.hasOwn(INDEX_CODES, code) || settings.eq5d?.profile.includes(code) === true);
}

export function readProfileObservation(resource: Json, codes: readonly string[], context: FhirContext): FhirReading {
  const reading = { activity: true, business: businessKey(resource) };
  const status = text(resource["status"]) ?? "missing";
  if (!FINAL.has(status)) return { ...reading, reason: `status ${status}` };
  const date = effective(resource);
  if (typeof date === "string") return { ...reading, reason: date };
  const coded = codes.map((code) => INDEX_CODES[code]).find((instrument) => instrument !== undefined);
  const instrument = coded ?? context.settings.eq5d?.instrument ?? "EQ-5D-5L";
  const integer = resource["valueInteger"];
  const whole = integer === undefined ? null : jsonDecimal(integer, context.source);
  const state = text(resource["valueString"]) ?? (whole === null ? null : formatDecimal(whole));
  if (state === null) return { ...reading, reason: "an EQ-5D index without the five answers" };
  if (!isProfile(state, instrument)) return { ...reading, reason: `no profile of ${instrument}`, unmapped: true };
  return {
    ...reading,
    facts: [{ kind: "health-state", date, issued: instant(resource["issued"]), instrument, state }],
  };
}

/** Null when it is not the EQ-5D questionnaire that the source describes. */
export function readQuestionnaireResponse(resource: Json, context: FhirContext): FhirReading | null {
  const { needs, settings } = context;
  const map = settings.eq5d;
  if (!needs.healthStates || map?.items === undefined) return null;
  const questionnaire = text(resource["questionnaire"])?.replace(/\|.*$/, "");
  if (map.questionnaire !== undefined && questionnaire !== map.questionnaire) return null;
  const answers = new Map<string, Json>();
  gather(resource["item"], answers, 0);
  const { items } = map;
  if (map.questionnaire === undefined && !Object.values(items).some((linkId) => answers.has(linkId))) return null;
  const reading = { business: businessKey(resource) };
  const status = text(resource["status"]) ?? "missing";
  if (status !== "completed" && status !== "amended") return { ...reading, reason: `status ${status}` };
  const date = firstDate(resource["authored"]);
  if (typeof date === "string") return { ...reading, reason: date };
  const state = dimensionLevels((dimension) => levelOf(answers.get(items[dimension]), map.answers, context));
  if (!state.complete) return { ...reading, reason: `no answer to ${state.missing}`, unmapped: true };
  const { instrument } = map;
  if (!isProfile(state.profile, instrument))
    return { ...reading, reason: `no profile of ${instrument}`, unmapped: true };
  const issued = instant(resource["authored"]);
  return { ...reading, facts: [{ kind: "health-state", date, issued, instrument, state: state.profile }] };
}

const DEEPEST = 20;

/** Answers by `linkId`; items stand in groups, and below answers. */
function gather(items: unknown, found: Map<string, Json>, depth: number): void {
  if (depth > DEEPEST) return;
  for (const item of objects(items)) {
    const linkId = text(item["linkId"]);
    const [answer] = objects(item["answer"]);
    if (linkId !== null && answer !== undefined) found.set(linkId, answer);
    if (item["item"] !== undefined) gather(item["item"], found, depth + 1);
    if (answer?.["item"] !== undefined) gather(answer["item"], found, depth + 1);
  }
}

/** Level 1 to 5 of an answer: written as such, or by the source's map of its code. */
function levelOf(
  answer: Json | undefined,
  map: Readonly<Record<string, string>>,
  { source }: FhirContext,
): string | null {
  if (answer === undefined) return null;
  const integer = answer["valueInteger"];
  const written = integer === undefined ? null : jsonDecimal(integer, source);
  const coding = answer["valueCoding"];
  const named = [
    ...(written === null ? [] : [formatDecimal(written)]),
    ...codings({ coding }),
    text(get(coding, "code")),
    text(answer["valueString"]),
  ].filter((name) => name !== null);
  for (const name of named) {
    if (Object.hasOwn(map, name)) return map[name] ?? null;
    if (/^[1-5]$/.test(name)) return name;
  }
  return null;
}
