/** Calls to the chain with every transaction signed for them, and who may use an account's nonces. */

import { createTable, type Migration } from "./migration.ts";

export const outbox: Migration = async (db, types) => {
  await createTable(db, types, "outbox_call")
    .addColumn("id", types.whole, types.generatedKey)
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("account", "text", (col) => col.notNull())
    .addColumn("nonce", types.whole, (col) => col.notNull())
    .addColumn("target", "text", (col) => col.notNull())
    .addColumn("intent", "text", (col) => col.notNull())
    .addColumn("data", "text", (col) => col.notNull())
    .addColumn("state", "text", (col) => col.notNull())
    .addColumn("block_number", types.whole)
    .addColumn("block_hash", "text")
    .addColumn("planned_at", types.whole, (col) => col.notNull())
    .execute();
  await db.schema
    .createIndex("outbox_call_by_state")
    .on("outbox_call")
    .columns(["chain_id", "account", "state", "nonce"])
    .execute();

  await createTable(db, types, "outbox_attempt")
    .addColumn("call", types.whole, (col) => col.notNull().references("outbox_call.id"))
    .addColumn("position", types.whole, (col) => col.notNull())
    .addColumn("hash", "text", (col) => col.notNull())
    .addColumn("raw", "text", (col) => col.notNull())
    .addColumn("gas_limit", "text", (col) => col.notNull())
    .addColumn("max_fee", "text", (col) => col.notNull())
    .addColumn("max_tip", "text")
    .addColumn("signed_at", types.whole, (col) => col.notNull())
    .addPrimaryKeyConstraint("outbox_attempt_position", ["call", "position"])
    .execute();

  await createTable(db, types, "account_lease")
    .addColumn("chain_id", "text", (col) => col.notNull())
    .addColumn("account", "text", (col) => col.notNull())
    .addColumn("holder", "text", (col) => col.notNull())
    .addColumn("until", types.whole, (col) => col.notNull())
    .addPrimaryKeyConstraint("account_lease_account", ["chain_id", "account"])
    .execute();
};
