/**
 * The records of a CSV file as they stream by, each with the line that it begins on. One bad quote must not swallow what
 * stands below it, so lines are told apart before they are parsed: a line whose quotes pair up is a record or broken by itself;
 * one that leaves a quote open is a record only together with the lines up to the one that closes it.
 */

import { CsvError, parse } from "csv-parse/sync";

import type { Collector } from "../collector.ts";
import { readLines } from "../lines.ts";

export interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

interface TextLine {
  readonly text: string;
  readonly number: number;
}

/** More lines than this are no cell but a quote that was never closed. */
const LONGEST = 100;

export interface CsvSource {
  readonly path: string;
  readonly file: number;
  readonly delimiter: string;
  /** Columns that are read: no cell of theirs has more than one line. */
  readonly used: ReadonlySet<string>;
}

export async function* csvRecords(source: CsvSource, collector: Collector): AsyncGenerator<CsvRecord> {
  const records = new Records(source, collector);
  const hashed = (sha256: string): void => {
    collector.describe(source.file, { sha256 });
  };
  for await (const { first, texts } of readLines(source.path, hashed)) {
    for (const [k, text] of texts.entries()) {
      if (text === null) collector.unreadable(source.file, first + k, "not UTF-8");
      else yield* records.take({ text: text.endsWith("\r") ? text.slice(0, -1) : text, number: first + k });
    }
    yield* records.whole();
  }
  yield* records.end();
}

class Records {
  readonly #source: CsvSource;
  readonly #collector: Collector;
  /** Lines whose quotes pair up, not yet parsed. */
  #paired: TextLine[] = [];
  /** Lines from one that leaves a quote open; empty when none is. */
  #open: TextLine[] = [];
  #header: readonly string[] | null = null;

  constructor(source: CsvSource, collector: Collector) {
    this.#source = source;
    this.#collector = collector;
  }

  *take(line: TextLine): Generator<CsvRecord> {
    const pairs = countQuotes(line.text) % 2 === 0;
    if (this.#open.length === 0) {
      if (pairs) {
        if (line.text.trim() !== "") this.#paired.push(line);
        return;
      }
      yield* this.whole();
      this.#open = [line];
      return;
    }
    this.#open.push(line);
    if (!pairs) yield* this.#close();
    else if (this.#open.length > LONGEST) yield* this.#giveUp("CSV_QUOTE_NOT_CLOSED");
  }

  /** The records of the lines that stand for themselves. */
  *whole(): Generator<CsvRecord> {
    const lines = this.#paired;
    if (lines.length === 0) return;
    this.#paired = [];
    const together = this.#parse(lines.map(({ text }) => text).join("\n"));
    if (typeof together === "object" && together.length === lines.length) {
      for (const [k, { number }] of lines.entries()) yield this.#record(together[k] ?? [], number);
      return;
    }
    for (const { text, number } of lines) {
      const alone = this.#parse(text);
      const cells = typeof alone === "object" ? alone[0] : undefined;
      if (cells !== undefined) yield this.#record(cells, number);
      else this.#broken(number, typeof alone === "string" ? alone : "CSV_NO_RECORD");
    }
  }

  *end(): Generator<CsvRecord> {
    while (this.#open.length > 0) yield* this.#giveUp("CSV_QUOTE_NOT_CLOSED");
    yield* this.whole();
  }

  /** The open lines as one record, when they make one. */
  *#close(): Generator<CsvRecord> {
    const [first] = this.#open;
    const found = this.#parse(this.#open.map(({ text }) => text).join("\n"));
    const cells = typeof found === "object" && found.length === 1 ? found[0] : undefined;
    if (first !== undefined && cells !== undefined && this.#isPlausible(cells)) {
      this.#open = [];
      yield this.#record(cells, first.number);
    } else {
      yield* this.#giveUp(typeof found === "string" ? found : "CSV_QUOTE_NOT_CLOSED");
    }
  }

  /** The first open line is broken; those below it stand for themselves again. */
  *#giveUp(code: string): Generator<CsvRecord> {
    const [first, ...rest] = this.#open;
    this.#open = [];
    if (first !== undefined) this.#broken(first.number, code);
    for (const line of rest) yield* this.take(line);
  }

  /** A cell of several lines may be a comment; in a column that is read, or with whole rows in it, it is a quote gone wrong. */
  #isPlausible(cells: readonly string[]): boolean {
    const header = this.#header;
    if (header === null || cells.length !== header.length) return false;
    const isRow = ({ text }: TextLine): boolean => {
      const alone = this.#parse(text);
      return typeof alone === "object" && alone[0]?.length === header.length;
    };
    if (this.#open.slice(1, -1).some(isRow)) return false;
    return cells.every((cell, k) => !cell.includes("\n") || !this.#source.used.has(header[k] ?? ""));
  }

  #record(cells: readonly string[], line: number): CsvRecord {
    this.#header ??= cells;
    return { cells, line };
  }

  #broken(line: number, code: string): void {
    this.#collector.unreadable(this.#source.file, line, `broken row: ${code}`);
  }

  /** Records, or the parser's error by its code: its message quotes the row. */
  #parse(text: string): string[][] | string {
    try {
      return parse(text, {
        delimiter: this.#source.delimiter,
        record_delimiter: "\n",
        relax_column_count: true,
        trim: true,
      });
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      return error.code;
    }
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}
