/** What a migration may use, so that one text serves both databases. */

import { sql, type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, type Transaction } from "kysely";

import type { StoreSchema } from "../schema.ts";

/** Where the two databases' column types differ. */
export interface ColumnTypes {
  readonly dialect: "sqlite" | "postgres";
  /** 64 bits. */
  readonly whole: "integer" | "bigint";
  /** A key that the database counts up. */
  readonly generatedKey: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
}

/** Brings a store to the next version, inside one transaction. It is never changed once released. */
export type Migration = (db: Transaction<StoreSchema>, types: ColumnTypes) => Promise<void>;

export const COLUMN_TYPES: Record<ColumnTypes["dialect"], ColumnTypes> = {
  sqlite: { dialect: "sqlite", whole: "integer", generatedKey: (column) => column.primaryKey() },
  postgres: {
    dialect: "postgres",
    whole: "bigint",
    generatedKey: (column) => column.primaryKey().generatedAlwaysAsIdentity(),
  },
};

/** A table whose column types the database holds to: SQLite needs to be told. */
export function createTable<T extends string>(
  db: Kysely<StoreSchema>,
  { dialect }: ColumnTypes,
  name: T,
): CreateTableBuilder<T> {
  const table = db.schema.createTable(name);
  return dialect === "sqlite" ? table.modifyEnd(sql`strict`) : table;
}
