/** Erasing a patient: what goes, and what stays so that everybody else's leaves and proofs stand. */

import type { Kysely, Transaction } from "kysely";

import { readErasurePlace, writeErase, type ErasedHere } from "../erase/request.ts";
import { fitsBetween, type ErasurePlace } from "../erase/place.ts";
import { readEndorseRequest } from "../endorse/request.ts";
import type { Day } from "../../terms/model.ts";
import { toHex, type Hex } from "../report/bytes.ts";
import { enrolmentHashes, isErased } from "../report/enrolment.ts";
import { HASH, hashHeldLeaves } from "../report/leaf.ts";
import { placeOf, type AgreementId } from "../report/messages.ts";
import { messageSchema } from "../report/wire.ts";
import { storedPatients } from "./patients.ts";
import { leafOf } from "./reports.ts";
import { lockStore, ofAgreement } from "./rows.ts";
import type { StoreSchema } from "./schema.ts";

/** What is to be erased, and on whose word. */
export interface Erasure {
  readonly patientKey: Hex;
  readonly mark: Hex;
  readonly place: ErasurePlace | null;
  /** The operator who asked. */
  readonly operator: string;
  /** The chain's day. */
  readonly day: Day;
}

export interface StoredErasures {
  /** Marks of the patients who were enrolled and erased. */
  marks(agreement: AgreementId): Promise<Set<Hex>>;
  addMarks(agreement: AgreementId, marks: readonly Hex[]): Promise<void>;
  dropMarks(agreement: AgreementId): Promise<void>;
  /** Proposed enrolments that name a patient and whose endorsement still counts, by root. */
  endorsedWith(agreement: AgreementId, patientKey: Hex, today: Day): Promise<{ root: Hex; lastDay: Day }[]>;
  /** Roots of the reports that have a leaf for a patient. */
  reportedWith(agreement: AgreementId, patientKey: Hex): Promise<Hex[]>;
  /**
   * Everything at once or nothing. Of two erasures of one place, asked for by two operators at a time, the one with the
   * lower key stands, on every node, in whatever order they come.
   */
  erase(agreement: AgreementId, erasure: Erasure): Promise<ErasedHere | "not held" | "another patient">;
  /** The erasure of a patient that not every operator has confirmed. */
  outstanding(agreement: AgreementId, mark: Hex): Promise<ErasurePlace | null>;
  begin(agreement: AgreementId, mark: Hex, place: ErasurePlace): Promise<void>;
  /** All have confirmed: nothing links her mark to her place any more. */
  end(agreement: AgreementId, mark: Hex): Promise<void>;
}

export function storedErasures(db: Kysely<StoreSchema>): StoredErasures {
  return {
    marks: async (agreement) => {
      const rows = await db.selectFrom("erased_mark").select("mark").where(ofAgreement(agreement)).execute();
      return new Set(rows.map(({ mark }) => mark));
    },
    addMarks: (agreement, marks) =>
      db.transaction().execute(async (transaction) => {
        for (const mark of marks) await addMark(transaction, agreement, mark);
      }),
    dropMarks: async (agreement) => {
      await db.deleteFrom("erased_mark").where(ofAgreement(agreement)).execute();
    },
    endorsedWith: async (agreement, patientKey, today) => {
      const rows = await db
        .selectFrom("endorsed")
        .select(["request", "last_day"])
        .where(ofAgreement(agreement))
        .where("kind", "=", "enrolment")
        .where("last_day", ">=", today)
        .execute();
      const named = await db
        .selectFrom("enrolled")
        .select("root")
        .where(ofAgreement(agreement))
        .where("patient_key", "=", patientKey)
        .execute();
      return rows
        .map(({ request, last_day: lastDay }) => ({ root: readEndorseRequest(request).content.message.root, lastDay }))
        .filter(({ root }) => named.some((row) => row.root === root));
    },
    reportedWith: async (agreement, patientKey) => {
      const rows = await db
        .selectFrom("leaf")
        .innerJoin("report", "report.id", "leaf.report")
        .select("report.root")
        .distinct()
        .where("report.chain_id", "=", agreement.chainId.toString())
        .where("report.agreement", "=", agreement.address)
        .where("leaf.patient_key", "=", patientKey)
        .execute();
      return rows.map(({ root }) => root);
    },
    erase: (agreement, erasure) =>
      db.transaction().execute(async (transaction) => {
        await lockStore(transaction);
        return eraseRows(transaction, agreement, erasure);
      }),
    outstanding: async (agreement, mark) => {
      const row = await db
        .selectFrom("erasure")
        .select("place")
        .where(ofAgreement(agreement))
        .where("mark", "=", mark)
        .executeTakeFirst();
      return row === undefined ? null : readErasurePlace(row.place);
    },
    begin: async (agreement, mark, place) => {
      const text = writeErase(place);
      await db
        .insertInto("erasure")
        .values({ ...columnsOf(agreement), mark, place: text })
        .onConflict((conflict) => conflict.columns(["chain_id", "agreement", "mark"]).doUpdateSet({ place: text }))
        .execute();
    },
    end: async (agreement, mark) => {
      await db.deleteFrom("erasure").where(ofAgreement(agreement)).where("mark", "=", mark).execute();
    },
  };
}

