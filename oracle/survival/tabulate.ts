/**
 * From rows to a life table: at each distinct time, how many left and how many of them had the event. Sorting is all the
 * work there is, so it is done on typed arrays, and whole days that are not many are counted instead.
 */

import { ascending } from "./order.ts";

/** Rows of one group. Every event is also among the exits; entries are as many as exits. */
export interface Observations {
  /** Time of event or censoring of each row, in any order, not negative. */
  readonly exits: Float64Array;
  /** The exits that were events. */
  readonly events: Float64Array;
  /** Time from which each row was observed, before its exit; null when all were from the start. */
  readonly entries: Float64Array | null;
}

/** One line a distinct exit time, in order of time. */
export interface LifeTable {
  readonly time: Float64Array;
  /** Rows under observation just before the time: entered before it, not gone before it. */
  readonly atRisk: Float64Array;
  readonly events: Float64Array;
  readonly censored: Float64Array;
}

/** Longest histogram of days: 16 million of them are 128 MB. */
const MOST_DAYS = 1 << 24;

export function tabulate({ exits, events, entries }: Observations): LifeTable {
  const days = wholeDays(exits, entries);
  return days === null ? bySorting(exits, events, entries) : byCounting(exits, events, entries, days);
}

/** One more than the greatest time when all are whole and counting them is cheaper than sorting, else null. */
function wholeDays(exits: Float64Array, entries: Float64Array | null): number | null {
  let greatest = 0;
  for (const time of exits) {
    if (time > greatest) greatest = time;
    if (!Number.isInteger(time)) return null;
  }
  if (entries !== null) for (const time of entries) if (!Number.isInteger(time)) return null;
  return greatest < Math.min(MOST_DAYS, 1024 + 4 * exits.length) ? greatest + 1 : null;
}

function byCounting(exits: Float64Array, events: Float64Array, entries: Float64Array | null, days: number): LifeTable {
  const count = (times: Float64Array): Int32Array => {
    const counts = new Int32Array(days);
    for (let i = 0; i < times.length; i++) {
      const day = times[i] as number;
      counts[day] = (counts[day] as number) + 1;
    }
    return counts;
  };
  const leaving = count(exits);
  const dying = count(events);
  const entering = entries === null ? null : count(entries);
  let distinct = 0;
  for (const n of leaving) if (n > 0) distinct++;
  const table = emptyTable(distinct);
  let present = entering === null ? exits.length : 0;
  for (let day = 0, row = 0; day < days; day++) {
    const left = leaving[day] as number;
    if (left > 0) {
      fill(table, row, day, present, dying[day] as number, left);
      present -= left;
      row++;
    }
    // Entered on a day: at risk from the next one on.
    if (entering !== null) present += entering[day] as number;
  }
  return table;
}

function bySorting(exits: Float64Array, events: Float64Array, entries: Float64Array | null): LifeTable {
  const leaving = ascending(exits);
  const dying = ascending(events);
  const entering = entries === null ? null : ascending(entries);
  const n = leaving.length;
  let distinct = 0;
  for (let i = 0; i < n; i++) if (i === 0 || leaving[i] !== leaving[i - 1]) distinct++;
  const table = emptyTable(distinct);
  let gone = 0;
  let dead = 0;
  let entered = entering === null ? n : 0;
  for (let row = 0; row < distinct; row++) {
    const time = leaving[gone] as number;
    if (entering !== null) while (entered < n && (entering[entered] as number) < time) entered++;
    const present = entered - gone;
    let left = 0;
    while (gone < n && leaving[gone] === time) {
      gone++;
      left++;
    }
    let died = 0;
    while (dead < dying.length && dying[dead] === time) {
      dead++;
      died++;
    }
    fill(table, row, time, present, died, left);
  }
  return table;
}

function emptyTable(rows: number): LifeTable {
  const column = (): Float64Array => new Float64Array(rows);
  return { time: column(), atRisk: column(), events: column(), censored: column() };
}

function fill(table: LifeTable, row: number, time: number, present: number, died: number, left: number): void {
  table.time[row] = time;
  table.atRisk[row] = present;
  table.events[row] = died;
  table.censored[row] = left - died;
}
