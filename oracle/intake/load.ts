/** Reads a source into patient records: the one way in for `evaluate`, `endpoint` and the service. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";

import type { Day } from "../../terms/model.ts";
import type { Needs } from "../needs.ts";
import type { PatientRecord, Statement } from "../record.ts";
import { Collector, type Counts, type FileRead, type Used } from "./collector.ts";
import { readSource, SourceError, type Source } from "./config.ts";
import { CsvReader } from "./csv/reader.ts";
import type { Rejected } from "./facts.ts";
import { readFhirFiles } from "./fhir/files.ts";
import { exceededLimits } from "./limits.ts";
import { buildPatients } from "./person/patients.ts";
import { openServer, type Opened } from "./server/open.ts";
import type { ServerSurroundings } from "./server/surroundings.ts";
import { readStatements } from "./statements.ts";

export interface LoadOptions {
  /** What was recorded or happened later is left out. */
  readonly asOf: Day;
  /** What is kept of the records beside what every endpoint reads; nothing when left out. */
  readonly needs?: Needs;
  /** Called as files are opened. */
  readonly progress?: (file: string) => void;
  /** Told of every resource and row that ends in a patient's record, with its file and line. */
  readonly used?: (used: Used) => void;
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
  /** Every file that was read. */
  readonly files: readonly FileRead[];
  /** Which of the source's limits are exceeded: nothing may be signed then (`assertWithinLimits`). */
  readonly exceeded: readonly string[];
}

/**
 * Reads a source. Bad resources and rows never stop it: they are listed and their patients stand on what remains.
 *
 * @param source path of the source file, or a source already validated
 * @throws SourceError when the source file or a statement is not valid, or its path is not there
 */
export async function loadSource(source: string | Source, options: LoadOptions): Promise<Loaded> {
  const { config, base } = typeof source === "string" ? readSource(source) : source;
  const { statements, files } = readStatements({ config, base });
  const server = config.kind === "fhir-server" ? await openServer(config, base, options.asOf, options.server) : null;
  let collector = await scan({ config, base }, server, options, new Set());
  // A sign of life that another file withdraws was no sign of life: read again without it. Rare, hence not paid for each time.
  const gone = new Set(
    [...collector.activity.values()].map(({ id }) => id).filter((id) => collector.withdrawals.has(id)),
  );
  if (gone.size > 0) collector = await scan({ config, base }, server, options, collector.withdrawals);
  collector.close();
  const patients = buildPatients(collector);
  const rejected = [...collector.rejected, ...(server?.issues ?? [])].sort(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.resource ?? "", b.resource ?? ""),
  );
  const counts = collector.total();
  const exceeded = exceededLimits(counts, config.limits);
  return { patients, rejected, counts, statements, files: [...collector.files, ...files], exceeded };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function scan(
  { config, base }: Source,
  server: Opened | null,
  { asOf, needs, progress, used }: LoadOptions,
  withdrawn: ReadonlySet<string>,
): Promise<Collector> {
  const collector = new Collector({ asOf, needs, withdrawn, used });
  const path = server?.folder ?? ("path" in config ? config.path : undefined) ?? ".";
  const folder = resolve(base, path);
  if (!existsSync(folder)) throw new SourceError(`path: ${path} not found (relative to the source file)`);
  switch (config.kind) {
    case "csv": {
      const { patients } = config.files;
      if (!existsSync(resolve(folder, patients.path)))
        throw new SourceError(`files.patients.path: ${patients.path} not found`);
      await new CsvReader(collector, config).read((path) => resolve(folder, path), base, progress);
      break;
    }
    case "fhir-files":
    case "fhir-server":
      await readFhirFiles(collector, config, folder, base, progress, server?.nameOf);
  }
  return collector;
}
