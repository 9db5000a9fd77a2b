/** Snapshots: what was fetched, in a folder that is there as a whole or not at all. */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { Day } from "../../../terms/model.ts";
import { SourceError } from "../shared.ts";
import { instantOf, type ServerSettings } from "./settings.ts";
import { DEFAULT_TYPES } from "./types.ts";

const path = z
  .string()
  .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/)
  .refine((name) => !name.split("/").includes(".."));
const kept = z.strictObject({
  /** Below the snapshot's folder. */
  path,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
  /** Lines that are not empty. */
  count: z.int().min(0),
});
const file = kept.extend({
  /** On the server, without its query. */
  url: z.string(),
  type: z.string().nullable(),
  kind: z.enum(["output", "deleted"]),
});
const manifest = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  url: z.string(),
  mode: z.enum(["bulk", "search"]),
  /** By the server's clock: all that was recorded until then is in the snapshot. */
  transactionTime: z.string().refine((written) => instantOf(written) !== null),
  /** By this machine's clock. */
  fetchedAt: z.string().refine((written) => instantOf(written) !== null),
  /** The snapshot that this one goes on from. */
  previous: z.string().nullable(),
  files: z.array(file),
  /** What the server could not give, and says so. */
  issues: kept,
});

export type SnapshotFile = z.infer<typeof file>;
export type KeptFile = z.infer<typeof kept>;
export type Manifest = z.infer<typeof manifest>;

export interface Snapshot {
  readonly folder: string;
  readonly manifest: Manifest;
}

export const MANIFEST = "manifest.json";
/** Below a snapshot's folder: what the file reader reads. */
export const DATA = "data";
/** Before the name of a folder that is not finished. */
export const UNFINISHED = ".unfinished-";
const DAY = 86_400_000;
const HOUR = 3_600_000;

/**
 * Folder of the snapshots of one source below `snapshots`: what is asked of the server is part of its name, so that a
 * source that was changed never takes up another's snapshot.
 */
export function snapshotFolder({
  url,
  mode,
  group,
  level,
  types,
  typeFilter,
  patients,
  since,
}: ServerSettings): string {
  const asked = JSON.stringify([url, mode, group, level, types ?? DEFAULT_TYPES, typeFilter, patients, since]);
  const hash = createHash("sha256").update(asked).digest("hex").slice(0, 12);
  return `${new URL(url).host.replace(/[^A-Za-z0-9.-]/g, "_")}-${hash}`;
}

/** The finished snapshots in a folder, oldest first. Whatever else lies there is passed over. */
export function listSnapshots(folder: string): Snapshot[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .flatMap(({ name }): Snapshot[] => {
      const read = readManifest(join(folder, name));
      return read === null || read.id !== name ? [] : [{ folder: join(folder, name), manifest: read }];
    });
  return found.sort((a, b) => timeOf(a) - timeOf(b) || (a.manifest.id < b.manifest.id ? -1 : 1));
}

/** Null when there is none, or it is none of ours. */
export function readManifest(folder: string): Manifest | null {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")));
  } catch {
    return null;
  }
}

export const timeOf = ({ manifest: { transactionTime } }: Snapshot): number => instantOf(transactionTime) ?? NaN;
const fetched = ({ manifest: { fetchedAt } }: Snapshot): number => instantOf(fetchedAt) ?? NaN;

/**
 * The snapshot to read for a day: the first that was taken after that day had ended (UTC) stands nearest to what was
 * known then, and once there is one every later reading takes the same; before that, the newest unless it is too old.
 */
export function chooseSnapshot(
  snapshots: readonly Snapshot[],
  asOf: Day,
  now: number,
  maxAge: number,
): Snapshot | null {
  const complete = snapshots.find((snapshot) => timeOf(snapshot) >= (asOf + 1) * DAY);
  if (complete !== undefined) return complete;
  const newest = snapshots.at(-1);
  return newest !== undefined && now - fetched(newest) < maxAge && now >= fetched(newest) ? newest : null;
}

/**
 * Removes what no reading will ask for again: of each day gone by (UTC) the first and the last snapshot stay, and
 * everything of the last hour; and what fetches that were killed left behind.
 */
export function pruneSnapshots(folder: string, now: number): void {
  const snapshots = listSnapshots(folder);
  const dayOf = (snapshot: Snapshot | undefined): number | null =>
    snapshot === undefined ? null : Math.floor(timeOf(snapshot) / DAY);
  snapshots.forEach((snapshot, i) => {
    const day = dayOf(snapshot);
    const between = day === dayOf(snapshots[i - 1]) && day === dayOf(snapshots[i + 1]);
    if (between && now - fetched(snapshot) > HOUR) rmSync(snapshot.folder, { recursive: true, force: true });
  });
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const left = join(folder, name);
    const age = now - (statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (age > 30 * DAY) rmSync(left, { recursive: true, force: true });
  }
}

/** @throws SourceError when a file is not what was fetched: money would follow from it */
export async function verifySnapshot({ folder, manifest: { files, issues } }: Snapshot): Promise<void> {
  for (const { path: name, bytes, sha256 } of [...files, issues]) {
    const place = join(folder, name);
    const size = statSync(place, { throwIfNoEntry: false })?.size;
    const found = size === bytes ? await sha256Of(place) : null;
    if (found === sha256) continue;
    const what = size === undefined ? "nothing" : size === bytes ? "another content" : `${size} bytes`;
    throw new SourceError(`${place}: found ${what}, expected the ${bytes} bytes fetched; remove the snapshot's folder`);
  }
}

async function sha256Of(place: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(place, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return hash.digest("hex");
}
