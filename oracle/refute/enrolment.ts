/** Contradictions between a report's leaves and the enrolments that they name. */

import { enrolmentLeafHashes, isErasedLeaf, type EnrolmentLeaf } from "../report/leaf.ts";
import { proveLeaf } from "../report/root.ts";
import { positionsOf, show, type Batch, type Contradiction, type Opened, type OpenLeaf } from "./case.ts";
import { refutationOf, type ShownEntry } from "./refutation.ts";

/** A patient whose batch had not come by the report's day. */
export function notDue(known: Opened): Contradiction | null {
  const { report, terms, batches, open } = known;
  if (report.kind === "wager") return null;
  const { asOfDay } = report.message;
  const early = new Set(
    batches.filter(({ indexedDay }) => indexedDay + terms.dueAfter > asOfDay).map(({ number }) => number),
  );
  const leaf = open.find(({ batch }) => early.has(batch));
  if (leaf === undefined) return null;
  return {
    refutation: refutationOf("NotDue", { shown: [show(known, leaf)] }),
    why: `${leaf.patientKey} of enrolment ${leaf.batch} was not due on the report's day`,
  };
}

/** A patient of an enrolment that does not exist, or that brought in nobody. */
export function noSuchBatch(known: Opened): Contradiction | null {
  const peopled = new Set(known.batches.filter(({ patients }) => patients > 0).map(({ number }) => number));
  const leaf = known.open.find(({ batch }) => !peopled.has(batch));
  if (leaf === undefined) return null;
  return {
    refutation: refutationOf("NotEnrolled", { shown: [show(known, leaf)] }),
    why: `${leaf.patientKey} names enrolment ${leaf.batch}, which brought in nobody`,
  };
}

/** A stranger, and the entries between which she would stand. */
export interface Stranger {
  readonly leaf: OpenLeaf;
  /** One at either end of the enrolment, else two. Null when one of them was erased and can't be shown. */
  readonly neighbours: readonly { readonly position: number; readonly entry: EnrolmentLeaf }[] | null;
  readonly batch: Batch;
}

/** Patients who are not in the enrolment that they name, as far as its leaves are at hand. */
export function strangersIn({ batches, open }: Opened): Stranger[] {
  const at = new Map(
    batches.flatMap((batch) =>
      batch.leaves === null || batch.patients === 0
        ? []
        : [[batch.number, { batch, leaves: batch.leaves, keys: positionsOf(batch.leaves) }] as const],
    ),
  );
  return open.flatMap((leaf): Stranger[] => {
    const found = at.get(leaf.batch);
    if (found === undefined || found.keys.has(leaf.patientKey)) return [];
    const { leaves, batch } = found;
    const after = leaves.findIndex(({ patientKey }) => patientKey > leaf.patientKey);
    const next = after === -1 ? leaves.length : after;
    const positions = [next - 1, next].filter((position) => position >= 0 && position < leaves.length);
    const neighbours = positions.flatMap((position) => {
      const entry = leaves[position];
      return entry === undefined || isErasedLeaf(entry) ? [] : [{ position, entry }];
    });
    return [{ leaf, batch, neighbours: neighbours.length === positions.length ? neighbours : null }];
  });
}

/** A stranger whom so many entries show to be one. */
export function notEnrolled(known: Opened, entries: 1 | 2): Contradiction | null {
  const found = strangersIn(known).find(({ neighbours }) => neighbours?.length === entries);
  if (found?.neighbours == null) return null;
  const { leaf, batch, neighbours } = found;
  const hashes = enrolmentLeafHashes(batch.leaves ?? []);
  const shown = neighbours.map(({ position, entry }): ShownEntry => {
    const { patientKey, indexDay, blind } = entry;
    return { position, patientKey, indexDay, blind, siblings: proveLeaf(hashes, position).siblings };
  });
  return {
    refutation: refutationOf("NotEnrolled", { shown: [show(known, leaf)], entries: shown }),
    why: `${leaf.patientKey} is not in enrolment ${leaf.batch}`,
  };
}
