/**
 * Leaves: what a report or an enrolment says about one patient, hashed. They stay with the operators; the chain sees
 * their root. The layout stands in `docs/protocol.md` with worked vectors.
 */

import { fromHex, writeHex, writeInt128, type Hex } from "./bytes.ts";
import { keccak256 } from "./keccak.ts";

/** One patient of a report. */
export interface ReportLeaf {
  /** Position of the tier; one past the last tier when the patient is not evaluable. */
  readonly tier: number;
  readonly patientKey: Hex;
  /** Number of the enrolment that brought the patient in. */
  readonly batch: number;
  /** `value × 10^decimals` of the metric, in a tier without slope too; 0 when not evaluable. */
  readonly value: bigint;
  /** Sum of the values of this tier up to and with this leaf; 0 in a tier without slope and when not evaluable. */
  readonly runningSum: bigint;
  readonly blind: Hex;
}

/** What is left of a leaf after its patient was erased: enough for the tree, nothing about her. */
export interface ErasedLeaf {
  /** The random key that took the place of hers. */
  readonly patientKey: Hex;
  /** Hash of the leaf as it was: her salt is gone, so nobody can tell what it was hashed from. */
  readonly leafHash: Hex;
}

export function isErasedLeaf(leaf: object): leaf is ErasedLeaf {
  return "leafHash" in leaf;
}

/** One patient of an enrolment. */
export interface EnrolmentLeaf {
  readonly patientKey: Hex;
  /** The patient's own index day, which may lie before the batch's. */
  readonly indexDay: number;
  readonly blind: Hex;
}

/** Bytes of a hash. */
export const HASH = 32;

const LEAF_PREFIX = 0x00;
const REPORT_LEAF = 1 + 1 + HASH + 4 + 16 + 16 + HASH;
const ENROLMENT_LEAF = 1 + HASH + 4 + HASH;

/** 0x00 ‖ uint8 tier ‖ bytes32 patientKey ‖ uint32 batch ‖ int128 value ‖ int128 runningSum ‖ bytes32 blind. */
export function encodeReportLeaf(leaf: ReportLeaf, into: Buffer = Buffer.alloc(REPORT_LEAF)): Buffer {
  into.writeUInt8(LEAF_PREFIX, 0);
  into.writeUInt8(leaf.tier, 1);
  writeHex(into, leaf.patientKey, 2, HASH);
  into.writeUInt32BE(leaf.batch, 34);
  writeInt128(into, leaf.value, 38);
  writeInt128(into, leaf.runningSum, 54);
  writeHex(into, leaf.blind, 70, HASH);
  return into;
}

/** 0x00 ‖ bytes32 patientKey ‖ uint32 indexDay ‖ bytes32 blind. */
export function encodeEnrolmentLeaf(leaf: EnrolmentLeaf, into: Buffer = Buffer.alloc(ENROLMENT_LEAF)): Buffer {
  into.writeUInt8(LEAF_PREFIX, 0);
  writeHex(into, leaf.patientKey, 1, HASH);
  into.writeUInt32BE(leaf.indexDay, 33);
  writeHex(into, leaf.blind, 37, HASH);
  return into;
}

/** The hashes of leaves, one after the other. @throws RangeError when a field does not fit its width. */
export function hashReportLeaves(leaves: readonly ReportLeaf[]): Uint8Array {
  return hashAll(leaves, encodeReportLeaf, Buffer.alloc(REPORT_LEAF));
}

/** The same where leaves of erased patients stand among the others. */
export function hashHeldLeaves(leaves: readonly (ReportLeaf | ErasedLeaf)[]): Uint8Array {
  const scratch = Buffer.alloc(REPORT_LEAF);
  return joinHashes(
    leaves.map((leaf) =>
      isErasedLeaf(leaf) ? fromHex(leaf.leafHash, HASH) : keccak256(encodeReportLeaf(leaf, scratch)),
    ),
  );
}

/** The hashes of an enrolment's leaves, one after the other, where leaves of erased patients stand among the others. */
export function enrolmentLeafHashes(leaves: readonly (EnrolmentLeaf | ErasedLeaf)[]): Uint8Array {
  const scratch = Buffer.alloc(ENROLMENT_LEAF);
  return joinHashes(
    leaves.map((leaf) =>
      isErasedLeaf(leaf) ? fromHex(leaf.leafHash, HASH) : keccak256(encodeEnrolmentLeaf(leaf, scratch)),
    ),
  );
}

/** Hashes one after the other. */
export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * HASH);
  hashes.forEach((hash, i) => joined.set(hash, i * HASH));
  return joined;
}

/** The hashes of leaves, one after the other. @throws RangeError when a field does not fit its width. */
export function hashEnrolmentLeaves(leaves: readonly EnrolmentLeaf[]): Uint8Array {
  return hashAll(leaves, encodeEnrolmentLeaf, Buffer.alloc(ENROLMENT_LEAF));
}

function hashAll<T>(leaves: readonly T[], encode: (leaf: T, into: Buffer) => Buffer, scratch: Buffer): Uint8Array {
  const hashes = new Uint8Array(leaves.length * HASH);
  leaves.forEach((leaf, i) => hashes.set(keccak256(encode(leaf, scratch)), i * HASH));
  return hashes;
}
