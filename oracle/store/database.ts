/** One operator's store: an SQLite file, memory, or a PostgreSQL database. */

import { setTimeout as delay } from "node:timers/promises";

import { Kysely, sql } from "kysely";

import { isPostgres } from "./location.ts";
import { migrate } from "./migrations/index.ts";
import { postgresDialect } from "./postgres.ts";
import type { StoreSchema } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export interface Database {
  readonly db: Kysely<StoreSchema>;
  /**
   * Leaves nothing of deleted rows in the files: rewrites the tables (PostgreSQL), empties the log (SQLite).
   * @returns whether that could be done; not while another connection reads on.
   */
  shred(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens a store and brings it up to date.
 * @param location A file, `:memory:`, or a `postgres://` URL.
 * @throws StoreVersionError when the store was written by a later version; what the database says when it can't be opened.
 */
export async function openDatabase(location: string): Promise<Database> {
  const dialect = isPostgres(location) ? "postgres" : "sqlite";
  const db = new Kysely<StoreSchema>({
    dialect: dialect === "postgres" ? postgresDialect(location) : sqliteDialect(location),
  });
  try {
    await migrate(db, dialect);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    db,
    shred: () => (dialect === "postgres" ? rewriteTables(db) : emptyLog(db)),
    close: () => db.destroy(),
  };
}

async function rewriteTables(db: Kysely<StoreSchema>): Promise<boolean> {
  await sql`vacuum (full) endorsed, enrolled, report, leaf, erased_mark, erasure`.execute(db);
  return true;
}

async function emptyLog(db: Kysely<StoreSchema>): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
    if (rows[0]?.busy === 0) return true;
    await delay(PAUSE);
  }
  return false;
}

/** How often the log is tried, and the milliseconds between. */
const ATTEMPTS = 50;
const PAUSE = 20;

/** Rows of one statement: databases limit the number of values. */
const ROWS = 500;

/** Parts of a list that fit into one statement each. */
export function chunks<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, i) => rows.slice(i * ROWS, (i + 1) * ROWS));
}
