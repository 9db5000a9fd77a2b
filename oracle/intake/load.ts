/** Reads a source into patient records: the one way in for `evaluate`, `endpoint` and the service. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { join, relative, resolve } from "node:path";

import type { Day } from "../../terms/model.ts";
import type { Needs } from "../needs.ts";
import type { PatientRecord, Statement } from "../record.ts";
import { Collector, wantedBy, type Counts, type Wanted } from "./collector.ts";
import { readSource, SourceError, type CsvConfig, type FhirConfig, type Source } from "./config.ts";
import { CsvReader } from "./csv.ts";
import type { Rejected } from "./facts.ts";
import { FhirReader } from "./fhir.ts";
import { readLines } from "./lines.ts";
import { buildPatients } from "./patients.ts";
import { openServer } from "./server/open.ts";
import type { ServerSurroundings } from "./server/surroundings.ts";

export interface LoadOptions {
  /** What was recorded or happened later is left out. */
  readonly asOf: Day;
  /** What is kept of the records beside what every endpoint reads; nothing when left out. */
  readonly needs?: Needs;
  /** Called as files are opened. */
  readonly progress?: (file: string) => void;
  /** What a server's records are fetched with; without it only a snapshot that the source names can be read. */
  readonly server?: ServerSurroundings;
}

export interface Loaded {
  /** By identifier. */
  readonly patients: readonly PatientRecord[];
  /** By file and line. */
  readonly rejected: readonly Rejected[];
  readonly counts: Counts;
  /** Figures that no patient's record carries, by name. */
  readonly statements: readonly Statement[];
}

/**
 * Reads a source. Bad resources and rows never stop it: they are listed and their patients stand on what remains.
 *
 * @param source path of the source file, or a source already validated
 * @throws SourceError when the source file is not valid, or its path is not there
 */
export async function loadSource(source: string | Source, options: LoadOptions): Promise<Loaded> {
  const given = typeof source === "string" ? readSource(source) : source;
  const opened =
    given.config.kind === "fhir-server"
      ? await openServer(given.config, given.base, options.asOf, options.server)
      : { source: { config: given.config, base: given.base }, issues: [], nameOf: (file: string) => file };
  const { config, base } = opened.source;
  const wanted = wantedBy(options.needs?.eligibility ?? []);
  let collector = await scan({ config, base }, options, wanted, new Set());
  // A sign of life that another file withdraws was no sign of life: read again without it. Rare, hence not paid for each time.
  const gone = new Set(
    [...collector.activity.values()].map(({ id }) => id).filter((id) => collector.withdrawals.has(id)),
  );
  if (gone.size > 0) collector = await scan({ config, base }, options, wanted, collector.withdrawals);
  const patients = buildPatients(collector);
  const named = collector.rejected.map((one) => ({ ...one, file: opened.nameOf(one.file) }));
  const rejected = [...named, ...opened.issues].sort(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.resource ?? "", b.resource ?? ""),
  );
  return { patients, rejected, counts: collector.counts, statements: [] };
}

interface FileSource {
  readonly config: CsvConfig | FhirConfig;
  readonly base: string;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function scan(
  { config, base }: FileSource,
  { asOf, progress }: LoadOptions,
  wanted: Wanted,
  withdrawn: ReadonlySet<string>,
): Promise<Collector> {
  const collector = new Collector(asOf, wanted, withdrawn);
  const folder = resolve(base, config.path ?? ".");
  if (!existsSync(folder)) throw new SourceError(`path: ${config.path ?? "."} not found (relative to the source file)`);
  if (config.kind === "csv") {
    const { patients } = config.files;
    if (!existsSync(resolve(folder, patients.path)))
      throw new SourceError(`files.patients.path: ${patients.path} not found`);
    await new CsvReader(collector, config).read((path) => resolve(folder, path), base);
  } else {
    await scanFhir(collector, config, folder, base, progress);
  }
  return collector;
}

async function scanFhir(
  collector: Collector,
  config: FhirConfig,
  folder: string,
  base: string,
  progress: LoadOptions["progress"],
): Promise<void> {
  const reader = new FhirReader(collector, {
    codes: new Map(Object.entries(config.codes)),
    responseCodes: new Set(config.responseCodes),
    identifierSystem: config.identifierSystem ?? null,
  });
  for (const path of filesBelow(folder)) {
    const name = relative(base, path).replaceAll("\\", "/");
    const file = collector.open(name);
    progress?.(name);
    if (path.endsWith(".json")) await readDocument(path, file, reader, collector);
    else await readNdjson(path, file, reader, collector);
  }
}

/** NDJSON and JSON files, in order of path, whatever the file system's own order. */
function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { withFileTypes: true }).sort((a, b) => compare(a.name, b.name));
  return names.flatMap((entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(inner);
    return /\.(?:ndjson|jsonl|json)$/.test(entry.name) ? [inner] : [];
  });
}

async function readNdjson(path: string, file: number, reader: FhirReader, collector: Collector): Promise<void> {
  for await (const lines of readLines(path)) {
    for (const { number, text } of lines) {
      if (text === null) {
        collector.counts.read++;
        collector.reject(file, number, null, "not UTF-8");
      } else if (text.trim() !== "") {
        parseInto(text, file, number, reader, collector);
      }
    }
  }
}

async function readDocument(path: string, file: number, reader: FhirReader, collector: Collector): Promise<void> {
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) {
    collector.counts.read++;
    collector.reject(file, null, null, "not UTF-8");
    return;
  }
  const text = bytes.toString("utf8");
  parseInto(text.startsWith("\uFEFF") ? text.slice(1) : text, file, null, reader, collector);
}

function parseInto(text: string, file: number, line: number | null, reader: FhirReader, collector: Collector): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    collector.counts.read++;
    // The parser's message quotes the line, which may hold what must not be printed.
    collector.reject(file, line, null, "broken JSON");
    return;
  }
  reader.read(value, { file, line, urns: NO_URNS });
}

const NO_URNS: ReadonlyMap<string, string> = new Map();
