/** What the oracle's tests share: records and sources in a few words, and the fixtures where they are at hand. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "csv-parse/sync";

import { endpointsOf, NEWEST_RULES } from "../../oracle/endpoints/index.ts";
import type { Endpoint, Outcome, TimeToEvent } from "../../oracle/endpoints/endpoint.ts";
import { resolveOptions, type OptionName } from "../../oracle/endpoints/options.ts";
import { loadSource, type Loaded, type LoadOptions } from "../../oracle/intake/load.ts";
import type { Assessment, Interval, PatientRecord, ResponseClass } from "../../oracle/record.ts";
import { parseDay } from "../../terms/calendar.ts";
import type { Day, EndpointOptions, Tier } from "../../terms/model.ts";

const FIXTURES = fileURLToPath(new URL("../../../shared/fixtures/", import.meta.url));

/** Path of a fixture folder; without it the test is skipped, and its name says why. */
export function fixture(test: Mocha.Context, name: string): string {
  const path = join(FIXTURES, name);
  if (!existsSync(path)) {
    console.warn(`      skipped: no fixtures at ../shared/fixtures/${name}`);
    test.skip();
  }
  return path;
}

export function readCsv(path: string): Record<string, string>[] {
  return parse(readFileSync(path), { bom: true, columns: true, skip_empty_lines: true });
}

/** A day by its date. */
export function on(date: string): Day {
  const day = parseDay(date);
  if (day === null) throw new RangeError(`no date: ${date}`);
  return day;
}

/** Files in a folder of their own, gone when the test is done. */
export async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "outcomepay-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const AS_OF = on("2026-01-01");

/** Loads files, of which `source.yaml` is the source. */
export function load(files: Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return withFiles(files, (folder) => loadSource(join(folder, "source.yaml"), { asOf: AS_OF, ...options }));
}

/** Loads FHIR resources, one a line, as they would come from a bulk export. */
export function loadFhir(
  resources: readonly unknown[],
  options: Partial<LoadOptions> = {},
  source = "",
): Promise<Loaded> {
  const lines = resources.map((resource) => (typeof resource === "string" ? resource : JSON.stringify(resource)));
  return load(
    { "source.yaml": `kind: fhir-files\npath: data\n${source}`, "data/all.ndjson": lines.join("\n") },
    options,
  );
}

/** Reads a folder of FHIR files that is not ours. */
export function loadFolder(path: string, asOf: Day, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return withFiles({ "source.yaml": `kind: fhir-files\npath: ${JSON.stringify(path)}\n` }, (folder) =>
    loadSource(join(folder, "source.yaml"), { asOf, ...options }),
  );
}

/** Every unit that was read is used, listed, or counted. */
export function accounted({ counts }: Loaded): number {
  const ignored = Object.values(counts.ignored).reduce((a, b) => a + b, 0);
  return counts.used + counts.rejected + counts.superseded + counts.duplicates + ignored;
}

export const patient = (id = "p", more: object = {}): object => ({
  resourceType: "Patient",
  id,
  birthDate: "1960-05-01",
  ...more,
});

export const status = (id: string, date: string, code: string, more: object = {}): object => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "97509-4" }] },
  subject: { reference: "Patient/p" },
  effectiveDateTime: date,
  valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code }] },
  ...more,
});

export const dose = (id: string, date: string, more: object = {}): object => ({
  resourceType: "MedicationAdministration",
  id,
  meta: {
    profile: ["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"],
  },
  status: "completed",
  medicationCodeableConcept: { coding: [{ system: "urn:drugs", code: "A" }] },
  subject: { reference: "Patient/p" },
  effectiveDateTime: date,
  ...more,
});

export const SCT = {
  complete: "550991000124107",
  partial: "551001000124108",
  improved: "268910001",
  stable: "359746009",
  worsened: "271299001",
  undetermined: "709137006",
};

const T0 = 20_000;

/** Seen on these days after the index day: `56 SD, 112 PD`; a partial date is `50..80 PD`. */
export type Course = string;

