/**
 * Times that differ only by the error of floating point are one time, as in R (survival's `aeqSurv`): 0.1 + 0.2 and 0.3.
 * Whole days are exact and left alone.
 */

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
 * of all groups that differ by at most the tolerance, absolute or relative to their mean.
 * @throws EmptyObservation
 */
export function mergeNearTimes(groups: readonly Observations[]): readonly Observations[] {
  const columns = groups.flatMap(({ exits, entries }) => (entries === null ? [exits] : [exits, entries]));
  if (columns.every(isExact)) return groups;
  const distinct = distinctTimes(columns);
  const mean = distinct.reduce((sum, time) => sum + time, 0) / distinct.length;
  const starts = distinct.filter((time, i) => {
    const gap = i === 0 ? Infinity : time - (distinct[i - 1] as number);
    return !(gap <= TOLERANCE || gap / mean <= TOLERANCE);
  });
  if (starts.length === distinct.length) return groups;
  const merged = (times: Float64Array): Float64Array => times.map((time) => starts[lastAtMost(starts, time)] ?? time);
  return groups.map(({ exits, events, entries }, group) => {
    const fixed = { exits: merged(exits), events: merged(events), entries: entries === null ? null : merged(entries) };
    const empty = fixed.entries?.findIndex((entry, row) => entry === fixed.exits[row]) ?? -1;
    if (empty >= 0) throw new EmptyObservation(group, empty);
    return fixed;
  });
}

function isExact(times: Float64Array): boolean {
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (!Number.isInteger(time) || time >= EXACT_BELOW) return false;
  }
  return true;
}

function distinctTimes(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((length, column) => length + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  all.sort();
  let kept = 0;
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i] as number;
  return all.subarray(0, kept);
}

/** Position of the last that is not greater, in ascending times; −1 when all are. */
export function lastAtMost(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
