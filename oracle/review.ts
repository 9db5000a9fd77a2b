/** What an operator does with what was reported: audit it, prove a patient's place in it, refute it, erase a patient from it. */

import type { Day } from "../terms/model.ts";
import { auditReports, provePatient, type AuditFilter, type PatientProofs } from "./audit/audit.ts";
import type { AuditedReport } from "./audit/report.ts";
import { ConfigError } from "./settings/read.ts";
import { eraseEverywhere, type AskErase, type ErasedEverywhere } from "./erase/everywhere.ts";
import { eraseHere } from "./erase/here.ts";
import { markOf } from "./erase/mark.ts";
import type { EraseAnswer, EraseRequest } from "./erase/request.ts";
import type { NodeParts } from "./node.ts";
import type { SourcePatient } from "./outcomes.ts";
import { askAny, httpAskLeaves, type AskParts } from "./refute/ask.ts";
import { refuteReports, type JudgedReport, type RefuteOptions } from "./refute/refute.ts";
import type { Hex } from "./report/bytes.ts";
import { patientKey, type Identifier } from "./report/keys.ts";
import type { Database } from "./store/database.ts";

export interface Review {
  /** A patient's key in the agreement. */
  keyOf(identifier: Identifier): Hex;
  /** Recomputes what was reported. @param progress Called with each day before its records are read. @throws ChainError */
  audit(filter: AuditFilter, progress?: (asOfDay: Day) => void): Promise<AuditedReport[]>;
  /** A patient's leaves in what landed, with their proofs. @throws ChainError, RootMismatch */
  prove(key: Hex, filter: AuditFilter): Promise<PatientProofs & { readonly erased: boolean }>;
  /**
   * Has the agreement void the pending reports that their own leaves contradict; a node that only keeps can do so too.
   * @throws ChainError, RootMismatch
   */
  refute(options: RefuteRequest): AsyncGenerator<JudgedReport>;
  /** Forgets a patient here and on every other operator's node. @throws ChainError */
  erase(key: Hex): Promise<ErasedEverywhere>;
}

export interface RefuteRequest extends Omit<RefuteOptions, "ask"> {
  /** HTTP APIs that are asked for leaves, in this order. */
  readonly from: readonly string[];
}

export interface ReviewParts {
  /** Signs in to other operators' APIs. */
  readonly account: AskParts["account"];
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  readonly database: Pick<Database, "shred">;
  readonly askErase: AskErase;
  /** Random bytes. */
  readonly draw: (bytes: number) => Uint8Array;
  /** Whether this node has the records and the secret; a node that only keeps knows no patients. */
  readonly knowsPatients: boolean;
  /** Another operator asked to erase a patient: who, and what came of it. */
  readonly onErase?: ((operator: string, answer: EraseAnswer) => void) | undefined;
}

/** @returns the review, and the answer to another operator who asks to erase. */
export function reviewOf<P extends SourcePatient>(
  parts: NodeParts<P>,
  { onErase, knowsPatients, account, now, ...rest }: ReviewParts,
): { review: Review; answerErase: (request: EraseRequest, operator: string) => Promise<EraseAnswer> } {
  const { chain, secret, stores, id } = parts;
  const erasing = { ...parts, ...rest };
  const check = (): void => {
    if (!knowsPatients) throw new ConfigError("secret: found none, expected a file: this node only keeps");
  };
  const review: Review = {
    keyOf: (identifier) => {
      check();
      return patientKey(secret, identifier);
    },
    audit: async (filter, progress) => {
      check();
      return auditReports(parts, await chain.read(), filter, progress);
    },
    prove: async (key, filter) => {
      check();
      const marks = await stores.erasures.marks(id);
      const found = await provePatient(parts, await chain.read(), key, filter);
      return { ...found, erased: marks.has(markOf(secret, key)) };
    },
    refute: ({ from, ...options }) => {
      const asking = { account, now, chainId: id.chainId, timeout: parts.peerTimeout };
      return refuteReports(parts, { ...options, ask: askAny(from.map((url) => httpAskLeaves(url, asking))) });
    },
    erase: async (key) => {
      check();
      return eraseEverywhere(erasing, key);
    },
  };
  const answerErase = async (request: EraseRequest, operator: string): Promise<EraseAnswer> => {
    if (!knowsPatients) return { status: "refused", reason: "this node only keeps" };
    const answer = await eraseHere(erasing, await chain.read(), request, operator);
    onErase?.(operator, answer);
    return answer;
  };
  return { review, answerErase };
}
