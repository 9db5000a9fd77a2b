/** Records by Bulk Data `$export`: asked for once, waited for, and fetched file by file (Bulk Data Access 1.0 to 3.0). */

import { plain, ServerError, shown } from "./errors.ts";
import { deletionsOf, deletionLine, keepPrevious } from "./deleted.ts";
import { download } from "./download.ts";
import type { Call, ServerHttp, Tokens } from "./http.ts";
import { parseManifest, type ExportManifest, type ListedFile } from "./manifest.ts";
import { issuesOf } from "./outcome.ts";
import type { ServerSettings } from "./settings.ts";
import type { Snapshot } from "./snapshot.ts";
import { DEFAULT_TYPES } from "./types.ts";
import type { SnapshotWriter } from "./writer.ts";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/**
 * @param previous The snapshot to go on from: only what changed since is asked for.
 * @returns the server's transaction time
 * @throws ServerError
 */
export async function exportRecords(
  settings: ServerSettings,
  http: ServerHttp,
  tokens: Tokens | null,
  writer: SnapshotWriter,
  previous: Snapshot | null,
): Promise<string> {
  const since = previous?.manifest.transactionTime ?? settings.since;
  const status = await kickOff(settings, since, http, tokens);
  try {
    const manifests = await readManifests(status, settings, http, tokens);
    const [first] = manifests;
    if (first === undefined) throw new ServerError(`${shown(status)}: found no manifest`);
    await new Export(http, tokens, writer, settings.maxPages).fetch(manifests, previous);
    return first.transactionTime;
  } finally {
    await cleanUp(status, http, tokens);
  }
}

/** @returns the URL at which the server tells how far it is */
async function kickOff(
  settings: ServerSettings,
  since: string | undefined,
  http: ServerHttp,
  tokens: Tokens | null,
): Promise<string> {
  const level = settings.group === undefined ? "" : `Group/${settings.group}/`;
  const url = new URL(`${level || (settings.level === "patient" ? "Patient/" : "")}$export`, http.base);
  url.searchParams.set("_type", (settings.types ?? DEFAULT_TYPES).join(","));
  if (since !== undefined) url.searchParams.set("_since", since);
  for (const filter of settings.typeFilter ?? []) url.searchParams.append("_typeFilter", filter);
  if (settings.partialManifests) url.searchParams.set("allowPartialManifests", "true");
  const call = { headers: { accept: "application/fhir+json", prefer: "respond-async" }, tokens };
  try {
    return await http.request(url.href, call, async (response, last) => {
      await response.body?.cancel();
      if (response.status !== 202)
        throw new ServerError(`${shown(last)}: found status ${response.status}, expected 202; try mode: search`);
      return http.resolve(response.headers.get("content-location"), last, "Content-Location");
    });
  } catch (error) {
    const unknown = error instanceof ServerError && [400, 404, 405, 501].includes(error.status ?? 0);
    if (unknown)
      throw new ServerError(`${error.message}; state types that the server exports, or try mode: search`, error);
    throw error;
  }
}

/** Waits until the export is done, and follows the manifest from page to page where there are several. */
async function readManifests(
  status: string,
  settings: ServerSettings,
  http: ServerHttp,
  tokens: Tokens | null,
): Promise<ExportManifest[]> {
  const { now } = http.surroundings;
  const deadline = now() + settings.exportTimeout;
  const found: ExportManifest[] = [];
  const seen = new Set<string>();
  for (let url: string | null = status; url !== null;) {
    if (seen.has(url)) throw new ServerError(`${shown(url)}: the link to the next manifest leads to one read already`);
    seen.add(url);
    if (seen.size > settings.maxPages)
      throw new ServerError(`${shown(url)}: more than ${settings.maxPages} manifests (maxPages)`);
    const manifest: ExportManifest = await poll(url, deadline, http, tokens);
    const [first = manifest] = found;
    if (manifest.transactionTime !== first.transactionTime) {
      const times = `found ${manifest.transactionTime}, expected ${first.transactionTime} as in the first manifest`;
      throw new ServerError(`${shown(url)}: transactionTime: ${times}`);
    }
    found.push(manifest);
    const link = manifest.link.find(({ relation }) => relation === "next");
    url = link === undefined ? null : http.resolve(link.url, url, "the link to the next manifest");
  }
  return found;
}

async function poll(url: string, deadline: number, http: ServerHttp, tokens: Tokens | null): Promise<ExportManifest> {
  const call: Call = { headers: { accept: "application/json" }, tokens };
  const { now } = http.surroundings;
  for (let turn = 0; ; turn++) {
    const answer = await http.request(url, call, async (response, last) => {
      if (response.status !== 202) return parseManifest(await http.json(response, last), last);
      await response.body?.cancel();
      const progress = plain(response.headers.get("x-progress") ?? "", 100);
      return { progress, asked: http.retryAfter(response) };
    });
    if ("output" in answer) return answer;
    const wait = Math.max(answer.asked ?? Math.min(FIRST_WAIT * 1.5 ** turn, LONGEST_WAIT), FIRST_WAIT);
    http.note(`export: ${answer.progress || "in progress"}; asking again in ${Math.ceil(wait / 1_000)} s`);
    if (now() + wait > deadline)
      throw new ServerError(
        `${shown(url)}: the export was not done within exportTimeout (${answer.progress || "in progress"})`,
      );
    await http.pause(wait);
  }
}