export interface Facts {
  readonly course?: Course;
  readonly death?: number | readonly [number, number];
  readonly disputed?: boolean;
  readonly alive?: number;
  readonly therapies?: readonly (number | readonly [number, number])[];
  readonly pending?: Course;
}

const at = (days: number | readonly [number, number]): Interval =>
  typeof days === "number" ? { first: T0 + days, last: T0 + days } : { first: T0 + days[0], last: T0 + days[1] };

function assessments(course: Course): Assessment[] {
  return course.split(", ").flatMap((seen, k) => {
    const match = /^(-?\d+)(?:\.\.(\d+))? (.+)$/.exec(seen);
    if (!match) return [];
    const [, first = "", last = first, response] = match;
    const date = at([Number(first), Number(last)]);
    return [{ date, response: response as ResponseClass, evaluator: null, imaging: null, id: `a${k}` }];
  });
}

/** A patient whose index day is day 0. */
export function record(
  { course = "", death, disputed = false, alive, therapies = [], pending = "" }: Facts,
  more: Partial<PatientRecord> = {},
): PatientRecord {
  return {
    identifier: { system: "", value: "p" },
    id: "Patient/p",
    index: { day: T0, id: "first" },
    birth: null,
    sex: null,
    death: death === undefined ? null : { date: at(death), disputed, id: "death" },
    lastAlive: alive === undefined ? null : { day: T0 + alive, id: "alive" },
    followUp: null,
    consent: null,
    assessments: assessments(course),
    pending: assessments(pending),
    therapies: therapies.map((days, k) => ({ start: at(days), codes: [], contract: false, id: `t${k}` })),
    doses: [],
    measurements: [],
    healthStates: [],
    events: [],
    costs: [],
    administrations: [],
    met: { conditions: [], medications: [], variants: [] },
    ...more,
  };
}

function endpoint(metric: string): Endpoint {
  const found = endpointsOf(NEWEST_RULES).find(({ id }) => id === metric);
  if (!found) throw new RangeError(`no endpoint: ${metric}`);
  return found;
}

/** Time to event: days after the index day with `event` or `censored`, or the reason. */
export function time(
  metric: string,
  patientRecord: PatientRecord,
  options: EndpointOptions = {},
  asOf = T0 + 3000,
): string {
  const result: TimeToEvent | undefined = endpoint(metric).time?.(patientRecord, resolveOptions(options), asOf);
  if (result === undefined) return "no time to event";
  if ("notEvaluable" in result) return result.notEvaluable;
  return `${result.day - (patientRecord.index?.day ?? 0)} ${result.event ? "event" : "censored"}`;
}

/** What a clause asks: by default due at 183 days, with one cut there. `exact`: the value itself matters, not its tier. */
export type Ask = { readonly [name in OptionName]?: string | number | boolean } & {
  readonly due?: number;
  readonly cuts?: readonly number[];
  readonly asOf?: number;
  readonly exact?: true;
};

export function outcome(metric: string, patientRecord: PatientRecord, ask: Ask = {}): Outcome {
  return askFor(endpoint(metric), patientRecord, ask);
}

/** What an endpoint finds for a clause. */
export function askFor(
  asked: Endpoint,
  patientRecord: PatientRecord,
  { due = 183, cuts = [due], asOf = T0 + 3000, exact, ...options }: Ask = {},
): Outcome {
  const tiers: Tier[] = [null, ...cuts].map((start) => ({
    start: start === null ? null : BigInt(start),
    pays: 0n,
    slope: 0n,
  }));
  return asked.value(patientRecord, {
    due,
    asOf,
    options: resolveOptions(options),
    tiers,
    ...(exact === undefined ? {} : { exact }),
  });
}

/** The value as text, or the reason. */
export function value(...asked: Parameters<typeof outcome>): string {
  return inWords(outcome(...asked));
}

export function inWords(result: Outcome): string {
  return "value" in result ? result.value.toString() : result.notEvaluable;
}
