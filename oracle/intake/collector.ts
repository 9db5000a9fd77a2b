/**
 * Gathers facts as they stream by, one entry for each resource: versions are settled here, everything else when all is read.
 * What is kept grows with the patients and their relevant records, not with the rest of the data.
 */

import type { Day } from "../../terms/model.ts";
import { NO_NEEDS, type Needs } from "../needs.ts";
import { Entry, type Frame } from "./entry.ts";
import type { Fact, Rejected } from "./facts.ts";
import { Interner } from "./intern.ts";

/** How many resources and rows came in, and what became of them: `read` is the sum of the next five. */
export interface Counts {
  files: number;
  read: number;
  /** In a patient's record. */
  used: number;
  /** Not used, and listed with a reason. */
  rejected: number;
  /** Older versions of a resource that came again. */
  superseded: number;
  /** Said the same as another one. */
  duplicates: number;
  /** Of a kind that no clause needs, by kind. */
  ignored: Record<string, number>;
  /** Of the rejected: lines and rows so broken that not even their patient is known. */
  unreadable: number;
  /** Files that could not be used at all: missing, or without a column that they need. */
  filesRejected: number;
  /** Results that clauses can rest on: used, collapsed, unmapped or quarantined. */
  results: number;
  /** Of the results: with a code or value that no map knows. */
  unmapped: number;
  /** Of the results: dated when it can't be, or about what can't be told. */
  quarantined: number;
}

/** A file that was read. */
export interface FileRead {
  /** Relative to the source file. */
  readonly file: string;
  /** Of its bytes, where evidence names it by line: 64 hex digits. Null for FHIR, whose evidence names versions of resources. */
  readonly sha256: string | null;
  /** Columns that the source does not use. */
  unusedColumns: readonly string[];
}

/** A resource or row that is in a patient's record. */
export interface Used {
  readonly file: string;
  readonly line: number | null;
  /** As evidence names it. */
  readonly resource: string;
}

/** One version of a resource or row, as it was read. */
export type Statement = Pick<Entry, "key" | "subject" | "facts" | "updated" | "line"> & Frame;

/** Facts that are likely to be said again, and that JSON can tell apart. */
function isShared(fact: Fact): boolean {
  switch (fact.kind) {
    case "therapy":
      return fact.quantity === null;
    case "assessment":
      return fact.focus.length === 0;
    case "condition":
      return fact.related === null;
    default:
      return false;
  }
}

/** What the cohorts ask of a patient, from all of them together. */
export interface Wanted {
  readonly conditions: ReadonlySet<string>;
  readonly medications: ReadonlySet<string>;
  readonly variants: ReadonlySet<string>;
}

function wantedBy({ eligibility }: Needs): Wanted {
  return {
    conditions: new Set(eligibility.flatMap(({ conditions }) => conditions)),
    medications: new Set(eligibility.flatMap(({ medications }) => medications)),
    variants: new Set(eligibility.flatMap(({ variants }) => variants)),
  };
}

/** Last sign of life of one patient from resources that are not kept. */
export interface Activity {
  readonly day: Day;
  readonly id: string;
}

const DAY = 86_400_000;

export interface CollectorOptions {
  readonly asOf: Day;
  readonly needs?: Needs | undefined;
  /** Resources known to be withdrawn, from an earlier pass: no sign of life. */
  readonly withdrawn?: ReadonlySet<string>;
  /** Told of every resource and row that ends in a patient's record. */
  readonly used?: ((used: Used) => void) | undefined;
}

export class Collector {
  readonly asOf: Day;
  readonly needs: Needs;
  readonly wanted: Wanted;
  readonly withdrawn: ReadonlySet<string>;
  readonly counts: Omit<Counts, "ignored"> = {
    files: 0,
    read: 0,
    used: 0,
    rejected: 0,
    superseded: 0,
    duplicates: 0,
    unreadable: 0,
    filesRejected: 0,
    results: 0,
    unmapped: 0,
    quarantined: 0,
  };
  readonly rejected: Rejected[] = [];
  readonly entries = new Map<string, Entry>();
  /** Codes of Medication resources. */
  readonly medications = new Map<string, readonly string[]>();
  readonly activity = new Map<string, Activity>();
  /** Withdrawals of resources that are not kept. */
  readonly withdrawals = new Set<string>();
  readonly files: FileRead[] = [];
  readonly #used: ((used: Used) => void) | undefined;
  readonly #subjects = new Map<string, string>();
  readonly #ignored = new Map<string, number>();
  readonly #frames = new Interner<Frame>();
  readonly #facts = new Interner<readonly Fact[]>();

