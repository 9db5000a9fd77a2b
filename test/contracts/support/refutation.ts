/** Reports with real leaves, in order or not, and what is shown of them to refute them. */

import { id } from "ethers";

import { hashEnrolmentLeaves, hashReportLeaves, type ReportLeaf } from "../../../oracle/report/leaf.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { enrolmentLeaves, type EnrolmentEntry } from "../../../oracle/report/enrolment.ts";
import { FORMS, type Form } from "../../../oracle/refute/refutation.ts";
import { merkleRoot, proveLeaf } from "../../../oracle/report/root.ts";
import type { IRefuter } from "../../../typechain-types/index.ts";

export const rootOf = (leaves: readonly ReportLeaf[]): Hex => merkleRoot(hashReportLeaves(leaves));

/** A leaf with its way up; `overrides` are shown in place of what it says. */
export function shownLeaf(
  leaves: readonly ReportLeaf[],
  position: number,
  overrides: Partial<IRefuter.ShownLeafStruct> = {},
): IRefuter.ShownLeafStruct {
  const leaf = leaves[position];
  if (leaf === undefined) throw new RangeError(`no leaf ${position}`);
  const { siblings } = proveLeaf(hashReportLeaves(leaves), position);
  return { position, ...leaf, siblings: [...siblings], ...overrides };
}

export function shownEntry(
  entries: readonly EnrolmentEntry[],
  number: number,
  position: number,
): IRefuter.ShownEntryStruct {
  const leaves = enrolmentLeaves(entries, 0, number);
  const leaf = leaves[position];
  if (leaf === undefined) throw new RangeError(`no entry ${position}`);
  return { position, ...leaf, siblings: [...proveLeaf(hashEnrolmentLeaves(leaves), position).siblings] };
}

export function refutation(form: Form, parts: Partial<IRefuter.RefutationStruct> = {}): IRefuter.RefutationStruct {
  return { form: FORMS.indexOf(form), leaves: 0, top: id("top"), shown: [], entries: [], earlier: [], ...parts };
}

/** A patient by number: keys ascend with it. */
export function entry(n: number, indexDay: number): EnrolmentEntry {
  return { patientKey: keyOf(n), indexDay, salt: id(`salt ${n}`) as Hex };
}

export const keyOf = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

/** A leaf as an honest operator makes it, but for its running sum, which the order decides. */
export const leafOf = (n: number, tier: number, value: bigint, batch = 1): ReportLeaf => ({
  tier,
  patientKey: keyOf(n),
  batch,
  value,
  runningSum: 0n,
  blind: id(`blind ${n}`) as Hex,
});

/** Running sums as they should be, in the tiers that have one. */
export function summed(leaves: readonly ReportLeaf[], sloped: readonly number[]): ReportLeaf[] {
  let sum = 0n;
  return leaves.map((leaf, i) => {
    if (leaves[i - 1]?.tier !== leaf.tier) sum = 0n;
    if (sloped.includes(leaf.tier)) sum += leaf.value;
    return { ...leaf, runningSum: sloped.includes(leaf.tier) ? sum : 0n };
  });
}
