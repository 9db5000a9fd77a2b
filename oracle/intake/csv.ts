/** Registry CSV by a column map: each row becomes a fact, a rejection or a count. */

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { Readable } from "node:stream";

import { parse, type CsvError } from "csv-parse";

import type { Interval, ResponseClass } from "../record.ts";
import { FINAL, GIVEN, IMAGING, isAnticancer, responseOf } from "./codes.ts";
import type { Collector } from "./collector.ts";
import type { CsvConfig } from "./config.ts";
import { dateReader, type DateReader } from "./dates.ts";
import type { Entry, Fact } from "./facts.ts";
import { readLines } from "./lines.ts";

/** A row by the names of the column map; undefined where the map or the row has nothing. */
type Row = Readonly<Record<string, string | undefined>>;

interface Reading {
  readonly fact?: Fact;
  readonly reason?: string;
  /** Fields that could not be read, in a row that is used without them. */
  readonly problems?: readonly string[];
}

/** What a column map looks like, whatever the kind of record. */
interface FileMap {
  readonly path: string;
  readonly where: Readonly<Record<string, string | readonly string[]>>;
  readonly columns: Readonly<Record<string, string | undefined>>;
  readonly constants: Readonly<Record<string, string>>;
}

const CONSENT: Readonly<Record<string, boolean>> = {
  y: true,
  yes: true,
  true: true,
  "1": true,
  granted: true,
  n: false,
  no: false,
  false: false,
  "0": false,
  withdrawn: false,
  refused: false,
};

/** Columns without which a file can't be used. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  patients: ["patient"],
  assessments: ["patient", "date"],
  therapies: ["patient", "start"],
};

/** A field that is there but can't be read; the message is the reason. */
class Unreadable extends Error {}

export class CsvReader {
  readonly #collector: Collector;
  readonly #config: CsvConfig;
  readonly #codes: ReadonlyMap<string, ResponseClass>;
  readonly #missing: ReadonlySet<string>;
  readonly #date: DateReader;

  constructor(collector: Collector, config: CsvConfig) {
    const date = dateReader(config.dates);
    if (date === null) throw new RangeError(`no date format: ${config.dates}`);
    this.#collector = collector;
    this.#config = config;
    this.#codes = new Map(Object.entries(config.codes));
    this.#missing = new Set([...config.missing, ""]);
    this.#date = date;
  }

  /** Reads every file of the map; `folder` is where the paths start, `base` what names are relative to. */
  async read(folder: (path: string) => string, base: string): Promise<void> {
    const { patients, assessments, therapies } = this.#config.files;
    await this.#file("patients", patients, folder(patients.path), base, (row) => this.#patient(row));
    if (assessments)
      await this.#file("assessments", assessments, folder(assessments.path), base, (row) => this.#assessment(row));
    if (therapies) await this.#file("therapies", therapies, folder(therapies.path), base, (row) => this.#therapy(row));
  }

