/** What the tests of server sources share. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseSource, type Source } from "../../../oracle/intake/config.ts";
import { loadSource, type Loaded } from "../../../oracle/intake/load.ts";
import { snapshotFolder } from "../../../oracle/intake/server/snapshot.ts";
import type { ServerSurroundings } from "../../../oracle/intake/server/surroundings.ts";
import type { Day } from "../../../terms/model.ts";
import { on } from "../support.ts";

/** After everything that a test's server records. */
export const LATER = on("2040-01-01");

/** A clock that waits move, so that tests don't. */
export class Surroundings implements ServerSurroundings {
  readonly env: Record<string, string> = {};
  readonly notes: string[] = [];
  readonly waits: number[] = [];
  readonly signal: AbortSignal;
  time = Date.parse("2026-03-01T12:00:00Z");
  readonly #controller = new AbortController();

  constructor() {
    this.signal = this.#controller.signal;
  }

  readonly now = (): number => this.time;
  readonly note = (line: string): void => void this.notes.push(line);
  readonly sleep = (milliseconds: number): Promise<void> => {
    this.waits.push(milliseconds);
    this.time += milliseconds;
    return Promise.resolve();
  };
  stop(): void {
    this.#controller.abort();
  }
}

/** A folder of its own for a test's snapshots and secrets. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "outcomepay-server-"));
  readonly surroundings = new Surroundings();

  source(settings: Readonly<Record<string, unknown>>): Source {
    return parseSource({ kind: "fhir-server", ...settings }, this.folder);
  }

  load(settings: Readonly<Record<string, unknown>>, asOf: Day = LATER): Promise<Loaded> {
    return loadSource(this.source(settings), { asOf, server: this.surroundings });
  }

  /** Folder of the source's snapshots. */
  store(settings: Readonly<Record<string, unknown>>): string {
    const { config } = this.source(settings);
    if (config.kind !== "fhir-server") throw new TypeError("no server");
    return join(this.folder, config.snapshots, snapshotFolder(config));
  }

  /** What is in it. */
  snapshots(settings: Readonly<Record<string, unknown>>): string[] {
    const store = this.store(settings);
    return existsSync(store) ? readdirSync(store) : [];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Records without the versions of their resources, which every server numbers its own way. */
export function unversioned<T>(records: T): T {
  const text = JSON.stringify(records, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  return JSON.parse(text.replace(/\/_history\/[A-Za-z0-9.-]+/g, "")) as T;
}

/** The error that a promise ends with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("expected an error, found none");
}
