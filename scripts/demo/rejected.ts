/** How many records were set aside, by reason. */

import { loadSource } from "../../oracle/intake/load.ts";
import { needsOf } from "../../oracle/records.ts";
import type { Agreement, Day } from "../../terms/model.ts";

export async function rejectedIn(agreement: Agreement, source: string, asOf: Day): Promise<Map<string, number>> {
  const { rejected } = await loadSource(source, { asOf, needs: needsOf(agreement) });
  const counts = new Map<string, number>();
  for (const { reason } of rejected) {
    // What was found differs from record to record; the kind of trouble stands before the colon.
    const kind = reason.split(": ")[0] ?? reason;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
