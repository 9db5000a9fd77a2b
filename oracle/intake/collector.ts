/**
 * Gathers facts as they stream by, one entry for each resource: versions are settled here, everything else when all is read.
 * What is kept grows with the patients and their relevant records, not with the rest of the data.
 */

import type { Day, Eligibility } from "../../terms/model.ts";
import type { Entry, Rejected } from "./facts.ts";
import { supersedes } from "./facts.ts";

/** How many resources and rows came in, and what became of them: `read` is the sum of the others. */
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
  /** Of a kind that no endpoint needs, by kind. */
  ignored: Record<string, number>;
}

/** What the cohorts ask of a patient, from all of them together. */
export interface Wanted {
  readonly conditions: ReadonlySet<string>;
  readonly medications: ReadonlySet<string>;
  readonly variants: ReadonlySet<string>;
}

export function wantedBy(eligibility: readonly Eligibility[]): Wanted {
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

export class Collector {
  readonly asOf: Day;
  readonly wanted: Wanted;
  /** Resources known to be withdrawn, from an earlier pass: no sign of life. */
  readonly withdrawn: ReadonlySet<string>;
  readonly counts: Counts = { files: 0, read: 0, used: 0, rejected: 0, superseded: 0, duplicates: 0, ignored: {} };
  readonly rejected: Rejected[] = [];
  readonly entries = new Map<string, Entry>();
  /** Codes of Medication resources. */
  readonly medications = new Map<string, readonly string[]>();
  readonly activity = new Map<string, Activity>();
  /** Withdrawals of resources that are not kept. */
  readonly withdrawals = new Set<string>();
  readonly files: string[] = [];
  readonly #subjects = new Map<string, string>();

  constructor(asOf: Day, wanted: Wanted, withdrawn: ReadonlySet<string>) {
    this.asOf = asOf;
    this.wanted = wanted;
    this.withdrawn = withdrawn;
  }

  /** Begins a file; the number stands for its name in entries. */
  open(file: string): number {
    this.counts.files++;
    return this.files.push(file) - 1;
  }

  /** Counts a unit (resource, row, or line that is neither) as not used. */
  reject(file: number, line: number | null, resource: string | null, reason: string): void {
    this.counts.rejected++;
    this.note(file, line, resource, reason);
  }

  /** Lists a part of a unit that was not used, while the unit itself counts otherwise. */
  note(file: number, line: number | null, resource: string | null, reason: string): void {
    this.rejected.push({ file: this.files[file] ?? "", line, resource, reason });
  }

  /** One copy of a patient's key for all the entries that carry it. */
  subject(key: string): string {
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    this.#subjects.set(key, key);
    return key;
  }

  ignore(kind: string): void {
    this.counts.ignored[kind] = (this.counts.ignored[kind] ?? 0) + 1;
  }

  add(entry: Entry): void {
    if (entry.updated >= (this.asOf + 1) * DAY) {
      this.reject(entry.file, entry.line, entry.id, "recorded after the as-of date");
      return;
    }
    const current = this.entries.get(entry.id);
    if (current === undefined) {
      this.entries.set(entry.id, entry);
    } else {
      this.counts.superseded++;
      if (supersedes(entry, current)) this.entries.set(entry.id, entry);
    }
  }

  /** The patient was alive on that day, says a resource that is otherwise not needed. */
  alive(subject: string, day: Day, id: string): void {
    if (day > this.asOf || this.withdrawn.has(id)) return;
    const known = this.activity.get(subject);
    if (known !== undefined && day < known.day) return;
    if (known === undefined || day > known.day || (day === known.day && id < known.id)) {
      this.activity.set(subject, { day, id });
    }
  }
}
