/**
 * Times that differ only by the error of floating point are one time, as in R (survival's `aeqSurv`): 0.1 + 0.2 and 0.3.
 * Whole days are exact and left alone.
 */

import { ascending, lastAtMost } from "./order.ts";
import type { Observations } from "./tabulate.ts";

/** R's sqrt(.Machine$double.eps). */
const TOLERANCE = 2 ** -26;

/** Whole times under it are further apart than the tolerance, whatever their mean. */
const EXACT_BELOW = 2 ** 26;

/** An observation would be empty once near-equal times are one. */
export class EmptyObservation extends Error {
  override readonly name = "EmptyObservation";
  /** Position of the group. */
  readonly group: number;
  /** Position of the row in its group. */
  readonly row: number;

  constructor(group: number, row: number) {
    super(`row ${row} of group ${group} ends as it begins`);
    this.group = group;
    this.row = row;
  }
}

/**
 * The groups with near-equal times replaced by the earliest of their run: neighbours in the order of all distinct times
 * of all groups that differ by at most the tolerance, absolute or relative to their mean. Rows change their order.
 * @throws EmptyObservation
 */
export function mergeNearTimes(groups: readonly Observations[]): readonly Observations[] {
  if (groups.every(({ exits, entries }) => isExact(exits) && (entries === null || isExact(entries)))) return groups;
  const sorted = groups.map(({ exits, events, entries }) => ({
    exits: ascending(exits),
    events: ascending(events),
    entries: entries === null ? null : ascending(entries),
  }));
  const starts = startsOfRuns(sorted.flatMap(({ exits, entries }) => (entries === null ? [exits] : [exits, entries])));
  if (starts === null) return sorted;
  groups.forEach(({ exits, entries }, group) => {
    const isEmpty = (entry: number, row: number): boolean =>
      lastAtMost(starts, entry) === lastAtMost(starts, exits[row] as number);
    const empty = entries?.findIndex(isEmpty) ?? -1;
    if (empty >= 0) throw new EmptyObservation(group, empty);
  });
  return sorted.map(({ exits, events, entries }) => ({
    exits: toStarts(exits, starts),
    events: toStarts(events, starts),
    entries: entries === null ? null : toStarts(entries, starts),
  }));
}

function isExact(times: Float64Array): boolean {
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (!Number.isInteger(time) || time >= EXACT_BELOW) return false;
  }
  return true;
}

/** The times at which a run of near-equal ones begins; null when no two are near. @param columns each in order */
function startsOfRuns(columns: readonly Float64Array[]): Float64Array | null {
  const times = distinctTimes(columns);
  let sum = 0;
  for (let i = 0; i < times.length; i++) sum += times[i] as number;
  const mean = sum / times.length;
  let kept = 0;
  let previous = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    const gap = time - previous;
    if (!(gap <= TOLERANCE || gap / mean <= TOLERANCE)) times[kept++] = time;
    previous = time;
  }
  return kept === times.length ? null : times.subarray(0, kept);
}

function distinctTimes(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((length, column) => length + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  if (columns.length > 1) all.sort();
  let kept = 0;
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i] as number;
  return all.subarray(0, kept);
}

/** Each time as the start of its run; times in order. */
function toStarts(times: Float64Array, starts: Float64Array): Float64Array {
  const fixed = new Float64Array(times.length);
  let run = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    while (run + 1 < starts.length && (starts[run + 1] as number) <= time) run++;
    fixed[i] = starts[run] as number;
  }
  return fixed;
}
