/** Inclusion proofs for one patient: her leaf, and the way from it to the root that stands on the chain. */

import { enrolmentHashes, enrolmentLeaf, isErased, type HeldEntry } from "../report/enrolment.ts";
import { toHex, type Hex } from "../report/bytes.ts";
import {
  HASH,
  hashEnrolmentLeaves,
  hashHeldLeaves,
  isErasedLeaf,
  type EnrolmentLeaf,
  type ReportLeaf,
} from "../report/leaf.ts";
import { merkleRoot, proveLeaf, verifyProof, type Proof } from "../report/root.ts";
import type { HeldLeaf } from "../store/reports.ts";

export interface Inclusion<Leaf> {
  readonly leaf: Leaf;
  readonly leafHash: Hex;
  readonly root: Hex;
  readonly proof: Proof;
}

/** What is held does not lead to the root that stands on the chain. */
export class RootMismatch extends Error {
  override readonly name = "RootMismatch";
}

/**
 * @param leaves In the order of the tree.
 * @param root Of the report, as the chain shows it.
 * @returns null when no leaf is hers.
 * @throws RootMismatch
 */
export function proveInReport(leaves: readonly HeldLeaf[], root: Hex, patientKey: Hex): Inclusion<ReportLeaf> | null {
  const index = leaves.findIndex((held) => held.patientKey === patientKey && !isErasedLeaf(held));
  const found = leaves[index];
  if (found === undefined || isErasedLeaf(found)) return null;
  const { tier, batch, value, runningSum, blind } = found;
  const leaf = { tier, patientKey, batch, value, runningSum, blind };
  return include(leaf, hashHeldLeaves([leaf]), hashHeldLeaves(leaves), index, root);
}

/**
 * @param entries In the order of the tree.
 * @param root Of the enrolment, as the chain shows it.
 * @returns null when no leaf is hers.
 * @throws RootMismatch
 */
export function proveInEnrolment(
  entries: readonly HeldEntry[],
  { cohort, number, root }: { readonly cohort: number; readonly number: number; readonly root: Hex },
  patientKey: Hex,
): Inclusion<EnrolmentLeaf> | null {
  const index = entries.findIndex((held) => held.patientKey === patientKey && !isErased(held));
  const entry = entries[index];
  if (entry === undefined || isErased(entry)) return null;
  const leaf = enrolmentLeaf(entry, cohort, number);
  return include(leaf, hashEnrolmentLeaves([leaf]), enrolmentHashes(entries, cohort, number), index, root);
}

function include<Leaf>(leaf: Leaf, hash: Uint8Array, hashes: Uint8Array, index: number, root: Hex): Inclusion<Leaf> {
  const proof = proveLeaf(hashes, index);
  if (!verifyProof(root, hash, proof)) {
    throw new RootMismatch(`the ${hashes.length / HASH} leaves held give ${merkleRoot(hashes)}, the chain has ${root}`);
  }
  return { leaf, leafHash: toHex(hash), root, proof };
}
