/** What a pass says that the pass before did not: whoever waits for weeks need not say so every minute. */

import type { PassEvent } from "../pass/event.ts";

/** Remembers the last pass. */
export function newsOf(): (events: readonly PassEvent[]) => { readonly event: PassEvent; readonly isNew: boolean }[] {
  let before: ReadonlySet<string> = new Set();
  return (events) => {
    const said = events.map((event) => JSON.stringify(event));
    const found = events.map((event, i) => ({ event, isNew: !before.has(said[i] ?? "") }));
    before = new Set(said);
    return found;
  };
}
