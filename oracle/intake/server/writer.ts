/** Writes a snapshot: into a folder of its own that takes its name only when all is there and on the disk. */

import { createHash, randomUUID, type Hash } from "node:crypto";
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Rejected } from "../facts.ts";
import { instantOf } from "./settings.ts";
import {
  DATA,
  MANIFEST,
  readManifest,
  UNFINISHED,
  type KeptFile,
  type Manifest,
  type Snapshot,
  type SnapshotFile,
} from "./snapshot.ts";

export type Kept = Omit<KeptFile, "path">;
type About = Pick<SnapshotFile, "url" | "type" | "kind">;

/** Bytes gathered before they are written. */
const FULL = 1 << 18;

/** One file of lines. */
export class LineFile {
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  readonly #done: ((kept: Kept) => void) | undefined;
  #waiting: string[] = [];
  #size = 0;
  #bytes = 0;
  count = 0;

  /** @param done Called when the file is written and closed. */
  constructor(handle: FileHandle, done?: (kept: Kept) => void) {
    this.#handle = handle;
    this.#done = done;
  }

  async write(line: string): Promise<void> {
    this.count++;
    this.#waiting.push(line, "\n");
    this.#size += line.length;
    if (this.#size >= FULL) await this.#flush();
  }

  async close(): Promise<Kept> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    const kept = { sha256: this.#hash.digest("hex"), bytes: this.#bytes, count: this.count };
    this.#done?.(kept);
    return kept;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(""), "utf8");
    this.#waiting = [];
    this.#size = 0;
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
    await this.#handle.writeFile(bytes);
  }
}

export class SnapshotWriter {
  /** Of all snapshots of the source. */
  readonly #store: string;
  readonly folder: string;
  readonly #files: SnapshotFile[] = [];
  readonly #issues: Rejected[] = [];
  readonly #open = new Set<FileHandle>();

  /** @param store Folder of the source's snapshots; made when it is not there. */
  constructor(store: string) {
    this.#store = store;
    this.folder = join(store, `${UNFINISHED}${randomUUID()}`);
    // Records of patients: for the operator's eyes only.
    mkdirSync(join(this.folder, DATA), { recursive: true, mode: 0o700 });
  }

  /** Begins a file of lines below `data`. */
  async open(name: string, { url, type, kind }: About): Promise<LineFile> {
    const path = `${DATA}/${name}`;
    mkdirSync(dirname(join(this.folder, path)), { recursive: true, mode: 0o700 });
    const handle = await open(join(this.folder, path), "wx", 0o600);
    this.#open.add(handle);
    return new LineFile(handle, (kept) => {
      this.#open.delete(handle);
      this.#files.push({ path, ...kept, url, type, kind });
    });
  }

  /** Takes in a file that was written and verified below `data` by other means. */
  add(name: string, kept: Kept, about: About): void {
    this.#files.push({ path: `${DATA}/${name}`, ...kept, ...about });
  }

  /** Where a file below `data` stands while it is written. */
  place(name: string): string {
    const place = join(this.folder, DATA, name);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    return place;
  }

  /** Where something stands for a moment that does not belong to the snapshot. */
  aside(): string {
    return join(this.folder, `aside-${randomUUID()}`);
  }

  forget(place: string): void {
    rmSync(place, { force: true });
  }

  /** Takes over a file of an earlier snapshot: the same bytes on the disk where the file system can. */
  take(from: Snapshot, file: SnapshotFile): void {
    const [source, target] = [join(from.folder, file.path), join(this.folder, file.path)];
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target);
    }
    this.#files.push(file);
  }

  /** Notes what the server could not give. */
  issue(issue: Rejected): void {
    this.#issues.push(issue);
  }

  /**
   * Gives the snapshot its name.
   * @param about `transactionTime` by the server's clock; `now` by this machine's, milliseconds since 1970.
   */
  async finish(about: Pick<Manifest, "url" | "mode" | "transactionTime" | "previous">, now: number): Promise<Snapshot> {
    const issues = await this.#writeIssues();
    const files = [...this.#files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const id = nameOf(about.transactionTime, [...files, issues]);
    const manifest: Manifest = { format: 1, id, ...about, fetchedAt: new Date(now).toISOString(), files, issues };
    const handle = await open(join(this.folder, MANIFEST), "wx", 0o600);
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
    await handle.close();
    const folder = join(this.#store, id);
    try {
      await rename(this.folder, folder);
    } catch (error) {
      if (!existsSync(folder) || readManifest(folder) === null) throw error;
      // The very same was fetched before, or by another process: it stands, and is as young as this one.
      await rename(join(this.folder, MANIFEST), join(folder, MANIFEST));
      await this.abandon();
    }
    const store = await open(this.#store, "r");
    await store.sync();
    await store.close();
    return { folder, manifest };
  }

  async abandon(): Promise<void> {
    for (const handle of this.#open) await handle.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #writeIssues(): Promise<KeptFile> {
    const path = "issues.ndjson";
    const handle = await open(join(this.folder, path), "wx", 0o600);
    const file = new LineFile(handle);
    for (const issue of this.#issues) await file.write(JSON.stringify(issue));
    return { path, ...(await file.close()) };
  }
}

/** The transaction time in letters that every file system takes, and a short hash of the content. */
function nameOf(transactionTime: string, files: readonly KeptFile[]): string {
  const time = new Date(instantOf(transactionTime) ?? NaN).toISOString().replace(/[-:.]/g, "");
  const content = files.map(({ path, sha256 }) => `${path} ${sha256}\n`).join("");
  return `${time}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}`;
}
