/** Registry CSV by a column map: each row becomes a fact, a rejection or a count. */

import { existsSync } from "node:fs";
import { relative } from "node:path";

import type { Collector } from "../collector.ts";
import { dateReader } from "../dates.ts";
import { NO_FACTS, type Reading } from "../facts.ts";
import type { CsvConfig, CsvKind, FileMap } from "./config.ts";
import {
  readAssessment,
  readCost,
  readEq5d,
  readEvent,
  readLab,
  readTherapy,
  type CsvContext,
  type RowReader,
} from "./kinds.ts";
import { readPatient } from "./patient.ts";
import { csvRecords } from "./records.ts";
import { Row, Unreadable, type Conventions } from "./row.ts";

/** Unless the source says otherwise: what stands where nothing is known. */
const MISSING = ["NA", "999", "9999-12-31", "1900-01-01"];

/** Columns whose absence is no reason to give the file up: it is as if every cell were empty. */
const EXPENDABLE: ReadonlySet<string> = new Set([
  "death",
  "lastAlive",
  "lastActivity",
  "gapStart",
  "lastReview",
  "birth",
  "sex",
  "consent",
  "updated",
  "evidence",
  "issued",
]);

/** Only values can be missing by convention: 999 may well be somebody's identifier. */
const NAMES: ReadonlySet<string> = new Set(["patient", "id"]);
/** And an amount of money or a number of vials. */
const COUNTS: ReadonlySet<string> = new Set(["amount", "units"]);

const READERS: readonly (readonly [Exclude<CsvKind, "patients">, RowReader])[] = [
  ["assessments", readAssessment],
  ["therapies", readTherapy],
  ["labs", readLab],
  ["eq5d", readEq5d],
  ["events", readEvent],
  ["costs", readCost],
];

export class CsvReader {
  readonly #collector: Collector;
  readonly #config: CsvConfig;
  readonly #context: CsvContext;
  readonly #conventions: Conventions;

