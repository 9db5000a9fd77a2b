/** Every report this operator computed and was ready to sign: its leaves in order and what stands behind each. */

import type { Kysely } from "kysely";

import type { Evidence } from "../report/build.ts";
import type { Hex } from "../report/bytes.ts";
import type { ErasedLeaf, ReportLeaf } from "../report/leaf.ts";
import { digestOf, type AgreementId, type OracleMessage } from "../report/messages.ts";
import { messageSchema, toJson } from "../report/wire.ts";
import { chunks } from "./database.ts";
import { lockStore, ofAgreement } from "./rows.ts";
import type { LeafTable, StoreSchema } from "./schema.ts";

/** A leaf with what stands behind it. */
export type EvidencedLeaf = ReportLeaf & Evidence;

export type HeldLeaf = EvidencedLeaf | ErasedLeaf;

/** From what a report was computed. */
export interface Provenance {
  /** Names the set of records. */
  readonly snapshot: string;
  /** Version of the clinical rules. */
  readonly rules: string;
}

export interface KeptReport extends Provenance {
  readonly content: OracleMessage;
  /** In the order of the tree. */
  readonly leaves: readonly EvidencedLeaf[];
}

/** A patient was erased while a report was computed: it has to be computed again. */
export class ErasedMeanwhile extends Error {
  override readonly name = "ErasedMeanwhile";
}

/** A report as it is read back. */
export interface HeldReport extends Provenance {
  readonly content: OracleMessage;
  /** Version of the program that computed it. */
  readonly code: string;
  readonly leaves: readonly HeldLeaf[];
}

export interface StoredReports {
  /**
   * @param erased How many places of erased patients there were when the report was computed.
   * @throws ErasedMeanwhile when there are others by now: what is erased does not come back with an older computation.
   */
  save(agreement: AgreementId, report: KeptReport, erased: number): Promise<void>;
  /** The report behind a root, of several the one computed last; null when none is held here. */
  of(agreement: AgreementId, root: Hex): Promise<HeldReport | null>;
  /** The leaves behind a root, in order; empty when they are not held here. */
  leavesOf(agreement: AgreementId, root: Hex): Promise<HeldLeaf[]>;
  /** The patients behind a root by key, in order; empty when they are not held here. */
  keysOf(agreement: AgreementId, root: Hex): Promise<Hex[]>;
}

/** @param code Version of the program, kept with each report. */
export function storedReports(db: Kysely<StoreSchema>, code: string): StoredReports {
  const last = (agreement: AgreementId, root: Hex) =>
    db.selectFrom("report").where(ofAgreement(agreement)).where("root", "=", root).orderBy("id", "desc").limit(1);

  async function leavesOf(agreement: AgreementId, root: Hex): Promise<HeldLeaf[]> {
    const rows = await db
      .selectFrom("leaf")
      .selectAll()
      .where("report", "=", last(agreement, root).select("id"))
      .orderBy("position")
      .execute();
    return rows.map(leafOf);
  }

  return {
    leavesOf,
    of: async (agreement, root) => {
      const row = await last(agreement, root).selectAll().executeTakeFirst();
      if (row === undefined) return null;
      const { message, snapshot, rules, code: by } = row;
      const content = messageSchema.parse(JSON.parse(message));
      return { content, snapshot, rules, code: by, leaves: await leavesOf(agreement, root) };
    },
    keysOf: async (agreement, root) => {
      const rows = await db
        .selectFrom("leaf")
        .select("patient_key")
        .where("report", "=", last(agreement, root).select("id"))
        .orderBy("position")
        .execute();
      return rows.map((row) => row.patient_key);
    },
    save: (agreement, { content, snapshot, rules, leaves }, erased) =>
      db.transaction().execute(async (transaction) => {
        await lockStore(transaction);
        const { places } = await transaction
          .selectFrom("enrolled")
          .select(({ fn }) => fn.countAll<number>().as("places"))
          .where(ofAgreement(agreement))
          .where("erased", "is not", null)
          .executeTakeFirstOrThrow();
        if (places !== erased) throw new ErasedMeanwhile("a patient was erased while the report was computed");
        const { chainId, address } = agreement;
        const row = await transaction
          .insertInto("report")
          .values({
            chain_id: chainId.toString(),
            agreement: address,
            digest: digestOf(agreement, content),
            root: content.message.root,
            message: toJson(content),
            snapshot,
            rules,
            code,
          })
          .onConflict((conflict) => conflict.columns(["chain_id", "agreement", "digest"]).doNothing())
          .returning("id")
          .executeTakeFirst();
        if (row === undefined) return;
        const rows = leaves.map((leaf, position) => ({ report: row.id, position, ...rowOf(leaf) }));
        for (const part of chunks(rows)) await transaction.insertInto("leaf").values(part).execute();
      }),
  };
}

function rowOf(leaf: EvidencedLeaf): Omit<LeafTable, "report" | "position"> {
  const { tier, patientKey, batch, value, runningSum, blind, evidence, reason } = leaf;
  return {
    tier,
    patient_key: patientKey,
    batch,
    value: value.toString(),
    running_sum: runningSum.toString(),
    blind,
    evidence: JSON.stringify(evidence),
    reason,
    erased: null,
  };
}

/** A leaf as it is held. */
export function leafOf(row: LeafTable): HeldLeaf {
  const { tier, patient_key: patientKey, batch, value, running_sum, blind, evidence, reason, erased } = row;
  if (erased !== null) return { patientKey, leafHash: erased };
  if (tier === null || batch === null || value === null || running_sum === null || blind === null) {
    throw new Error(`leaf ${row.position} of report ${row.report} is incomplete`);
  }
  const resources = JSON.parse(evidence ?? "[]") as string[];
  return {
    tier,
    patientKey,
    batch,
    value: BigInt(value),
    runningSum: BigInt(running_sum),
    blind,
    evidence: resources,
    reason,
  };
}
