/** Lines and files as a Bulk Data export lays them out: one NDJSON file a type, every version a line. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { FhirResource } from "./fhir.ts";

import { formatDay } from "../../../terms/calendar.ts";
import { randomOf } from "./random.ts";
import { IDENTIFIERS, SYNTHETIC, type Written } from "./resources.ts";

export const TYPES = [
  "Patient",
  "Condition",
  "Consent",
  "MedicationAdministration",
  "Observation",
  "Procedure",
] as const satisfies readonly FhirResource["resourceType"][];
export type FileType = (typeof TYPES)[number];

/** When a version was filed, within the hospital's working day. */
function filed({ resource, recorded, version }: Written, seed: number): string {
  const minutes = randomOf(seed, "filed", resource.resourceType, resource.id, version).int(8 * 60, 18 * 60 - 1);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return `${formatDay(recorded)}T${hour}:${minute}:00+08:00`;
}

/** The versions of one type, in the order in which they were filed. */
export function inOrder(written: readonly Written[], type: FileType, seed: number): Written[] {
  const key = (version: Written): string => `${filed(version, seed)} ${version.resource.id} ${String(version.version)}`;
  return written
    .filter(({ resource }) => resource.resourceType === type)
    .map((version) => ({ version, key: key(version) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ version }) => version);
}

function lineOf(written: Written, seed: number): string {
  const { resourceType, id, meta, ...rest } = written.resource;
  const stated = {
    versionId: String(written.version),
    lastUpdated: filed(written, seed),
    ...meta,
    security: [SYNTHETIC],
  };
  const line = JSON.stringify({ resourceType, id, meta: stated, ...rest });
  return written.garble === undefined ? line : written.garble(line);
}

/**
 * Writes the files and a source beside them, and answers the source's path.
 * @param open Files whose last line has no end.
 */
export function writeFiles(
  outDir: string,
  lines: ReadonlyMap<FileType, readonly Written[]>,
  open: ReadonlySet<FileType>,
  seed: number,
): string {
  const data = join(outDir, "data");
  mkdirSync(data, { recursive: true });
  for (const [type, versions] of lines) {
    const text = versions.map((version) => lineOf(version, seed)).join("\n");
    writeFileSync(join(data, `${type}.ndjson`), open.has(type) || text === "" ? text : `${text}\n`);
  }
  const source = join(outDir, "source.yaml");
  writeFileSync(source, `kind: fhir-files\npath: data\nidentifierSystem: ${IDENTIFIERS}\n`);
  return source;
}
