/** A `kind: fhir-server` source as files: a snapshot is chosen or fetched, and the file reader reads it from there. */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Day } from "../../../terms/model.ts";
import type { Rejected } from "../facts.ts";
import { SourceError } from "../shared.ts";
import { tokensOf } from "./auth.ts";
import type { FhirServerConfig } from "./config.ts";
import { exportRecords } from "./bulk.ts";
import { ServerHttp } from "./http.ts";
import { searchRecords } from "./search.ts";
import { maxAgeOf } from "./settings.ts";
import {
  chooseSnapshot,
  DATA,
  listSnapshots,
  pruneSnapshots,
  snapshotFolder,
  verifySnapshot,
  type Snapshot,
} from "./snapshot.ts";
import type { ServerSurroundings } from "./surroundings.ts";
import { SnapshotWriter } from "./writer.ts";

export interface Opened {
  /** Of the snapshot's files. */
  readonly folder: string;
  /** What the server itself said that it could not give. */
  readonly issues: readonly Rejected[];
  /** A file of the snapshot by the URL that it came from. */
  readonly nameOf: (path: string) => string;
}

/**
 * @throws SourceError when the records can't be had, or the snapshot is not what was fetched
 */
export async function openServer(
  config: FhirServerConfig,
  base: string,
  asOf: Day,
  surroundings: ServerSurroundings | undefined,
): Promise<Opened> {
  const store = join(resolve(base, config.snapshots), snapshotFolder(config));
  const snapshot = await currentSnapshot(config, base, store, asOf, surroundings);
  await verifySnapshot(snapshot);
  const { manifest, folder } = snapshot;
  const names = new Map(manifest.files.map(({ path, url }) => [join(folder, path), url]));
  const lines = readFileSync(join(folder, manifest.issues.path), "utf8").split("\n");
  return {
    folder: join(folder, DATA),
    issues: lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Rejected),
    nameOf: (path) => names.get(path) ?? path,
  };
}

/** Fetches under way in this process: who asks meanwhile waits for the same. */
const underWay = new Map<string, Promise<Snapshot>>();

async function currentSnapshot(
  config: FhirServerConfig,
  base: string,
  store: string,
  asOf: Day,
  surroundings: ServerSurroundings | undefined,
): Promise<Snapshot> {
  const snapshots = listSnapshots(store);
  if (config.snapshot !== undefined) {
    const found = snapshots.find(({ manifest: { id } }) => id === config.snapshot);
    if (found !== undefined) return found;
    const there = snapshots.map(({ manifest: { id } }) => id).join(", ") || "none";
    throw new SourceError(`snapshot: found ${config.snapshot}, expected one of those in ${store}: ${there}`);
  }
  if (surroundings === undefined) throw new SourceError("kind: fhir-server can't be fetched here; state a snapshot");
  const chosen = chooseSnapshot(snapshots, asOf, surroundings.now(), maxAgeOf(config));
  if (chosen !== null) return chosen;
  const running = underWay.get(store);
  if (running !== undefined) return running;
  const fetching = fetchSnapshot(config, base, store, snapshots.at(-1) ?? null, surroundings).finally(() =>
    underWay.delete(store),
  );
  underWay.set(store, fetching);
  return fetching;
}

/**
 * Fetches the records into a new snapshot. Whatever happens, there is a whole one or none.
 * @param previous What an incremental fetch goes on from.
 * @throws SourceError
 */
export async function fetchSnapshot(
  config: FhirServerConfig,
  base: string,
  store: string,
  previous: Snapshot | null,
  surroundings: ServerSurroundings,
): Promise<Snapshot> {
  const http = new ServerHttp(config, surroundings);
  const tokens = tokensOf(config.auth, http, base);
  const writer = new SnapshotWriter(store);
  try {
    const from = config.incremental ? previous : null;
    const transactionTime =
      config.mode === "search"
        ? await searchRecords(config, http, tokens, writer)
        : await exportRecords(config, http, tokens, writer, from);
    const { url, mode } = config;
    const about = { url, mode, transactionTime, previous: from?.manifest.id ?? null };
    const snapshot = await writer.finish(about, surroundings.now());
    pruneSnapshots(store, surroundings.now());
    http.note(`snapshot ${snapshot.manifest.id}: ${snapshot.manifest.files.length} files`);
    return snapshot;
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    await http.close();
  }
}
