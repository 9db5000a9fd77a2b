/**
 * Rows of a table of survival times, checked one by one. Nothing is dropped in silence: R leaves out rows with missing
 * values and takes negative times; here each is a problem with its row.
 */

import { NumberColumn } from "./column.ts";
import type { Observations } from "./tabulate.ts";

/** Which columns hold what. */
export interface Columns {
  readonly time: string;
  /** A row is an event when this column has this text; with any other text it is a censoring. */
  readonly event: { readonly column: string; readonly value: string };
  readonly entry: string | null;
  readonly group: string | null;
}

export interface Group {
  /** Text of the group column; null when there is none. */
  readonly group: string | null;
  readonly observations: Observations;
}

/** More groups are a column of something else. */
export const MOST_GROUPS = 10_000;

/** Distinct values of the event column that are remembered to tell the user. */
const VALUES_SHOWN = 8;

const MISSING: ReadonlySet<string> = new Set(["", "NA", "N/A", "NaN", "null", "NULL", "."]);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

interface Accumulator {
  readonly exits: NumberColumn;
  readonly events: NumberColumn;
  readonly entries: NumberColumn | null;
}

export class Rows {
  readonly #columns: Columns;
  readonly #groups = new Map<string | null, Accumulator>();
  readonly #censorings = new Set<string>();
  readonly #positions: {
    readonly time: number;
    readonly event: number;
    readonly entry: number | null;
    readonly group: number | null;
  };
  readonly #width: number;

  /** @throws ColumnError when a column is not in the header, or more than once */
  constructor(columns: Columns, header: readonly string[]) {
    const names = header.map((name) => name.trim());
    const position = (name: string): number => {
      const at = names.indexOf(name);
      if (at < 0) throw new ColumnError(`no column ${name}: found ${names.join(", ")}`);
      if (names.lastIndexOf(name) !== at) throw new ColumnError(`column ${name} is there more than once`);
      return at;
    };
    this.#columns = columns;
    this.#positions = {
      time: position(columns.time),
      event: position(columns.event.column),
      entry: columns.entry === null ? null : position(columns.entry),
      group: columns.group === null ? null : position(columns.group),
    };
    this.#width = names.length;
  }

  /** Takes a row. Null when it is good, else what was found and what was expected; then nothing of it is kept. */
  add(record: readonly string[]): string | null {
    if (record.length !== this.#width) return `found ${record.length} fields, expected ${this.#width}`;
    const { time, event, entry, group } = this.#positions;
    const exit = readTime(record[time]);
    if (typeof exit === "string") return `${this.#columns.time}: ${exit}`;
    const status = (record[event] ?? "").trim();
    if (MISSING.has(status)) return `${this.#columns.event.column}: found ${shown(status)}, expected a value`;
    const from = entry === null ? null : readTime(record[entry]);
    if (typeof from === "string") return `${this.#columns.entry ?? ""}: ${from}`;
    if (from !== null && from >= exit) {
      return `${this.#columns.entry ?? ""}: found ${from}, expected less than the ${this.#columns.time} ${exit}`;
    }
    const name = group === null ? null : (record[group] ?? "").trim();
    if (name !== null && (MISSING.has(name) || name.includes("\uFFFD"))) {
      return `${this.#columns.group ?? ""}: found ${shown(name)}, expected the name of a group in UTF-8`;
    }
    const rows = this.#accumulator(name);
    if (rows === null) return `${this.#columns.group ?? ""}: found more than ${MOST_GROUPS} groups`;
    rows.exits.push(exit);
    rows.entries?.push(from ?? 0);
    if (status === this.#columns.event.value) rows.events.push(exit);
    else if (this.#censorings.size < VALUES_SHOWN) this.#censorings.add(status);
    return null;
  }

  /** By name: as numbers when all are, else as text. */
  groups(): readonly Group[] {
    const numeric = [...this.#groups.keys()].every((name) => name !== null && NUMBER.test(name));
    return [...this.#groups]
      .sort(([a], [b]) => (numeric ? Number(a) - Number(b) : 0) || compare(a ?? "", b ?? ""))
      .map(([group, { exits, events, entries }]) => ({
        group,
        observations: { exits: exits.toArray(), events: events.toArray(), entries: entries?.toArray() ?? null },
      }));
  }

  /** Some of the values of the event column that counted as censoring, in the order in which they came. */
  censorings(): readonly string[] {
    return [...this.#censorings];
  }

  #accumulator(name: string | null): Accumulator | null {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    if (this.#groups.size === MOST_GROUPS) return null;
    const fresh = {
      exits: new NumberColumn(),
      events: new NumberColumn(),
      entries: this.#positions.entry === null ? null : new NumberColumn(),
    };
    this.#groups.set(name, fresh);
    return fresh;
  }
}

/** A column that was asked for can't be found. */
export class ColumnError extends Error {
  override readonly name = "ColumnError";
}

/** The time, or what was found and expected. */
function readTime(cell = ""): number | string {
  const text = cell.trim();
  const time = NUMBER.test(text) ? Number(text) : NaN;
  if (time >= 0 && time < Infinity) return time;
  return `found ${shown(text)}, expected a number from 0 on`;
}

/** Hostile or endless text is cut; quotes show where it ends. */
function shown(text: string): string {
  return text === "" ? "nothing" : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
