/** The records of a CSV file as they stream by, each with its line; what is broken is listed, and reading goes on below it. */

import { Readable } from "node:stream";

import { parse, type CsvError } from "csv-parse";

import type { Collector } from "../collector.ts";
import { readLines } from "../lines.ts";

export interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

export async function* csvRecords(
  path: string,
  file: number,
  delimiter: string,
  collector: Collector,
): AsyncGenerator<CsvRecord> {
  // A quote that is never closed would swallow the rest of the file: that row is given up, and reading begins again below it.
  for (let from: number | null = 1; from !== null;) {
    const begins: number = from;
    from = null;
    for await (const record of pass(path, file, begins, delimiter, collector)) {
      if (record.cells === null) from = record.line + 1;
      else yield { cells: record.cells, line: record.line };
    }
  }
}

/** The records from one line on; the last has no cells when its quoting leaves the rest unreadable. */
async function* pass(
  path: string,
  file: number,
  from: number,
  delimiter: string,
  collector: Collector,
): AsyncGenerator<{ readonly cells: readonly string[] | null; readonly line: number }> {
  // The parser runs ahead of the reader, so it says itself where it is.
  let last = from - 1;
  let broken: number | null = null;
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    on_record: (record: string[], { lines }) => {
      if (broken !== null) return null;
      last = from - 1 + lines;
      return record;
    },
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true,
  });
  parser.on("skip", ({ code }: CsvError) => {
    if (broken !== null) return;
    if (code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_INVALID_CLOSING_QUOTE") broken = last + 1;
    last++;
    collector.unreadable(file, last, `broken row: ${code}`);
  });
  const text = Readable.from(textFrom(path, file, from, collector));
  text.on("error", (error) => parser.destroy(error));
  text.pipe(parser);
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    yield { cells: record, line: from - 1 + info.lines };
  }
  if (broken !== null) yield { cells: null, line: broken };
}

/** The file's text from one line on; a line that is no UTF-8 is listed and left blank. */
async function* textFrom(path: string, file: number, from: number, collector: Collector): AsyncGenerator<string> {
  const hashed = (sha256: string): void => {
    collector.describe(file, { sha256 });
  };
  for await (const lines of readLines(path, from === 1 ? hashed : undefined)) {
    let text = "";
    for (const { number, text: line } of lines) {
      if (number < from) continue;
      if (line === null && from === 1) collector.unreadable(file, number, "not UTF-8");
      text += `${line ?? ""}\n`;
    }
    if (text !== "") yield text;
  }
}
