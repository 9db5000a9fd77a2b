/** Two sources that mean the same: by the identifier that both give it, or by saying the same of the same day. */

import type { Fact } from "../facts.ts";
import type { Person, Stated } from "./person.ts";

/**
 * Each thing once. Of two with one identifier the one updated later stays, of two with one content the first by id.
 *
 * @param subjectOf What one identifier may be shared by: an order's number stands on each of its results.
 * @param contentOf What two sources must agree on to mean one thing; null: only an identifier tells.
 */
export function collapse<K extends Fact["kind"]>(
  person: Person,
  all: readonly Stated<K>[],
  subjectOf: (fact: Stated<K>["fact"]) => string,
  contentOf: ((fact: Stated<K>["fact"]) => string) | null,
): Stated<K>[] {
  const kept = new Map<Stated<K>, true>();
  const seen = new Map<string, Stated<K>>();
  for (const stated of all) {
    const business = stated.entry.business === null ? null : `i ${stated.entry.business}\n${subjectOf(stated.fact)}`;
    const content = contentOf === null ? null : `c ${contentOf(stated.fact)}`;
    const byBusiness = business === null ? undefined : seen.get(business);
    const same = byBusiness ?? (content === null ? undefined : seen.get(content));
    if (same !== undefined) {
      const newer = byBusiness !== undefined && (stated.entry.updated ?? 0) > (byBusiness.entry.updated ?? 0);
      person.duplicate(newer ? same : stated);
      if (!newer) continue;
      kept.delete(same);
    }
    kept.set(stated, true);
    if (content !== null) seen.set(content, stated);
    if (business !== null) seen.set(business, stated);
  }
  return [...kept.keys()];
}
