/**
 * What the oracle signs: EIP-712 messages that the agreement checks. Replay elsewhere or again cannot hurt: the domain
 * names the chain and the agreement, the message its place and its number.
 */

import { TypedDataEncoder, type TypedDataDomain, type TypedDataField } from "ethers";

import type { Tally } from "../../terms/payoff.ts";
import type { Hex } from "./bytes.ts";

/** Patients enrolled in a cohort. `number` counts from 1 in each cohort. */
export interface Enrolment {
  readonly cohort: number;
  readonly number: number;
  readonly patients: number;
  /** The latest index day among them, never before that of the cohort's last enrolment. */
  readonly indexedDay: number;
  readonly root: Hex;
  /** Last day on which the endorsement counts. */
  readonly lastDay: number;
}

/** Patients assessed under a milestone. `number` counts from 1 in each clause and cohort. */
export interface MilestoneReport {
  readonly clause: number;
  readonly cohort: number;
  readonly number: number;
  readonly asOfDay: number;
  readonly tallies: readonly Tally[];
  readonly notEvaluable: number;
  readonly root: Hex;
  readonly lastDay: number;
}

/** The value of a wager's metric for a whole cohort; 0 when it is not evaluable. */
export interface WagerReport {
  readonly clause: number;
  readonly cohort: number;
  readonly number: number;
  readonly asOfDay: number;
  readonly evaluable: boolean;
  readonly value: bigint;
  readonly root: Hex;
  readonly lastDay: number;
}

/** A message with its kind. */
export type OracleMessage =
  | { readonly kind: "enrolment"; readonly message: Enrolment }
  | { readonly kind: "milestone"; readonly message: MilestoneReport }
  | { readonly kind: "wager"; readonly message: WagerReport };

/** Which agreement, on which chain. */
export interface AgreementId {
  readonly chainId: bigint;
  /** Checksummed. */
  readonly address: string;
}

type Types = Record<string, TypedDataField[]>;

const fields = (text: string): TypedDataField[] =>
  text.split(", ").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });

/** EIP-712 types by kind; the contract's type hashes are those of the first type named. */
export const MESSAGE_TYPES = {
  enrolment: {
    Enrolment: fields("uint16 cohort, uint32 number, uint32 patients, uint32 indexedDay, bytes32 root, uint32 lastDay"),
  },
  milestone: {
    MilestoneReport: fields(
      "uint16 clause, uint16 cohort, uint32 number, uint32 asOfDay, Tally[] tallies, uint32 notEvaluable, bytes32 root, uint32 lastDay",
    ),
    Tally: fields("uint32 patients, int128 sum"),
  },
  wager: {
    WagerReport: fields(
      "uint16 clause, uint16 cohort, uint32 number, uint32 asOfDay, bool evaluable, int128 value, bytes32 root, uint32 lastDay",
    ),
  },
} as const satisfies Record<OracleMessage["kind"], Types>;

/** The EIP-712 domain of an agreement. */
export function domainOf(agreement: AgreementId): TypedDataDomain {
  return { name: "outcomepay", version: "1", chainId: agreement.chainId, verifyingContract: agreement.address };
}

/** The EIP-712 digest: what an endorsement is checked against. */
export function digestOf(agreement: AgreementId, { kind, message }: OracleMessage): Hex {
  return TypedDataEncoder.hash(domainOf(agreement), MESSAGE_TYPES[kind], message) as Hex;
}

/** What operators' keys hash and sign: 0x1901 ‖ domain separator ‖ struct hash. Its Keccak-256 hash is the digest. */
export function preimageOf(agreement: AgreementId, { kind, message }: OracleMessage): Hex {
  return TypedDataEncoder.encode(domainOf(agreement), MESSAGE_TYPES[kind], message) as Hex;
}

/** EIP-712 struct hash; the first 23 bytes of a pending report's are what the agreement keeps of it. */
export function structHashOf({ kind, message }: OracleMessage): Hex {
  return TypedDataEncoder.from(MESSAGE_TYPES[kind]).hash(message) as Hex;
}

/** Bytes of a struct hash that the agreement keeps while a report is pending. */
const COMMITMENT = 23;

/** What the agreement keeps of a pending report. */
export function commitmentOf(message: OracleMessage): Hex {
  return structHashOf(message).slice(0, 2 + 2 * COMMITMENT) as Hex;
}

/** Where a message stands: no two messages may be endorsed for one place. `clause` is null for an enrolment. */
export interface Place {
  readonly kind: OracleMessage["kind"];
  readonly clause: number | null;
  readonly cohort: number;
  readonly number: number;
}

export function placeOf({ kind, message }: OracleMessage): Place {
  const clause = kind === "enrolment" ? null : message.clause;
  return { kind, clause, cohort: message.cohort, number: message.number };
}
