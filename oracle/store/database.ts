/** One operator's store: an SQLite file, memory, or a PostgreSQL database. */

import { Kysely, sql } from "kysely";

import { isPostgres } from "./location.ts";
import { migrate } from "./migrations/index.ts";
import { postgresDialect } from "./postgres.ts";
import type { StoreSchema } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export interface Database {
  readonly db: Kysely<StoreSchema>;
  /** Leaves nothing of deleted rows in the files: rewrites the tables (PostgreSQL), empties the log (SQLite). */
  shred(): Promise<void>;
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
    shred: async () => {
      await (dialect === "postgres"
        ? sql`vacuum (full) endorsed, enrolled, report, leaf`.execute(db)
        : sql`pragma wal_checkpoint(truncate)`.execute(db));
    },
    close: () => db.destroy(),
  };
}

/** Rows of one statement: databases limit the number of values. */
const ROWS = 500;

/** Parts of a list that fit into one statement each. */
export function chunks<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, i) => rows.slice(i * ROWS, (i + 1) * ROWS));
}
