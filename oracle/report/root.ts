/**
 * The outcomes root: a Merkle tree over ordered leaves that commits to their number too. Positions are kept; a node
 * without a sibling moves up unchanged. Leaves, nodes and the root are hashed with different first bytes, so that none
 * can pass for another.
 */

import { toHex, type Hex } from "./bytes.ts";
import { keccak256 } from "./keccak.ts";
import { HASH } from "./leaf.ts";

const NODE_PREFIX = 0x01;
const ROOT_PREFIX = 0x02;
/** The contract counts patients in 32 bits. */
const MAX_LEAVES = 2 ** 32 - 1;

/** Where a leaf stands, and the siblings on its way up, lowest first. */
export interface Proof {
  readonly index: number;
  /** Leaves of the whole tree. */
  readonly leaves: number;
  readonly siblings: readonly Hex[];
}

/**
 * Root over leaf hashes that stand one after the other; without leaves the top is 32 zero bytes.
 * @throws RangeError when the length is no multiple of 32.
 */
export function merkleRoot(hashes: Uint8Array): Hex {
  return toHex(sealRoot(countLeaves(hashes), topOf(hashes)));
}

/**
 * What the root commits to beside the number of leaves; without leaves 32 zero bytes.
 * @throws RangeError when the length is no multiple of 32.
 */
export function merkleTop(hashes: Uint8Array): Hex {
  return toHex(topOf(hashes));
}

/** What proves that the leaf at `index` is in the tree. @throws RangeError when there is no such leaf. */
export function proveLeaf(hashes: Uint8Array, index: number): Proof {
  const leaves = countLeaves(hashes);
  if (!Number.isInteger(index) || index < 0 || index >= leaves) {
    throw new RangeError(`there is no leaf ${index} among ${leaves}`);
  }
  const level = Uint8Array.from(hashes);
  const siblings: Hex[] = [];
  let at = index;
  for (let width = leaves; width > 1; width = raise(level, width), at >>>= 1) {
    const sibling = at ^ 1;
    if (sibling < width) siblings.push(toHex(level.subarray(sibling * HASH, (sibling + 1) * HASH)));
  }
  return { index, leaves, siblings };
}

/** Whether the proof leads from the leaf's hash to the root; false for a proof of the wrong shape. */
export function verifyProof(root: Hex, leafHash: Uint8Array, proof: Proof): boolean {
  const { index, leaves, siblings } = proof;
  if (!Number.isInteger(index) || !Number.isInteger(leaves) || index < 0 || index >= leaves || leaves > MAX_LEAVES) {
    return false;
  }
  if (leafHash.length !== HASH) return false;
  let node = leafHash;
  let used = 0;
  let at = index;
  for (let width = leaves; width > 1; width = Math.ceil(width / 2), at = Math.floor(at / 2)) {
    const isRight = at % 2 === 1;
    if (!isRight && at + 1 >= width) continue;
    const sibling = siblings[used++];
    if (sibling === undefined || !/^0x[0-9a-f]{64}$/.test(sibling)) return false;
    const other = Buffer.from(sibling.slice(2), "hex");
    node = isRight ? hashNode(other, node) : hashNode(node, other);
  }
  return used === siblings.length && toHex(sealRoot(leaves, node)) === root;
}

function countLeaves(hashes: Uint8Array): number {
  const leaves = hashes.length / HASH;
  if (!Number.isInteger(leaves) || leaves > MAX_LEAVES) {
    throw new RangeError(`${hashes.length} bytes are not up to ${MAX_LEAVES} hashes of ${HASH} bytes`);
  }
  return leaves;
}

function topOf(hashes: Uint8Array): Uint8Array {
  const leaves = countLeaves(hashes);
  if (leaves === 0) return new Uint8Array(HASH);
  const level = Uint8Array.from(hashes);
  for (let width = leaves; width > 1; width = raise(level, width));
  return level.subarray(0, HASH);
}

const nodeScratch = Buffer.alloc(1 + 2 * HASH, NODE_PREFIX);

/** Turns a level into the one above it, in place; returns the new width. */
function raise(level: Uint8Array, width: number): number {
  const above = (width + 1) >>> 1;
  for (let i = 0; i < above; i++) {
    const pair = level.subarray(2 * i * HASH, Math.min(2 * i + 2, width) * HASH);
    if (pair.length === HASH) {
      level.copyWithin(i * HASH, 2 * i * HASH, (2 * i + 1) * HASH);
    } else {
      nodeScratch.set(pair, 1);
      level.set(keccak256(nodeScratch), i * HASH);
    }
  }
  return above;
}

/** 0x01 ‖ left ‖ right. */
function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 1 + HASH);
  return keccak256(nodeScratch);
}

/** 0x02 ‖ uint32 leaves ‖ top. */
function sealRoot(leaves: number, top: Uint8Array): Uint8Array {
  const data = Buffer.alloc(1 + 4 + HASH);
  data.writeUInt8(ROOT_PREFIX, 0);
  data.writeUInt32BE(leaves, 1);
  data.set(top, 5);
  return keccak256(data);
}