  constructor({ asOf, needs = NO_NEEDS, withdrawn = new Set(), used }: CollectorOptions) {
    this.asOf = asOf;
    this.needs = needs;
    this.wanted = wantedBy(needs);
    this.withdrawn = withdrawn;
    this.#used = used;
  }

  /** Begins a file; the number stands for its name in entries. */
  open(file: string): number {
    this.counts.files++;
    return this.files.push({ file, sha256: null, unusedColumns: [] }) - 1;
  }

  /** Adds what became known of a file. */
  describe(file: number, known: Partial<Omit<FileRead, "file">>): void {
    const before = this.files[file];
    if (before !== undefined) this.files[file] = { ...before, ...known };
  }

  /** Counts a unit (resource, row, or line that is neither) as not used. */
  reject(file: number, line: number | null, resource: string | null, reason: string): void {
    this.counts.rejected++;
    this.note(file, line, resource, reason);
  }

  /** Counts a line or row of which nothing can be told. */
  unreadable(file: number, line: number | null, reason: string): void {
    this.counts.read++;
    this.counts.unreadable++;
    this.reject(file, line, null, reason);
  }

  /** Lists a part of a unit that was not used, while the unit itself counts otherwise. */
  note(file: number, line: number | null, resource: string | null, reason: string): void {
    this.rejected.push({ file: this.files[file]?.file ?? "", line, resource, reason });
  }

  /** One copy of a patient's key for all the entries that carry it. */
  subject(key: string): string {
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    this.#subjects.set(key, key);
    return key;
  }

  ignore(kind: string): void {
    this.#ignored.set(kind, (this.#ignored.get(kind) ?? 0) + 1);
  }

  /** Gives up what only reading needs. */
  close(): void {
    this.#subjects.clear();
    this.#frames.clear();
    this.#facts.clear();
    this.withdrawals.clear();
  }

  /** What became of all that was read. */
  total(): Counts {
    return { ...this.counts, ignored: Object.fromEntries(this.#ignored) };
  }

  /** Counts an entry that ends in a patient's record. */
  use(entry: Entry): void {
    this.counts.used++;
    if (this.#used === undefined) return;
    const file = this.files[entry.frame.file]?.file ?? "";
    this.#used({ file, line: entry.line, resource: entry.id });
  }

  /** Takes in one version of a resource or row. */
  add({ key, subject, facts, updated, line, ...frame }: Statement): void {
    const entry = new Entry(key, subject, this.#shared(facts), this.#frame(frame), updated, line);
    if (entry.updated !== null && this.isLater(entry.updated)) {
      this.reject(frame.file, line, entry.name, "recorded after the as-of date");
      return;
    }
    const current = this.entries.get(entry.key);
    if (current === undefined) {
      this.entries.set(entry.key, entry);
    } else {
      this.counts.superseded++;
      if (entry.supersedes(current)) this.entries.set(entry.key, entry);
    }
  }

  #frame(frame: Frame): Frame {
    const { file, rows, version, reason, unmapped, business, removed } = frame;
    if (business !== null) return frame;
    return this.#frames.of(`${file} ${rows ?? ""} ${version ?? ""} ${unmapped} ${removed} ${reason ?? ""}`, frame);
  }

  /** Patients have many resources that say the same of the same day. */
  #shared(facts: readonly Fact[]): readonly Fact[] {
    const [fact, ...more] = facts;
    if (fact === undefined || more.length > 0 || !isShared(fact)) return facts;
    return this.#facts.of(JSON.stringify(fact), facts);
  }

  /** Whether a time lies after the as-of date, which ends with its last moment in UTC. */
  isLater(time: number): boolean {
    return time >= (this.asOf + 1) * DAY;
  }

  /** Whether a sign of life on that day could be the last one. */
  isNews(subject: string, day: Day): boolean {
    return day <= this.asOf && day >= (this.activity.get(subject)?.day ?? -Infinity);
  }

  /** The patient was alive on that day, which is news, says a resource that is otherwise not needed. */
  alive(subject: string, day: Day, type: string, id: string): void {
    const known = this.activity.get(subject);
    const name = `${type}/${id}`;
    if (this.withdrawn.has(name)) return;
    if (known === undefined || day > known.day || name < known.id) this.activity.set(subject, { day, id: name });
  }
}
