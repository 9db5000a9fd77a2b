/**
 * What was endorsed for each place, kept in the operator's store. The patients of an enrolment are not kept with the
 * request, only where they were put before it was endorsed: what is erased there is erased.
 */

import type { Kysely } from "kysely";

import type { EndorsementLog } from "../endorse/endorser.ts";
import { readEndorseRequest, writeRequest, type EndorseRequest } from "../endorse/request.ts";
import { unerased } from "../report/enrolment.ts";
import type { AgreementId, Place } from "../report/messages.ts";
import { storedPatients } from "./patients.ts";
import type { StoreSchema } from "./schema.ts";

export interface StoredEndorsements extends EndorsementLog {
  /** The request that holds a place; null while none was endorsed. */
  holder(agreement: AgreementId, place: Place): Promise<EndorseRequest | null>;
}

export function storedEndorsements(db: Kysely<StoreSchema>): StoredEndorsements {
  return {
    holder: (agreement, place) => holderOf(db, agreement, place),
    claim: (agreement, place, request, today) =>
      db.transaction().execute(async (transaction) => {
        const { digest } = request;
        const { lastDay } = request.content.message;
        const text = writeRequest({ ...request, entries: [] });
        // One statement, which locks the row in both databases: of two claims at once the second sees what the first did.
        await transaction
          .insertInto("endorsed")
          .values({ ...keyOf(agreement, place), digest, last_day: lastDay, request: text })
          .onConflict((conflict) =>
            conflict
              .columns(["chain_id", "agreement", "kind", "clause", "cohort", "number"])
              .doUpdateSet({ digest, last_day: lastDay, request: text })
              .where("endorsed.digest", "!=", digest)
              .where("endorsed.last_day", "<", today),
          )
          .execute();
        const holder = await holderOf(transaction, agreement, place);
        if (holder === null) throw new Error("a claimed place has no holder");
        return holder;
      }),
  };
}

/** Patients who were erased meanwhile are left out of what is read back. */
async function holderOf(db: Kysely<StoreSchema>, agreement: AgreementId, place: Place): Promise<EndorseRequest | null> {
  const row = await db
    .selectFrom("endorsed")
    .select("request")
    .where((eb) => eb.and(keyOf(agreement, place)))
    .executeTakeFirst();
  if (row === undefined) return null;
  const request = readEndorseRequest(row.request);
  if (request.content.kind !== "enrolment") return request;
  const entries = await storedPatients(db).of(agreement, request.content.message.root);
  return { ...request, entries: unerased(entries) };
}

const NO_CLAUSE = -1;

function keyOf({ chainId, address }: AgreementId, { kind, clause, cohort, number }: Place) {
  return { chain_id: chainId.toString(), agreement: address, kind, clause: clause ?? NO_CLAUSE, cohort, number };
}
