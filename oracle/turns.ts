/** Which operator goes first: without an order all would propose at once, with other salts, and split the votes. */

import { compareText } from "./report/order.ts";

/** What somebody does next: an enrolment, a report, or an act that anyone may do. */
export interface Turn {
  readonly kind: string;
  readonly clause: number | null;
  readonly cohort: number;
  readonly number: number;
}

/**
 * How many operators come before this one for a turn. The first changes with every number, so that none is needed.
 * @param operators Addresses of all operators, in any order.
 */
export function rankFor(turn: Turn, own: string, operators: readonly string[]): number {
  const ordered = [...new Set(operators)].sort(compareText);
  const position = ordered.indexOf(own);
  if (position === -1) return ordered.length;
  const first = (turn.number + turn.cohort + (turn.clause ?? 0)) % ordered.length;
  return (position - first + ordered.length) % ordered.length;
}

/** Remembers for how many passes a turn has been open: each later rank waits `patience` passes more. */
export class Turns {
  readonly #seen = new Map<string, number>();
  readonly #patience: number;

  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Called once a pass for each open turn. */
  isMine(turn: Turn, own: string, operators: readonly string[]): boolean {
    const key = `${turn.kind} ${turn.clause ?? "-"} ${turn.cohort} ${turn.number}`;
    const passes = this.#seen.get(key) ?? 0;
    this.#seen.set(key, passes + 1);
    return passes >= rankFor(turn, own, operators) * this.#patience;
  }
}
