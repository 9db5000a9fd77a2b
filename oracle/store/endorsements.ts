/** What was endorsed for each place, kept in the operator's store. */

import type { DatabaseSync } from "node:sqlite";

import type { EndorsementLog } from "../endorse/endorser.ts";
import { readEndorseRequest, writeRequest, type EndorseRequest } from "../endorse/request.ts";
import type { AgreementId, Place } from "../report/messages.ts";
import { inTransaction } from "./database.ts";

export interface StoredEndorsements extends EndorsementLog {
  /** The request that holds a place; null while none was endorsed. */
  holder(agreement: AgreementId, place: Place): EndorseRequest | null;
}

export function storedEndorsements(database: DatabaseSync): StoredEndorsements {
  const find = database.prepare(
    `SELECT request FROM endorsed
     WHERE chain_id = ? AND agreement = ? AND kind = ? AND clause = ? AND cohort = ? AND number = ?`,
  );
  const put = database.prepare(
    `INSERT OR REPLACE INTO endorsed (chain_id, agreement, kind, clause, cohort, number, digest, last_day, request)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function holder(agreement: AgreementId, place: Place): EndorseRequest | null {
    const row = find.get(...keyOf(agreement, place));
    return row === undefined ? null : readEndorseRequest(String(row["request"]));
  }

  return {
    holder,
    claim: (agreement, place, request, today) =>
      inTransaction(database, () => {
        const held = holder(agreement, place);
        if (held !== null && (held.digest === request.digest || held.content.message.lastDay >= today)) return held;
        const { lastDay } = request.content.message;
        put.run(...keyOf(agreement, place), request.digest, lastDay, writeRequest(request));
        return request;
      }),
  };
}

const NO_CLAUSE = -1;

function keyOf(
  agreement: AgreementId,
  { kind, clause, cohort, number }: Place,
): [string, string, string, number, number, number] {
  return [agreement.chainId.toString(), agreement.address, kind, clause ?? NO_CLAUSE, cohort, number];
}