/** The server may forget the export. Also after a failure, and when the fetch was stopped. */
async function cleanUp(status: string, http: ServerHttp, tokens: Tokens | null): Promise<void> {
  try {
    const call: Call = { method: "DELETE", headers: { accept: "application/fhir+json" }, tokens, last: true };
    await http.request(status, call, async (response) => response.body?.cancel());
  } catch (error) {
    // The records are here; that the server keeps its copy a while longer is not worth failing for.
    http.note(`the export stays on the server: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The files of one export. */
class Export {
  readonly #http: ServerHttp;
  readonly #tokens: Tokens | null;
  readonly #writer: SnapshotWriter;
  readonly #most: number;
  #files = 0;

  constructor(http: ServerHttp, tokens: Tokens | null, writer: SnapshotWriter, most: number) {
    this.#http = http;
    this.#tokens = tokens;
    this.#writer = writer;
    this.#most = most;
  }

  async fetch(manifests: readonly ExportManifest[], previous: Snapshot | null): Promise<void> {
    const part = `${(previous === null ? 0 : lastPart(previous)) + 1}`.padStart(4, "0");
    /** What is there again though it was deleted before. */
    const present = new Set<string>();
    for (const manifest of manifests) {
      for (const file of manifest.output) await this.#output(file, manifest, part, previous === null ? null : present);
      for (const file of manifest.deleted) await this.#deleted(file, manifest, part);
      for (const file of manifest.error) await this.#errors(file, manifest);
    }
    if (previous !== null) await keepPrevious(previous, this.#writer, present);
  }

  async #output(
    listed: ListedFile,
    manifest: ExportManifest,
    part: string,
    present: Set<string> | null,
  ): Promise<void> {
    const file = this.#resolved(listed);
    const name = `${part}/${this.#number()}.${file.type ?? "output"}.ndjson`;
    const kept = await download(this.#http, this.#tokensFor(manifest), file, this.#writer.place(name), (resource) => {
      if (present !== null && typeof resource["id"] === "string")
        present.add(`${String(resource["resourceType"])}/${resource["id"]}`);
    });
    this.#writer.add(name, kept, { url: shown(file.url), type: file.type ?? null, kind: "output" });
    this.#http.note(`${shown(file.url)}: ${kept.count} resources`);
  }

  async #deleted(listed: ListedFile, manifest: ExportManifest, part: string): Promise<void> {
    // Its type says what was deleted; the lines are Bundles.
    const file = { ...this.#resolved(listed), type: "Bundle" };
    const found = new Set<string>();
    await this.#aside(file, manifest, (bundle, line) => {
      for (const id of deletionsOf(bundle, shown(file.url), line)) found.add(id);
    });
    const about = { url: shown(file.url), type: listed.type ?? null, kind: "deleted" as const };
    const written = await this.#writer.open(`${part}/${this.#number()}.deleted.ndjson`, about);
    for (const id of found) await written.write(deletionLine(id));
    await written.close();
  }

  async #errors(listed: ListedFile, manifest: ExportManifest): Promise<void> {
    const file = { ...this.#resolved(listed), type: "OperationOutcome" };
    const found = new Map<number, { words: string; resource: string | null }[]>();
    await this.#aside(file, manifest, (outcome, line) => void found.set(line, [...issuesOf(outcome)]));
    for (const [line, issues] of found)
      for (const { words, resource } of issues)
        this.#writer.issue({ file: shown(file.url), line, resource, reason: `the server says: ${words}` });
  }

  /** A file that is read once and is no part of the snapshot itself. */
  async #aside(file: ListedFile, manifest: ExportManifest, each: Parameters<typeof download>[4]): Promise<void> {
    const place = this.#writer.aside();
    await download(this.#http, this.#tokensFor(manifest), file, place, each);
    this.#writer.forget(place);
  }

  #resolved(listed: ListedFile): ListedFile {
    if (++this.#files > this.#most)
      throw new ServerError(`${this.#http.base}: more than ${this.#most} files (maxPages)`);
    return { ...listed, url: this.#http.resolve(listed.url, this.#http.base, "a file of the export") };
  }

  /** A file that needs no token must not get one: it may stand anywhere. */
  #tokensFor({ requiresAccessToken }: ExportManifest): Tokens | null {
    return requiresAccessToken ? this.#tokens : null;
  }

  #number(): string {
    return String(this.#files).padStart(6, "0");
  }
}

/** Files of each fetch stand in a folder of its own, counted from 1. */
function lastPart({ manifest: { files } }: Snapshot): number {
  return Math.max(0, ...files.map(({ path }) => Number(/^data\/(\d+)\//.exec(path)?.[1] ?? 0)));
}
