/** One row by the names of its column map, read by what the source declares of dates and numbers. */

import type { Decimal } from "../../../terms/decimal.ts";
import type { Interval } from "../../record.ts";
import type { DateReader } from "../dates.ts";
import { cellDecimal, cellResult, comparatorOf, type Comparator } from "../numbers.ts";

/** A field that is there but can't be read; the message is the reason. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** What the source declares of every file. */
export interface Conventions {
  readonly date: DateReader;
  /** As written in the source, for reasons. */
  readonly dates: string;
  /** Whether the decimal sign is a comma. */
  readonly comma: boolean;
  readonly missing: ReadonlySet<string>;
  /** What means no value where 999 may well be one. */
  readonly missingCount: ReadonlySet<string>;
}

const YES: ReadonlySet<string> = new Set(["y", "yes", "true", "1"]);
const NO: ReadonlySet<string> = new Set(["n", "no", "false", "0"]);

export class Row {
  readonly #cells: Readonly<Record<string, string | undefined>>;
  readonly #conventions: Conventions;

  /** @param cells By the names on the left of the column map; undefined where the map or the row has nothing. */
  constructor(cells: Readonly<Record<string, string | undefined>>, conventions: Conventions) {
    this.#cells = cells;
    this.#conventions = conventions;
  }

  /** Undefined when missing. */
  text(field: string): string | undefined {
    return this.#cells[field];
  }

  /** Null when missing. @throws Unreadable */
  date(field: string): Interval | null {
    const cell = this.#cells[field];
    if (cell === undefined) return null;
    const date = this.#conventions.date(cell);
    if (date === null)
      throw new Unreadable(`${field} is no date in the declared format (${this.#conventions.dates}): ${cell}`);
    return date;
  }

  /** @throws Unreadable, also when missing */
  requiredDate(field: string): Interval {
    const date = this.date(field);
    if (date === null) throw new Unreadable("no date");
    return date;
  }

  /** Milliseconds since 1970 of a time with an offset, else of the last day that it can be; null when missing. @throws Unreadable */
  instant(field: string): number | null {
    const cell = this.#cells[field];
    if (cell === undefined) return null;
    const time = /^\d{4}-\d\d-\d\dT\d\d:.*(?:Z|[+-]\d\d:\d\d)$/.test(cell) ? Date.parse(cell) : NaN;
    if (!Number.isNaN(time)) return time;
    const date = this.date(field);
    return date === null ? null : date.last * 86_400_000;
  }

  /** Null when missing. @throws Unreadable */
  decimal(field: string): Decimal | null {
    const cell = this.#cells[field];
    if (cell === undefined) return null;
    const value = cellDecimal(cell, this.#conventions.comma);
    if (value === null) throw new Unreadable(`${field} is no number with a decimal ${this.#sign()}: ${cell}`);
    return value;
  }

  /** A number or a bound such as `<0.5`; null when missing. @throws Unreadable */
  result(field: string): { readonly value: Decimal; readonly comparator: Comparator | null } | null {
    const cell = this.#cells[field];
    if (cell === undefined) return null;
    const found = cellResult(cell, this.#conventions.comma);
    if (found === null) throw new Unreadable(`${field} is no number with a decimal ${this.#sign()}: ${cell}`);
    return found;
  }

  /** Null when missing. @throws Unreadable */
  comparator(field: string): Comparator | null {
    const cell = this.#cells[field];
    if (cell === undefined || cell === "=") return null;
    const found = comparatorOf(cell);
    if (found === undefined) throw new Unreadable(`${field} is none of < <= >= >: ${cell}`);
    return found;
  }

  /** Null when missing. @throws Unreadable */
  yes(field: string): boolean | null {
    const cell = this.#cells[field]?.toLowerCase();
    if (cell === undefined) return null;
    if (YES.has(cell)) return true;
    if (NO.has(cell)) return false;
    throw new Unreadable(`${field} is neither yes nor no: ${cell}`);
  }

  /** `system|code` where the system is known, else the plain code; empty when missing. */
  codes(): readonly string[] {
    const [code, system] = [this.#cells["code"], this.#cells["codeSystem"]];
    if (code === undefined) return [];
    return [system === undefined || code.includes("|") ? code : `${system}|${code}`];
  }

  /** Lower case, as FHIR writes it; undefined when missing. */
  status(): string | undefined {
    return this.#cells["status"]?.toLowerCase();
  }

  #sign(): string {
    return this.#conventions.comma ? "comma" : "point";
  }
}