const columnsOf = ({ chainId, address }: AgreementId) => ({ chain_id: chainId.toString(), agreement: address });

async function addMark(transaction: Transaction<StoreSchema>, agreement: AgreementId, mark: Hex): Promise<void> {
  await transaction
    .insertInto("erased_mark")
    .values({ ...columnsOf(agreement), mark })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function eraseRows(
  transaction: Transaction<StoreSchema>,
  agreement: AgreementId,
  { patientKey, mark, place, operator, day }: Erasure,
): Promise<ErasedHere | "not held" | "another patient"> {
  let held = false;
  let replacement: Hex | null = null;
  if (place !== null) {
    const entries = await storedPatients(transaction).of(agreement, place.root);
    const entry = entries[place.position];
    if (entry === undefined) return "not held";
    const own = isErased(entry) ? null : entry.patientKey;
    if ((own !== null && own !== patientKey) || !fitsBetween(entries, place.position, place.patientKey)) {
      return "another patient";
    }
    held = own !== null;
    replacement = own === null && entry.patientKey < place.patientKey ? entry.patientKey : place.patientKey;
    if (replacement === place.patientKey) {
      const at = place.position * HASH;
      const hashes = enrolmentHashes(entries, place.cohort, place.number);
      await transaction
        .updateTable("enrolled")
        .set({
          patient_key: place.patientKey,
          salt: place.salt,
          index_day: null,
          erased: toHex(hashes.slice(at, at + HASH)),
          erased_by: operator,
          erased_on: day,
        })
        .where(ofAgreement(agreement))
        .where("root", "=", place.root)
        .where("position", "=", place.position)
        .execute();
      if (own === null) await renameLeaves(transaction, agreement, entry.patientKey, place.patientKey);
    }
    await addMark(transaction, agreement, mark);
  }
  const reports = replacement === null ? [] : await eraseLeaves(transaction, agreement, patientKey, replacement);
  // Proposals with her that never landed.
  const proposals = await transaction
    .deleteFrom("enrolled")
    .where(ofAgreement(agreement))
    .where("patient_key", "=", patientKey)
    .executeTakeFirst();
  return { status: "erased", held: held || proposals.numDeletedRows > 0n || reports.length > 0, reports };
}

const reportsOf = (transaction: Transaction<StoreSchema>, agreement: AgreementId) =>
  transaction.selectFrom("report").select("id").where(ofAgreement(agreement));

async function renameLeaves(
  transaction: Transaction<StoreSchema>,
  agreement: AgreementId,
  from: Hex,
  to: Hex,
): Promise<void> {
  await transaction
    .updateTable("leaf")
    .set({ patient_key: to })
    .where("patient_key", "=", from)
    .where("report", "in", reportsOf(transaction, agreement))
    .execute();
}

async function eraseLeaves(
  transaction: Transaction<StoreSchema>,
  agreement: AgreementId,
  patientKey: Hex,
  replacement: Hex,
): Promise<ErasedHere["reports"]> {
  const rows = await transaction
    .selectFrom("leaf")
    .selectAll()
    .where("patient_key", "=", patientKey)
    .where("report", "in", reportsOf(transaction, agreement))
    .execute();
  const nothing = {
    tier: null,
    batch: null,
    value: null,
    running_sum: null,
    blind: null,
    evidence: null,
    reason: null,
  };
  for (const row of rows) {
    await transaction
      .updateTable("leaf")
      .set({ ...nothing, patient_key: replacement, erased: toHex(hashHeldLeaves([leafOf(row)])) })
      .where("report", "=", row.report)
      .where("position", "=", row.position)
      .execute();
  }
  const messages = await transaction
    .selectFrom("report")
    .select("message")
    .where("id", "in", [-1, ...rows.map(({ report }) => report)])
    .orderBy("id")
    .execute();
  const places = messages.map(({ message }) => placeOf(messageSchema.parse(JSON.parse(message))));
  const seen = new Map(
    places.map(({ clause, cohort, number }) => [
      `${clause}/${cohort}/${number}`,
      { clause: clause ?? 0, cohort, number },
    ]),
  );
  return [...seen.values()];
}
