/** A patient whom an earlier report of the clause and cohort has assessed already: the later report falls. */

import { hashHeldLeaves, isErasedLeaf } from "../report/leaf.ts";
import { positionsOf, show, type Contradiction, type Opened } from "./case.ts";
import { refutationOf } from "./refutation.ts";

export function twiceInClause(known: Opened): Contradiction | null {
  for (const { message, leaves } of known.earlier) {
    if (message === null || leaves === null) continue;
    const positions = positionsOf(leaves);
    for (const leaf of known.open) {
      const position = positions.get(leaf.patientKey);
      const before = position === undefined ? undefined : leaves[position];
      if (position === undefined || before === undefined || isErasedLeaf(before)) continue;
      const shown = [show(known, leaf), show({ hashes: hashHeldLeaves(leaves) }, { ...before, position })];
      return {
        refutation: refutationOf("TwiceInClause", { shown, earlier: [message] }),
        why: `${leaf.patientKey} stands in report ${message.number} too`,
      };
    }
  }
  return null;
}
