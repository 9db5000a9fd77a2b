/** Reads survival times from a CSV file, row by row as the file streams by. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { CsvError, parse } from "csv-parse";

import { ColumnError, Rows, type Columns, type Group } from "./rows.ts";

export interface Progress {
  readonly rows: number;
  /** Part of the file read, 0 to 1. */
  readonly part: number;
}

export interface SurvivalTimes {
  readonly groups: readonly Group[];
  /** Values of the event column, other than the event, that some rows have. */
  readonly censorings: readonly string[];
}

/** The file can't be used: one line a problem, each with file and line, what was found and what was expected. */
export class SurvivalFileError extends Error {
  override readonly name = "SurvivalFileError";
}

/** Problems that are listed; the rest is counted. */
const LISTED = 20;

/** A problem by the position of its record: 0 is the header. */
interface Problem {
  readonly record: number;
  readonly message: string;
}

/**
 * @param progress Called now and then while the file is read.
 * @throws SurvivalFileError listing every row that can't be used, when there is one
 */
export async function readSurvivalCsv(
  file: string,
  columns: Columns,
  progress: (state: Progress) => void = () => undefined,
): Promise<SurvivalTimes> {
  let rows: Rows | null = null;
  const problems: Problem[] = [];
  let bad = 0;
  const read = await eachRecord(
    file,
    (record, position) => {
      if (rows === null) {
        rows = new Rows(columns, record);
        return;
      }
      const message = rows.add(record);
      if (message === null) return;
      bad++;
      if (problems.length < LISTED) problems.push({ record: position, message });
    },
    progress,
  );
  const found = rows as Rows | null;
  if (found === null) throw new SurvivalFileError(`${file}: found no header`);
  if (bad > 0) throw new SurvivalFileError(await listed(file, problems, bad));
  if (read === 1) throw new SurvivalFileError(`${file}: found no rows below the header`);
  return { groups: found.groups(), censorings: found.censorings() };
}

/** Calls back for each record that is not a blank line; the number of them. */
async function eachRecord(
  file: string,
  take: (record: readonly string[], position: number) => void,
  progress: (state: Progress) => void,
): Promise<number> {
  const size = Math.max(1, await sizeOf(file));
  let count = 0;
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  const parser = source.pipe(parse(OPTIONS));
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      source.destroy();
      parser.destroy();
      reject(explained(file, error));
    };
    source.on("data", () => progress({ rows: count, part: source.bytesRead / size }));
    source.on("error", fail);
    parser.on("data", (record: readonly string[]) => {
      if (isBlank(record)) return;
      try {
        take(record, count++);
      } catch (error) {
        fail(error);
      }
    });
    parser.on("error", fail);
    parser.on("end", () => resolve(count));
  });
}

/** A row longer than a million characters is a quote that was never closed. */
const OPTIONS = { bom: true, skip_empty_lines: true, relax_column_count: true, max_record_size: 1_000_000 } as const;

const isBlank = (record: readonly string[]): boolean => record.length === 1 && record[0]?.trim() === "";

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    throw new SurvivalFileError(`${file}: can't be read`);
  }
}

/**
 * The message with lines. Telling the line of every record makes the parser five times slower, so only a file with
 * problems is read again for them, up to the last that is listed.
 */
async function listed(file: string, problems: readonly Problem[], bad: number): Promise<string> {
  const lines = new Map<number, number>();
  const wanted = new Set(problems.map(({ record }) => record));
  let position = 0;
  const parser = createReadStream(file).pipe(parse({ ...OPTIONS, info: true }));
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (isBlank(record)) continue;
    if (wanted.has(position)) lines.set(position, info.lines);
    if (lines.size === wanted.size) break;
    position++;
  }
  const shown = problems.map(({ record, message }) => `${file}:${lines.get(record) ?? "?"} ${message}`);
  return [...shown, ...(bad > problems.length ? [`and ${bad - problems.length} more`] : [])].join("\n");
}

function explained(file: string, error: unknown): Error {
  if (error instanceof ColumnError) return new SurvivalFileError(`${file}:1 ${error.message}`);
  if (error instanceof CsvError) {
    const line: unknown = error["lines"];
    return new SurvivalFileError(`${file}:${typeof line === "number" ? line : "?"} ${quotingProblem(error)}`);
  }
  if (error instanceof Error && "syscall" in error) return new SurvivalFileError(`${file}: can't be read`);
  return error instanceof Error ? error : new Error(String(error));
}

/** The parser's own words may quote the row. */
function quotingProblem({ code }: CsvError): string {
  switch (code) {
    case "CSV_QUOTE_NOT_CLOSED":
    case "CSV_MAX_RECORD_SIZE":
      return "found a quote that is never closed";
    case "CSV_INVALID_CLOSING_QUOTE":
      return "found text after a closing quote, expected a comma";
    case "INVALID_OPENING_QUOTE":
      return "found a quote within a field, expected it at the start";
    default:
      return `found no CSV (${code})`;
  }
}
