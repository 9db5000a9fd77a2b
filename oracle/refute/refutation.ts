/** What is shown to refute a report, as `contracts/interfaces/IRefuter.sol` takes it. */

import type { Hex } from "../report/bytes.ts";
import type { EnrolmentLeaf, ReportLeaf } from "../report/leaf.ts";
import type { MilestoneReport } from "../report/messages.ts";
import type { IRefuter } from "../../typechain-types/index.ts";

/** In the order of the contract's `Form`. */
export const FORMS = [
  "LeafCount",
  "Tier",
  "RunningSum",
  "Order",
  "TwiceInReport",
  "TwiceInClause",
  "NotEnrolled",
  "NotDue",
] as const;
export type Form = (typeof FORMS)[number];

/** Where a leaf stands in its tree, and its siblings on the way up, lowest first. */
interface Placed {
  readonly position: number;
  readonly siblings: readonly Hex[];
}
export type ShownLeaf = ReportLeaf & Placed;
export type ShownEntry = EnrolmentLeaf & Placed;

export interface Refutation {
  readonly form: Form;
  /** `LeafCount`: the number of leaves and the top of the tree that the root commits to; else 0 and zeros. */
  readonly leaves: number;
  readonly top: Hex;
  /** Leaves of the refuted report; for `TwiceInClause` the second one is the earlier report's. */
  readonly shown: readonly ShownLeaf[];
  /** `NotEnrolled`: entries of the leaf's batch. */
  readonly entries: readonly ShownEntry[];
  /** `TwiceInClause`: the earlier report. */
  readonly earlier: readonly MilestoneReport[];
}

const NO_TOP: Hex = `0x${"00".repeat(32)}`;

/** A refutation that shows what is named, and nothing else. */
export function refutationOf(form: Form, shows: Partial<Omit<Refutation, "form">>): Refutation {
  return { form, leaves: 0, top: NO_TOP, shown: [], entries: [], earlier: [], ...shows };
}

/** As the call takes it. */
export function refutationStruct({ form, shown, entries, earlier, ...rest }: Refutation): IRefuter.RefutationStruct {
  return {
    ...rest,
    form: FORMS.indexOf(form),
    shown: shown.map((leaf) => ({ ...leaf, siblings: [...leaf.siblings] })),
    entries: entries.map((entry) => ({ ...entry, siblings: [...entry.siblings] })),
    earlier: earlier.map((report) => ({ ...report, tallies: [...report.tallies] })),
  };
}
