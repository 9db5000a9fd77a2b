/** The patients of enrolments with their salts: what leaves are recomputed from. Erasing a patient deletes her rows. */

import type { DatabaseSync } from "node:sqlite";

import type { Day } from "../../terms/model.ts";
import type { Hex } from "../report/bytes.ts";
import type { EnrolmentEntry } from "../report/enrolment.ts";
import type { AgreementId } from "../report/messages.ts";
import { inTransaction } from "./database.ts";

export interface StoredPatients {
  /** Keeps the patients of a proposed enrolment; only what the chain then shows counts as enrolled. */
  save(agreement: AgreementId, cohort: number, number: number, root: Hex, entries: readonly EnrolmentEntry[]): void;
  /** The patients behind a root, ordered by key; empty when they are not held here. */
  of(agreement: AgreementId, root: Hex): EnrolmentEntry[];
}

export function storedPatients(database: DatabaseSync): StoredPatients {
  const put = database.prepare(
    `INSERT OR IGNORE INTO enrolled (chain_id, agreement, root, cohort, number, patient_key, index_day, salt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = database.prepare(
    `SELECT patient_key, index_day, salt FROM enrolled
     WHERE chain_id = ? AND agreement = ? AND root = ? ORDER BY patient_key`,
  );
  return {
    save: (agreement, cohort, number, root, entries) =>
      inTransaction(database, () => {
        const at = [agreement.chainId.toString(), agreement.address, root, cohort, number] as const;
        for (const { patientKey, indexDay, salt } of entries) put.run(...at, patientKey, indexDay, salt);
      }),
    of: (agreement, root) =>
      find.all(agreement.chainId.toString(), agreement.address, root).map((row) => ({
        patientKey: row["patient_key"] as Hex,
        indexDay: row["index_day"] as Day,
        salt: row["salt"] as Hex,
      })),
  };
}