  async #file(
    kind: string,
    map: FileMap,
    path: string,
    base: string,
    understand: (row: Row) => Reading,
  ): Promise<void> {
    const name = relative(base, path).replaceAll("\\", "/");
    const file = this.#collector.open(name);
    if (!existsSync(path)) {
      this.#collector.note(file, null, null, "file not found");
      return;
    }
    let positions: ReadonlyMap<string, number> | null = null;
    // A quote that is never closed would swallow the rest of the file: that row is given up, and reading begins again below it.
    for (let from: number | null = 1; from !== null;) {
      const pass = this.#pass(path, file, from);
      from = null;
      for await (const { record, line, broken } of pass) {
        if (broken) from = line + 1;
        else if (positions === null) {
          positions = new Map(record.map((column, position) => [column, position]));
          if (this.#missingColumns(kind, map, positions, file)) return;
        } else if (record.some((cell) => cell !== "")) {
          this.#row(kind, map, positions, record, { file, line, name }, understand);
        }
      }
    }
  }

  /** The records from one line on; the last is `broken` when its quoting leaves the rest unreadable. */
  async *#pass(
    path: string,
    file: number,
    from: number,
  ): AsyncGenerator<{ readonly record: readonly string[]; readonly line: number; readonly broken: boolean }> {
    // The parser runs ahead of the reader, so it says itself where it is.
    let last = from - 1;
    let broken: number | null = null;
    const parser = parse({
      bom: true,
      delimiter: this.#config.delimiter,
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
      this.#collector.counts.read++;
      this.#collector.reject(file, last, null, `broken row: ${code}`);
    });
    const text = Readable.from(this.#textFrom(path, file, from));
    text.on("error", (error) => parser.destroy(error));
    text.pipe(parser);
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { record, line: from - 1 + info.lines, broken: false };
    }
    if (broken !== null) yield { record: [], line: broken, broken: true };
  }

  /** The file's text from one line on; a line that is no UTF-8 is listed and left blank. */
  async *#textFrom(path: string, file: number, from: number): AsyncGenerator<string> {
    for await (const lines of readLines(path)) {
      let text = "";
      for (const { number, text: line } of lines) {
        if (number < from) continue;
        if (line === null && from === 1) {
          this.#collector.counts.read++;
          this.#collector.reject(file, number, null, "not UTF-8");
        }
        text += `${line ?? ""}\n`;
      }
      if (text !== "") yield text;
    }
  }

  /** Lists mapped columns that the file lacks; true when it can't be used without one of them. */
  #missingColumns(kind: string, map: FileMap, positions: ReadonlyMap<string, number>, file: number): boolean {
    const needed = REQUIRED[kind] ?? [];
    let unusable = false;
    const lacking = (column: string, use: string): void => {
      this.#collector.note(file, 1, null, `column ${column} not found (${use})`);
    };
    for (const [field, column] of Object.entries(map.columns)) {
      if (column === undefined || positions.has(column)) continue;
      lacking(column, field);
      unusable ||= needed.includes(field) || field === "response" || field === "index";
    }
    for (const column of Object.keys(map.where)) {
      if (positions.has(column)) continue;
      lacking(column, "where");
      unusable = true;
    }
    return unusable;
  }

  #row(
    kind: string,
    map: FileMap,
    positions: ReadonlyMap<string, number>,
    record: readonly string[],
    place: { readonly file: number; readonly line: number; readonly name: string },
    understand: (row: Row) => Reading,
  ): void {
    this.#collector.counts.read++;
    for (const [column, wanted] of Object.entries(map.where)) {
      const cell = record[positions.get(column) ?? -1] ?? "";
      if (typeof wanted === "string" ? cell === wanted : wanted.includes(cell)) continue;
      this.#collector.ignore(`${kind} (where)`);
      return;
    }
    const row: Record<string, string | undefined> = { ...map.constants };
    for (const [field, column] of Object.entries(map.columns)) {
      const cell = column === undefined ? undefined : record[positions.get(column) ?? -1];
      // Only values can be missing by convention: 999 may well be somebody's identifier.
      const names = field === "patient" || field === "id";
      if (cell !== undefined && !(names ? cell === "" : this.#missing.has(cell))) row[field] = cell;
    }
    const name = `${kind}/${place.name}:${place.line}`;
    const patient = row["patient"];
    if (patient === undefined) {
      this.#collector.reject(place.file, place.line, name, "no patient");
      return;
    }
    let reading: Reading;
    let updated = NaN;
    try {
      reading = understand(row);
      const date = this.#interval(row, "updated");
      if (date !== null) updated = date.last * 86_400_000;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      reading = { reason: error.message };
    }
    const unique = kind === "patients" ? patient : row["id"];
    const id = unique === undefined ? name : `${kind}/${place.name}:${unique}`;
    const before = kind === "patients" ? this.#collector.entries.get(id) : undefined;
    if (before && Number.isNaN(updated) && JSON.stringify(before.fact) !== JSON.stringify(reading.fact ?? null)) {
      // Nothing says which row is right, so neither is: the patient stays, without anything to evaluate.
      reading = this.#patient({ patient });
      this.#collector.note(place.file, place.line, id, "patient listed again with different data: neither row is used");
    }
    for (const problem of reading.problems ?? []) this.#collector.note(place.file, place.line, id, problem);
    const entry: Entry = {
      id,
      subject: patient,
      fact: reading.fact ?? null,
      reason: reading.reason ?? null,
      updated,
      version: NaN,
      removed: (row["status"] ?? "") === "entered-in-error",
      file: place.file,
      line: place.line,
    };
    this.#collector.add(entry);
  }

  /** Null when missing. */
  #interval(row: Row, field: string): Interval | null {
    const cell = row[field];
    if (cell === undefined) return null;
    const date = this.#date(cell);
    if (date === null)
      throw new Unreadable(`${field} is no date in the declared format (${this.#config.dates}): ${cell}`);
    return date;
  }

  /** A patient whose row can't be read in part is still a patient, evaluated on what remains. */
  #patient(row: Row): Reading {
    const { columns } = this.#config.files.patients;
    const registry = columns.lastActivity ?? columns.gapStart ?? columns.lastReview;
    const problems: string[] = [];
    const date = (field: string): Interval | null => {
      try {
        return this.#interval(row, field);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        problems.push(error.message);
        return null;
      }
    };
    // Follow-up dates bound what is known, so a partial one counts for its first day.
    const day = (field: string): number | null => date(field)?.first ?? null;
    const answer = row["consent"];
    const consent = answer === undefined ? null : CONSENT[answer.toLowerCase()];
    if (consent === undefined) problems.push(`consent is neither yes nor no: ${answer ?? ""}`);
    const fact: Fact = {
      kind: "patient",
      identifier: { system: this.#config.identifierSystem ?? "", value: row["patient"] ?? "" },
      birth: date("birth"),
      sex: row["sex"] ?? null,
      // A date that can't be read is still a death.
      death: date("death") ?? (row["death"] === undefined ? null : "unknown"),
      index: date("index"),
      lastAlive: date("lastAlive"),
      followUp:
        registry === undefined
          ? null
          : { lastActivity: day("lastActivity"), gapStart: day("gapStart"), lastReview: day("lastReview") },
      consent: consent ?? (answer === undefined ? null : false),
    };
    return { fact, problems };
  }

  #assessment(row: Row): Reading {
    const status = row["status"] ?? "final";
    if (!FINAL.has(status) && status !== "preliminary") return { reason: `status ${status}` };
    const date = this.#interval(row, "date");
    if (date === null) return { reason: "no date" };
    const written = row["response"];
    // A missing result is a result that can't be evaluated.
    const response = written === undefined ? "NE" : responseOf(written, this.#codes);
    if (response === undefined) return { reason: `unmapped code ${written ?? ""}` };
    const evidence = row["evidence"]?.split("|") ?? [];
    const imaging =
      evidence.length === 0 ? null : evidence.some((type) => IMAGING.has(type) || type.toLowerCase() === "imaging");
    const evaluator = row["evaluator"] ?? null;
    const fact: Fact = { kind: "assessment", date, response, evaluator, imaging, focus: [], business: null };
    if (status !== "preliminary") return { fact };
    return response === "PD" ? { fact, reason: "status preliminary" } : { reason: "status preliminary" };
  }

  #therapy(row: Row): Reading {
    const status = row["status"];
    if (status !== undefined && !GIVEN.has(status)) return { reason: `status ${status}` };
    const start = this.#interval(row, "start");
    if (start === null) return { reason: "no date" };
    const intent = row["intent"];
    const cancer = intent === undefined ? true : isAnticancer(intent);
    if (cancer === undefined) return { reason: `unmapped intent ${intent ?? ""}` };
    const code = row["code"];
    return {
      fact: { kind: "therapy", start, codes: code === undefined ? [] : [code], medication: null, given: true, cancer },
    };
  }
}
