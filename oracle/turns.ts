/** Which operator goes first: without an order all would propose at once, with other salts, and split the votes. */

import { compareText } from "./report/order.ts";
import type { Place } from "./report/messages.ts";

/**
 * How many operators come before this one for a place. The first changes with every number, so that none is needed.
 * @param operators Addresses of all operators, in any order.
 */
export function rankFor(place: Place, own: string, operators: readonly string[]): number {
  const ordered = [...new Set(operators)].sort(compareText);
  const position = ordered.indexOf(own);
  if (position === -1) return ordered.length;
  const first = (place.number + place.cohort + (place.clause ?? 0)) % ordered.length;
  return (position - first + ordered.length) % ordered.length;
}

/** Remembers for how many passes a place has been open: each later rank waits `patience` passes more. */
export class Turns {
  readonly #seen = new Map<string, number>();
  readonly #patience: number;

  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Called once a pass for each open place. */
  isMine(place: Place, own: string, operators: readonly string[]): boolean {
    const key = `${place.kind} ${place.clause ?? "-"} ${place.cohort} ${place.number}`;
    const passes = this.#seen.get(key) ?? 0;
    this.#seen.set(key, passes + 1);
    return passes >= rankFor(place, own, operators) * this.#patience;
  }
}
