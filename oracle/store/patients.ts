/** The patients of enrolments with their salts: what leaves are recomputed from. */

import type { Kysely } from "kysely";

import type { Hex } from "../report/bytes.ts";
import { isErased, type HeldEntry } from "../report/enrolment.ts";
import type { AgreementId } from "../report/messages.ts";
import { chunks } from "./database.ts";
import { ofAgreement } from "./rows.ts";
import type { EnrolledTable, StoreSchema } from "./schema.ts";

export interface StoredPatients {
  /**
   * Keeps the patients of a proposed enrolment, in the order of the tree; only what the chain then shows counts as
   * enrolled. Does nothing where they are held already.
   */
  save(agreement: AgreementId, cohort: number, number: number, root: Hex, entries: readonly HeldEntry[]): Promise<void>;
  /** The patients behind a root, in the order of the tree; empty when they are not held here. */
  of(agreement: AgreementId, root: Hex): Promise<HeldEntry[]>;
  /** The patients behind every root that is held. */
  byRoot(agreement: AgreementId): Promise<Map<Hex, HeldEntry[]>>;
}

export function storedPatients(db: Kysely<StoreSchema>): StoredPatients {
  return {
    save: (agreement, cohort, number, root, entries) =>
      db.transaction().execute(async (transaction) => {
        const at = { chain_id: agreement.chainId.toString(), agreement: agreement.address, root, cohort, number };
        const rows = entries.map((entry, position) => ({ ...at, position, ...rowOf(entry) }));
        for (const part of chunks(rows)) {
          await transaction
            .insertInto("enrolled")
            .values(part)
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        }
      }),
    of: async (agreement, root) => {
      const rows = await db
        .selectFrom("enrolled")
        .selectAll()
        .where(ofAgreement(agreement))
        .where("root", "=", root)
        .orderBy("position")
        .execute();
      return rows.map(entryOf);
    },
    byRoot: async (agreement) => {
      const rows = await db
        .selectFrom("enrolled")
        .selectAll()
        .where(ofAgreement(agreement))
        .orderBy("root")
        .orderBy("position")
        .execute();
      const found = new Map<Hex, HeldEntry[]>();
      for (const row of rows) {
        const entries = found.get(row.root) ?? [];
        entries.push(entryOf(row));
        found.set(row.root, entries);
      }
      return found;
    },
  };
}

function rowOf(
  entry: HeldEntry,
): Omit<EnrolledTable, "chain_id" | "agreement" | "root" | "position" | "cohort" | "number"> {
  const { patientKey: patient_key, salt } = entry;
  return isErased(entry)
    ? { patient_key, salt, index_day: null, erased: entry.leafHash, erased_by: null, erased_on: null }
    : { patient_key, salt, index_day: entry.indexDay, erased: null, erased_by: null, erased_on: null };
}

function entryOf({ patient_key, index_day, salt, erased }: EnrolledTable): HeldEntry {
  return index_day === null
    ? { patientKey: patient_key, salt, leafHash: erased ?? "0x" }
    : { patientKey: patient_key, salt, indexDay: index_day };
}
