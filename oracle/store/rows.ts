/** What several tables share. */

import { sql, type Expression, type ExpressionBuilder, type SqlBool, type Transaction } from "kysely";

import type { AgreementId } from "../report/messages.ts";
import type { StoreSchema } from "./schema.ts";

type OfAgreement = "endorsed" | "enrolled" | "report" | "erased_mark" | "erasure";

/** The rows of one agreement. */
export function ofAgreement({ chainId, address }: AgreementId) {
  return <T extends OfAgreement>(eb: ExpressionBuilder<StoreSchema, T>): Expression<SqlBool> => {
    const of = eb as unknown as ExpressionBuilder<StoreSchema, OfAgreement>;
    return of.and([of("chain_id", "=", chainId.toString()), of("agreement", "=", address)]);
  };
}

/** Until the transaction ends no other erases or keeps a report: SQLite does so by itself, PostgreSQL by a row's lock. */
export async function lockStore(transaction: Transaction<StoreSchema>): Promise<void> {
  await transaction
    .updateTable("store_version")
    .set({ version: sql`version` })
    .execute();
}
