/** The tables of an operator's store, as the query layer types them. Whole numbers up to 2^32; hashes as hex text. */

import type { Generated } from "kysely";

import type { CallState } from "../chain/outbox.ts";
import type { Hex } from "../report/bytes.ts";

/** Which agreement a row belongs to. */
interface OfAgreement {
  /** Decimal text: chain ids have no upper limit. */
  chain_id: string;
  /** Checksummed. */
  agreement: string;
}

/** What was endorsed for a place. */
export interface EndorsedTable extends OfAgreement {
  kind: string;
  /** -1 for an enrolment. */
  clause: number;
  cohort: number;
  number: number;
  digest: Hex;
  last_day: number;
  /** As JSON, without the patients: those stand in `enrolled` under the message's root. */
  request: string;
}

/** The patients of enrolments, proposed or landed, in the order of the tree. */
export interface EnrolledTable extends OfAgreement {
  root: Hex;
  position: number;
  cohort: number;
  number: number;
  /** Of an erased patient: a random one that took its place. */
  patient_key: Hex;
  /** Null for an erased patient. */
  index_day: number | null;
  /** Of an erased patient: a random one that took its place. */
  salt: Hex;
  /** Of an erased patient: the hash of the leaf that she was enrolled with. */
  erased: Hex | null;
  /** Which operator asked for it, and on which day of the chain. */
  erased_by: string | null;
  erased_on: number | null;
}

/** Patients who were enrolled and erased: they are not enrolled again. Nothing links a mark to a place. */
export interface ErasedMarkTable extends OfAgreement {
  mark: Hex;
}

/** Erasures that not every operator has confirmed. */
export interface ErasureTable extends OfAgreement {
  mark: Hex;
  place: string;
}

/** Reports that this operator computed and was ready to sign. */
export interface ReportTable extends OfAgreement {
  /** Ascending in the order of computation. */
  id: Generated<number>;
  digest: Hex;
  root: Hex;
  /** Kind and message, as JSON. */
  message: string;
  snapshot: string;
  /** Version of the clinical rules. */
  rules: string;
  /** Version of the program. */
  code: string;
}

/** The leaves of those reports, in the order of the tree. What an erased patient had is null. */
export interface LeafTable {
  report: number;
  position: number;
  tier: number | null;
  patient_key: Hex;
  batch: number | null;
  /** Decimal text: 128 bits fit no integer column. */
  value: string | null;
  running_sum: string | null;
  blind: Hex | null;
  /** Ids of resources, as JSON. */
  evidence: string | null;
  /** Why not evaluable. */
  reason: string | null;
  /** Of an erased patient: the hash of the leaf. */
  erased: Hex | null;
}

/** An account's calls to the chain. */
export interface OutboxCallTable {
  /** Ascending in the order of planning. */
  id: Generated<number>;
  /** Decimal text. */
  chain_id: string;
  /** Checksummed. */
  account: string;
  nonce: number;
  target: string;
  intent: string;
  data: Hex;
  state: CallState;
  /** Where it was mined last. */
  block_number: number | null;
  block_hash: string | null;
  /** Milliseconds since 1970-01-01 UTC. */
  planned_at: number;
}

/** The transactions signed for a call, in the order of signing. */
export interface OutboxAttemptTable {
  call: number;
  position: number;
  hash: Hex;
  raw: Hex;
  /** Decimal text, as all amounts of wei and gas here. */
  gas_limit: string;
  /** The most that a unit of gas may cost. */
  max_fee: string;
  /** Of that, the most for the block's producer; null on a chain that knows one price only. */
  max_tip: string | null;
  /** Milliseconds since 1970-01-01 UTC. */
  signed_at: number;
}

/** Who may use an account's nonces. */
export interface AccountLeaseTable {
  chain_id: string;
  account: string;
  holder: string;
  /** Milliseconds since 1970-01-01 UTC. */
  until: number;
}

export interface StoreSchema {
  outbox_call: OutboxCallTable;
  outbox_attempt: OutboxAttemptTable;
  account_lease: AccountLeaseTable;
  endorsed: EndorsedTable;
  enrolled: EnrolledTable;
  report: ReportTable;
  leaf: LeafTable;
  erased_mark: ErasedMarkTable;
  erasure: ErasureTable;
  store_version: { version: number };
}
