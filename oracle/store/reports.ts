/** Every report this operator computed and signed: its leaves in order and the resources behind each. */

import type { DatabaseSync } from "node:sqlite";

import type { Hex } from "../report/bytes.ts";
import type { Evidence } from "../report/build.ts";
import type { ReportLeaf } from "../report/leaf.ts";
import { digestOf, type AgreementId, type OracleMessage } from "../report/messages.ts";
import { toJson } from "../report/wire.ts";
import { inTransaction } from "./database.ts";

/** A leaf with what stands behind it. */
export type EvidencedLeaf = ReportLeaf & Evidence;

export interface KeptReport {
  readonly content: OracleMessage;
  /** Names the set of records that it was computed from. */
  readonly snapshot: string;
  /** In the order of the tree. */
  readonly leaves: readonly EvidencedLeaf[];
}

export interface StoredReports {
  save(agreement: AgreementId, report: KeptReport): void;
  /** The leaves behind a root, in order; empty when they are not held here. */
  leavesOf(agreement: AgreementId, root: Hex): EvidencedLeaf[];
}

export function storedReports(database: DatabaseSync): StoredReports {
  const putReport = database.prepare(
    `INSERT INTO report (chain_id, agreement, digest, root, message, snapshot) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (chain_id, agreement, digest) DO NOTHING RETURNING id`,
  );
  const putLeaf = database.prepare(
    `INSERT INTO leaf (report, position, tier, patient_key, batch, value, running_sum, blind, evidence, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const findLeaves = database.prepare(
    `SELECT tier, patient_key, batch, value, running_sum, blind, evidence, reason FROM leaf
     WHERE report = (SELECT max(id) FROM report WHERE chain_id = ? AND agreement = ? AND root = ?) ORDER BY position`,
  );
  return {
    save: (agreement, { content, snapshot, leaves }) =>
      inTransaction(database, () => {
        const { chainId, address } = agreement;
        const digest = digestOf(agreement, content);
        const { root } = content.message;
        const row = putReport.get(chainId.toString(), address, digest, root, toJson(content), snapshot);
        if (row === undefined) return;
        const id = Number(row["id"]);
        leaves.forEach(({ tier, patientKey, batch, value, runningSum, blind, evidence, reason }, position) => {
          const sums = [value.toString(), runningSum.toString()] as const;
          putLeaf.run(id, position, tier, patientKey, batch, ...sums, blind, JSON.stringify(evidence), reason);
        });
      }),
    leavesOf: (agreement, root) =>
      findLeaves.all(agreement.chainId.toString(), agreement.address, root).map((row) => ({
        tier: Number(row["tier"]),
        patientKey: row["patient_key"] as Hex,
        batch: Number(row["batch"]),
        value: BigInt(String(row["value"])),
        runningSum: BigInt(String(row["running_sum"])),
        blind: row["blind"] as Hex,
        evidence: JSON.parse(String(row["evidence"])) as string[],
        reason: row["reason"] === null ? null : String(row["reason"]),
      })),
  };
}
