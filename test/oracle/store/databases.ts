/** The two databases that a store can be on, each test with an empty one of its own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findPostgres, startPostgres, type Postgres } from "../../../scripts/local/postgres.ts";

export interface TestDatabase {
  readonly name: string;
  /** Location of an empty store. */
  fresh(): Promise<string>;
}

let count = 0;
let folder: string | undefined;
let server: Promise<Postgres> | undefined;

export const SQLITE: TestDatabase = {
  name: "SQLite",
  fresh: () => {
    if (folder === undefined) {
      const made = mkdtempSync(join(tmpdir(), "stores-"));
      process.once("exit", () => rmSync(made, { recursive: true, force: true }));
      folder = made;
    }
    return Promise.resolve(join(folder, `${(count += 1)}.sqlite`));
  },
};

export const POSTGRES: TestDatabase = {
  name: "PostgreSQL",
  fresh: async () => {
    server ??= start();
    return (await server).create(`store_${(count += 1)}`);
  },
};

async function start(): Promise<Postgres> {
  const bin = findPostgres();
  if (bin === null) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  const started = await startPostgres(bin);
  process.once("exit", () => started.destroy());
  return started;
}

/** The same tests on both. Without PostgreSQL its half fails where CI runs and is skipped, with a notice, elsewhere. */
export function onBothDatabases(title: string, tests: (database: TestDatabase) => void): void {
  describe(`${title} on SQLite`, () => tests(SQLITE));
  describe(`${title} on PostgreSQL`, function () {
    this.timeout(120_000);
    before(async function () {
      if (findPostgres() === null && process.env["CI"] === undefined) {
        console.warn("      skipped: PostgreSQL is not installed (apt-get install postgresql)");
        this.skip();
      }
      server ??= start();
      await server;
    });
    tests(POSTGRES);
  });
}
