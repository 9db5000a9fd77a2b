/** Endorsements, patients, reports, erasures. */

import { sql } from "kysely";

import { createTable, type Migration } from "./migration.ts";

export const first: Migration = async (db, types) => {
  await createTable(db, types, "endorsed")
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("agreement", "text", (col) => col.notNull())
    .addColumn("kind", "text", (col) => col.notNull())
    .addColumn("clause", types.whole, (col) => col.notNull())
    .addColumn("cohort", types.whole, (col) => col.notNull())
    .addColumn("number", types.whole, (col) => col.notNull())
    .addColumn("digest", "text", (col) => col.notNull())
    .addColumn("last_day", types.whole, (col) => col.notNull())
    .addColumn("request", "text", (col) => col.notNull())
    .addPrimaryKeyConstraint("endorsed_place", ["chain_id", "agreement", "kind", "clause", "cohort", "number"])
    .execute();

  await createTable(db, types, "enrolled")
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("agreement", "text", (col) => col.notNull())
    .addColumn("root", "text", (col) => col.notNull())
    .addColumn("position", types.whole, (col) => col.notNull())
    .addColumn("cohort", types.whole, (col) => col.notNull())
    .addColumn("number", types.whole, (col) => col.notNull())
    .addColumn("patient_key", "text", (col) => col.notNull())
    .addColumn("index_day", types.whole)
    .addColumn("salt", "text", (col) => col.notNull())
    .addColumn("erased", "text")
    .addColumn("erased_by", "text")
    .addColumn("erased_on", types.whole)
    .addPrimaryKeyConstraint("enrolled_position", ["chain_id", "agreement", "root", "position"])
    .addCheckConstraint("enrolled_whole", sql`(index_day is null) = (erased is not null)`)
    .execute();
  await db.schema
    .createIndex("enrolled_by_key")
    .unique()
    .on("enrolled")
    .columns(["chain_id", "agreement", "patient_key", "root"])
    .execute();

  await createTable(db, types, "report")
    .addColumn("id", types.whole, types.generatedKey)
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("agreement", "text", (col) => col.notNull())
    .addColumn("digest", "text", (col) => col.notNull())
    .addColumn("root", "text", (col) => col.notNull())
    .addColumn("message", "text", (col) => col.notNull())
    .addColumn("snapshot", "text", (col) => col.notNull())
    .addColumn("rules", "text", (col) => col.notNull())
    .addColumn("code", "text", (col) => col.notNull())
    .addUniqueConstraint("report_digest", ["chain_id", "agreement", "digest"])
    .execute();
  await db.schema.createIndex("report_by_root").on("report").columns(["chain_id", "agreement", "root"]).execute();

  await createTable(db, types, "leaf")
    .addColumn("report", types.whole, (col) => col.notNull().references("report.id"))
    .addColumn("position", types.whole, (col) => col.notNull())
    .addColumn("tier", types.whole)
    .addColumn("patient_key", "text", (col) => col.notNull())
    .addColumn("batch", types.whole)
    .addColumn("value", "text")
    .addColumn("running_sum", "text")
    .addColumn("blind", "text")
    .addColumn("evidence", "text")
    .addColumn("reason", "text")
    .addColumn("erased", "text")
    .addPrimaryKeyConstraint("leaf_position", ["report", "position"])
    .addCheckConstraint("leaf_whole", sql`(blind is null) = (erased is not null)`)
    .execute();
  await db.schema.createIndex("leaf_by_key").on("leaf").columns(["patient_key"]).execute();

  await createTable(db, types, "erased_mark")
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("agreement", "text", (col) => col.notNull())
    .addColumn("mark", "text", (col) => col.notNull())
    .addPrimaryKeyConstraint("erased_mark_key", ["chain_id", "agreement", "mark"])
    .execute();

  await createTable(db, types, "erasure")
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("agreement", "text", (col) => col.notNull())
    .addColumn("mark", "text", (col) => col.notNull())
    .addColumn("place", "text", (col) => col.notNull())
    .addPrimaryKeyConstraint("erasure_key", ["chain_id", "agreement", "mark"])
    .execute();
};
