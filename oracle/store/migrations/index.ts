/** Brings a store up to date. */

import { sql, type Kysely } from "kysely";

import type { StoreSchema } from "../schema.ts";
import { first } from "./0001-first.ts";
import { outbox } from "./0002-outbox.ts";
import { COLUMN_TYPES, type ColumnTypes, type Migration } from "./migration.ts";

/** In order: a store's version is how many of them it went through. New ones come at the end. */
export const MIGRATIONS: readonly Migration[] = [first, outbox];

/** The store is not one that this program can use. */
export class StoreVersionError extends Error {
  override readonly name = "StoreVersionError";
}

/** Any number that no other program takes on the same PostgreSQL database: the text `outcomep` in ASCII. */
const LOCK = 0x6f7574636f6d6570n;

/**
 * All or nothing; of several processes that open a store at once one does it and the others wait.
 * @throws StoreVersionError when a later version wrote the store, or an unreleased one.
 */
export async function migrate(
  db: Kysely<StoreSchema>,
  dialect: ColumnTypes["dialect"],
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (dialect === "postgres")
      await sql`select pg_advisory_xact_lock(${LOCK.toString()}::bigint)`.execute(transaction);
    const types = COLUMN_TYPES[dialect];
    await transaction.schema
      .createTable("store_version")
      .ifNotExists()
      .addColumn("version", types.whole, (col) => col.notNull())
      .execute();
    const row = await transaction.selectFrom("store_version").select("version").executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > migrations.length) {
      throw new StoreVersionError(`the store has version ${version}, this program knows up to ${migrations.length}`);
    }
    if (row === undefined && dialect === "sqlite") await refuseUnversioned(transaction);
    for (const migration of migrations.slice(version)) await migration(transaction, types);
    const now = { version: migrations.length };
    if (row === undefined) await transaction.insertInto("store_version").values(now).execute();
    else if (version < migrations.length) await transaction.updateTable("store_version").set(now).execute();
  });
}

/** Stores from before this table counted in SQLite's own field. */
async function refuseUnversioned(db: Kysely<StoreSchema>): Promise<void> {
  const { rows } = await sql<{ user_version: number }>`pragma user_version`.execute(db);
  if (rows[0]?.user_version === 0) return;
  throw new StoreVersionError("the file is a store of an unreleased version, or another program's: name another file");
}
