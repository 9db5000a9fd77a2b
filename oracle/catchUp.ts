/** Fetches the patients of enrolments that landed while this operator's node was away. */

import type { AgreementState } from "./chain/agreementState.ts";
import type { NodeParts, PassEvent } from "./node.ts";
import type { SourcePatient } from "./outcomes.ts";
import { enrolmentHashes } from "./report/enrolment.ts";
import { merkleRoot } from "./report/root.ts";
import { missingEnrolments } from "./view.ts";

/** Asks the peers in turn; what they send counts only when the chain's root follows from it. */
export async function catchUp<P extends SourcePatient>(
  { id, stores, peers, askEntries, peerTimeout }: NodeParts<P>,
  state: AgreementState,
): Promise<PassEvent[]> {
  const events: PassEvent[] = [];
  const held = await stores.patients.byRoot(id);
  for (const { cohort, enrolment } of missingEnrolments({ state, entries: held })) {
    const { number, root } = enrolment;
    const place = { step: "catch up", clause: null, cohort, number, differences: [] } as const;
    let found: Pick<PassEvent, "result" | "detail"> = { result: "waiting", detail: "no peer holds its patients" };
    for (const peer of peers) {
      try {
        const request = { agreement: id, cohort, number, root };
        const entries = await askEntries(peer, request, AbortSignal.timeout(peerTimeout));
        if (entries === null) continue;
        if (merkleRoot(enrolmentHashes(entries, cohort, number)) !== root) continue;
        await stores.patients.save(id, cohort, number, root, entries);
        found = { result: "done", detail: `from ${peer.address}` };
        break;
      } catch {
        // The next peer may know; when none does, the event says so and the next pass asks again.
        continue;
      }
    }
    events.push({ ...place, ...found });
  }
  return events;
}
