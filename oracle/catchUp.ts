/** Fetches the patients of enrolments that landed while this operator's node was away. */

import type { Agreement } from "../terms/model.ts";
import type { AgreementState } from "./chain/agreementState.ts";
import type { AskEntries, HeldEnrolment } from "./endorse/client.ts";
import type { Peer } from "./endorse/collect.ts";
import type { EntriesRequest } from "./endorse/request.ts";
import { isEnrolmentOver } from "./erase/mark.ts";
import type { PassEvent } from "./node.ts";
import type { Hex } from "./report/bytes.ts";
import { enrolmentHashes, isErased } from "./report/enrolment.ts";
import type { AgreementId } from "./report/messages.ts";
import { merkleRoot } from "./report/root.ts";
import type { Stores } from "./store/stores.ts";
import { erasedPlaces, missingEnrolments } from "./view.ts";

export interface CatchUpParts {
  readonly agreement: Agreement;
  readonly id: AgreementId;
  readonly stores: Pick<Stores, "patients" | "erasures">;
  readonly peers: readonly Peer[];
  readonly askEntries: AskEntries;
  /** Milliseconds for one peer to answer. */
  readonly peerTimeout: number;
}

/** Asks the peers in turn; what they send counts only when the chain's root follows from it. */
export async function catchUp(parts: CatchUpParts, state: AgreementState): Promise<PassEvent[]> {
  const { agreement, id, stores } = parts;
  const events: PassEvent[] = [];
  const marks = new Set<Hex>();
  const held = await stores.patients.byRoot(id);
  for (const { cohort, enrolment } of missingEnrolments({ state, entries: held })) {
    const { number, root } = enrolment;
    const place = { step: "catch up", clause: null, cohort, number, differences: [] } as const;
    const found = await askAll(parts, { agreement: id, cohort, number, root });
    if (found === null) {
      events.push({ ...place, result: "waiting", detail: "no peer holds its patients" });
      continue;
    }
    const { peer, enrolment: fetched } = found;
    await stores.patients.save(id, cohort, number, root, fetched.entries);
    for (const mark of fetched.marks) marks.add(mark);
    events.push({ ...place, result: "done", detail: `from ${peer.address}` });
  }
  await settleMarks(agreement, stores, id, state, marks);
  return events;
}

/**
 * A mark keeps a patient from being enrolled, and nothing proves it: peers' marks are taken only as long as there are no
 * more of them than places of erased patients. Once nobody can be enrolled any more, all are deleted.
 */
async function settleMarks(
  agreement: Agreement,
  { patients, erasures }: CatchUpParts["stores"],
  id: AgreementId,
  state: AgreementState,
  offered: ReadonlySet<Hex>,
): Promise<void> {
  if (isEnrolmentOver(agreement, state.today)) {
    await erasures.dropMarks(id);
    return;
  }
  if (offered.size === 0) return;
  const known = new Set([...(await erasures.marks(id)), ...offered]);
  const places = erasedPlaces({ entries: await patients.byRoot(id) });
  if (known.size <= places) await erasures.addMarks(id, [...offered]);
}

/**
 * Of the peers' answers the one with the fewest erased patients: the root does not tell who was erased, so one peer's
 * word is taken for it only when no other holds her.
 */
async function askAll(
  { peers, askEntries, peerTimeout }: CatchUpParts,
  request: EntriesRequest,
): Promise<{ peer: Peer; enrolment: HeldEnrolment } | null> {
  let best: { peer: Peer; enrolment: HeldEnrolment; erased: number } | null = null;
  for (const peer of peers) {
    try {
      const enrolment = await askEntries(peer, request, AbortSignal.timeout(peerTimeout));
      if (enrolment === null) continue;
      if (merkleRoot(enrolmentHashes(enrolment.entries, request.cohort, request.number)) !== request.root) continue;
      const erased = enrolment.entries.filter(isErased).length;
      if (best === null || erased < best.erased) best = { peer, enrolment, erased };
      if (erased === 0) break;
    } catch {
      // The next peer may know; when none does, the event says so and the next pass asks again.
      continue;
    }
  }
  return best;
}

/** What this operator answers a peer that catches up; null when it does not hold the enrolment itself. */
export async function heldEnrolment(
  { patients, erasures }: CatchUpParts["stores"],
  id: AgreementId,
  root: Hex,
): Promise<HeldEnrolment | null> {
  const entries = await patients.of(id, root);
  return entries.length === 0 ? null : { entries, marks: [...(await erasures.marks(id))] };
}
