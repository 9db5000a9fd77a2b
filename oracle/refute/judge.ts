/** Whether a report's own leaves contradict it: every form that the contract takes. A pure function. */

import { isErasedLeaf } from "../report/leaf.ts";
import { openCase, type Case, type Contradiction, type Opened } from "./case.ts";
import { noSuchBatch, notDue, notEnrolled, strangersIn } from "./enrolment.ts";
import { brokenSum, twiceInReport, wrongCount, wrongOrder, wrongSum, wrongTier } from "./ownLeaves.ts";
import type { Form } from "./refutation.ts";
import { twiceInClause } from "./twiceInClause.ts";

/** Contradictions of a form that may be there and can't be shown with what is at hand. */
export interface Unseen {
  /** Null: any form that shows a leaf. */
  readonly form: Form | null;
  /** What is missing: leaves that whoever holds them could give, or those of patients who were erased. */
  readonly missing: "leaves" | "erased";
  readonly why: string;
}

export interface Judgement {
  /** Of all that there are, one that shows the fewest people, and of those the fewest leaves; null without any. */
  readonly contradiction: Contradiction | null;
  /** Empty when there is one. */
  readonly unseen: readonly Unseen[];
}

/**
 * What is shown stays on the chain for ever. So, in this order: nobody; one patient's leaf; two leaves of one patient; a
 * leaf and an entry, which says less of a person than a leaf does; two leaves; a leaf and two entries. Among equals what
 * costs less gas goes first.
 */
const SEARCHES: readonly ((known: Opened) => Contradiction | null)[] = [
  wrongTier,
  noSuchBatch,
  wrongSum,
  notDue,
  twiceInReport,
  twiceInClause,
  (known) => notEnrolled(known, 1),
  wrongOrder,
  brokenSum,
  (known) => notEnrolled(known, 2),
];

/** @throws RootMismatch when the leaves are not the report's. */
export function judge(subject: Case): Judgement {
  const known = openCase(subject);
  // In a tree of another number of leaves no place can be shown as the report counts places.
  const count = wrongCount(known);
  if (count !== null) return { contradiction: count, unseen: [] };
  for (const search of SEARCHES) {
    const contradiction = search(known);
    if (contradiction !== null) return { contradiction, unseen: [] };
  }
  return { contradiction: null, unseen: unseenIn(known) };
}

function unseenIn(known: Opened): Unseen[] {
  const { leaves, open, batches, earlier } = known;
  const unseen: Unseen[] = [];
  const erased = leaves.length - open.length;
  if (erased > 0)
    unseen.push({ form: null, missing: "erased", why: `${erased} leaves are of patients who were erased since` });
  for (const { number, leaves: entries } of batches) {
    const named = open.filter(({ batch }) => batch === number).length;
    if (entries !== null || named === 0) continue;
    unseen.push({
      form: "NotEnrolled",
      missing: "leaves",
      why: `the leaves of enrolment ${number}, which ${named} patients name, are not held`,
    });
  }
  for (const { leaf, neighbours } of strangersIn(known)) {
    if (neighbours !== null) continue;
    const why = `${leaf.patientKey} is not in enrolment ${leaf.batch}, and a patient next to her there was erased`;
    unseen.push({ form: "NotEnrolled", missing: "erased", why });
  }
  for (const { number, message, leaves: before } of earlier) {
    if (message === null || before === null) {
      const why =
        before === null ? `the leaves of report ${number} are not held` : `report ${number} has no known last day`;
      unseen.push({ form: "TwiceInClause", missing: "leaves", why });
      continue;
    }
    const gone = before.filter(isErasedLeaf).length;
    const why = `${gone} patients of report ${number} were erased since`;
    if (gone > 0) unseen.push({ form: "TwiceInClause", missing: "erased", why });
  }
  return unseen;
}
