/** Conditions that several tables share. */

import type { Expression, ExpressionBuilder, SqlBool } from "kysely";

import type { AgreementId } from "../report/messages.ts";
import type { StoreSchema } from "./schema.ts";

type OfAgreement = "endorsed" | "enrolled" | "report";

/** The rows of one agreement. */
export function ofAgreement({ chainId, address }: AgreementId) {
  return <T extends OfAgreement>(eb: ExpressionBuilder<StoreSchema, T>): Expression<SqlBool> => {
    const of = eb as unknown as ExpressionBuilder<StoreSchema, OfAgreement>;
    return of.and([of("chain_id", "=", chainId.toString()), of("agreement", "=", address)]);
  };
}
