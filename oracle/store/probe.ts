/** Whether a store can be written. */

import type { Kysely } from "kysely";

import type { StoreSchema } from "./schema.ts";

/** Writes something, and takes it back. Rejects when it can't. */
export async function probeStore(db: Kysely<StoreSchema>): Promise<void> {
  const transaction = await db.startTransaction().execute();
  try {
    await transaction
      .updateTable("store_version")
      .set((build) => ({ version: build.ref("version") }))
      .execute();
  } finally {
    await transaction.rollback().execute();
  }
}
