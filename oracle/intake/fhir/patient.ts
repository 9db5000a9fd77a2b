/** Patient: who it is, birth, sex and death. */

import type { Interval } from "../../record.ts";
import { isoInterval } from "../dates.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { codings, objects, text, type Json } from "./json.ts";

export function readPatient(resource: Json, { settings }: FhirContext): FhirReading {
  const id = text(resource["id"]);
  if (id === null) return { reason: "Patient without an id" };
  const problems: string[] = [];
  const date = (element: string): Interval | null => {
    const written = text(resource[element]);
    const found = written === null ? null : isoInterval(written);
    if (written !== null && found === null) problems.push(`${element} is no date: ${written}`);
    return found;
  };
  const birth = date("birthDate");
  // A date that can't be read is still a death.
  const dead = resource["deceasedBoolean"] === true || text(resource["deceasedDateTime"]) !== null;
  const death = date("deceasedDateTime") ?? (dead ? "unknown" : null);
  const identifier = identify(resource, id, settings.identifierSystem);
  if (identifier === null) return { reason: `no identifier of system ${settings.identifierSystem ?? ""}` };
  const sex = text(resource["gender"]);
  const unstated = { index: null, lastAlive: null, followUp: null, consent: null };
  return { facts: [{ kind: "patient", identifier, birth, sex, death, ...unstated }], problems };
}

/** The declared system's identifier; else the medical record number, else the only one, else the resource's id. */
function identify(resource: Json, id: string, wanted: string | null): { system: string; value: string } | null {
  const all = objects(resource["identifier"]).flatMap((identifier) => {
    const value = text(identifier["value"]);
    const record = codings(identifier["type"]).some((code) => code.endsWith("|MR"));
    return value === null ? [] : [{ system: text(identifier["system"]) ?? "", value, record }];
  });
  const found = wanted === null ? undefined : all.find(({ system }) => system === wanted);
  if (wanted !== null && found === undefined) return null;
  const chosen = found ?? all.find(({ record }) => record) ?? (all.length === 1 ? all[0] : undefined);
  return chosen ? { system: chosen.system, value: chosen.value } : { system: "", value: id };
}