  constructor(collector: Collector, config: CsvConfig) {
    const date = dateReader(config.dates);
    if (date === null) throw new RangeError(`no date format: ${config.dates}`);
    this.#collector = collector;
    this.#config = config;
    this.#context = { collector, codes: new Map(Object.entries(config.codes)) };
    this.#conventions = {
      date,
      dates: config.dates,
      comma: config.decimal === "comma",
      missing: new Set([...(config.missing ?? MISSING), ""]),
      missingCount: new Set([...(config.missing ?? ["NA"]), ""]),
    };
  }

  /**
   * Reads every file of the map.
   * @param folder Where the paths start.
   * @param base What names are relative to.
   */
  async read(folder: (path: string) => string, base: string, progress?: (file: string) => void): Promise<void> {
    const { files, identifierSystem = "" } = this.#config;
    const readers: readonly (readonly [CsvKind, RowReader])[] = [
      ["patients", (row, _context, columns) => readPatient(row, identifierSystem, columns)],
      ...READERS,
    ];
    for (const [kind, reader] of readers) {
      const map = files[kind];
      if (map === undefined) continue;
      const path = folder(map.path);
      const name = relative(base, path).replaceAll("\\", "/");
      progress?.(name);
      await this.#file(kind, map, path, name, reader);
    }
  }

  async #file(kind: CsvKind, map: FileMap, path: string, name: string, reader: RowReader): Promise<void> {
    const file = this.#collector.open(name);
    if (!existsSync(path)) {
      this.#collector.counts.filesRejected++;
      this.#collector.note(file, null, null, "file not found");
      return;
    }
    let positions: ReadonlyMap<string, number> | null = null;
    const used = new Set(Object.values(map.columns).filter((column) => column !== undefined));
    for (const column of Object.keys(map.where)) used.add(column);
    const source = { path, file, delimiter: this.#config.delimiter, used };
    for await (const { cells, line } of csvRecords(source, this.#collector)) {
      if (positions === null) {
        positions = new Map(cells.map((column, position) => [column, position]));
        this.#collector.describe(file, { unusedColumns: cells.filter((column) => column !== "" && !used.has(column)) });
        if (this.#lacksColumns(map, positions, file)) return;
      } else if (cells.some((cell) => cell !== "")) {
        this.#row(kind, map, positions, cells, { file, line, name }, reader);
      }
    }
    if (positions !== null) return;
    this.#collector.counts.filesRejected++;
    this.#collector.note(file, null, null, "file is empty");
  }

  /** Lists mapped columns that the file lacks; true when it can't be used without one of them. */
  #lacksColumns(map: FileMap, positions: ReadonlyMap<string, number>, file: number): boolean {
    let unusable = false;
    const lacking = (column: string, use: string): void => {
      const found = [...positions.keys()].join(", ");
      this.#collector.note(file, 1, null, `column ${column} not found (${use}); found: ${found}`);
    };
    for (const [field, column] of Object.entries(map.columns)) {
      if (column === undefined || positions.has(column)) continue;
      lacking(column, field);
      unusable ||= !EXPENDABLE.has(field);
    }
    for (const column of Object.keys(map.where)) {
      if (positions.has(column)) continue;
      lacking(column, "where");
      unusable = true;
    }
    if (unusable) this.#collector.counts.filesRejected++;
    return unusable;
  }

  #row(
    kind: CsvKind,
    map: FileMap,
    positions: ReadonlyMap<string, number>,
    cells: readonly string[],
    place: { readonly file: number; readonly line: number; readonly name: string },
    reader: RowReader,
  ): void {
    this.#collector.counts.read++;
    for (const [column, wanted] of Object.entries(map.where)) {
      const cell = cells[positions.get(column) ?? -1] ?? "";
      if (typeof wanted === "string" ? cell === wanted : wanted.includes(cell)) continue;
      this.#collector.ignore(`${kind} (where)`);
      return;
    }
    const row = this.#mapped(map, positions, cells);
    const name = `${kind}/${place.name}:${place.line}`;
    const patient = row.text("patient");
    if (patient === undefined) {
      this.#collector.counts.unreadable++;
      this.#collector.reject(place.file, place.line, name, "no patient");
      return;
    }
    let updated: number | null = null;
    let reading: Reading | null;
    try {
      updated = row.instant("updated");
      reading = reader(row, this.#context, map.columns);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      reading = { reason: error.message, unmapped: error.message !== "no date" };
    }
    if (reading === null) {
      this.#collector.ignore(kind);
      return;
    }
    const unique = kind === "patients" ? patient : row.text("id");
    const key = unique === undefined ? name : `${kind}/${place.name}#${unique}`;
    const removed = row.status() === "entered-in-error";
    const before = kind === "patients" ? this.#collector.entries.get(key) : undefined;
    if (before && updated === null && JSON.stringify(before.facts) !== JSON.stringify(reading.facts ?? NO_FACTS)) {
      // Nothing says which row is right, so neither is: the patient stays, without anything to evaluate.
      reading = readPatient(new Row({ patient }, this.#conventions), this.#config.identifierSystem ?? "", map.columns);
      this.#collector.note(
        place.file,
        place.line,
        name,
        "patient listed again with different data: neither row is used",
      );
    }
    for (const problem of reading.problems ?? []) this.#collector.note(place.file, place.line, name, problem);
    this.#collector.add({
      key,
      rows: `${kind}/${place.name}`,
      version: null,
      subject: this.#collector.subject(patient),
      facts: reading.facts ?? NO_FACTS,
      reason: reading.reason ?? null,
      unmapped: reading.unmapped === true,
      business: null,
      updated,
      removed,
      file: place.file,
      line: place.line,
    });
  }

  #mapped(map: FileMap, positions: ReadonlyMap<string, number>, cells: readonly string[]): Row {
    const row: Record<string, string | undefined> = { ...map.constants };
    const { missing, missingCount } = this.#conventions;
    for (const [field, column] of Object.entries(map.columns)) {
      const cell = column === undefined ? undefined : cells[positions.get(column) ?? -1];
      const isMissing = NAMES.has(field) ? cell === "" : (COUNTS.has(field) ? missingCount : missing).has(cell ?? "");
      if (cell !== undefined && !isMissing) row[field] = cell;
    }
    return new Row(row, this.#conventions);
  }
}
