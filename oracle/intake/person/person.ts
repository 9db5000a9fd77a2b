/** One person's facts while they are weighed against each other, and what becomes of each resource and row. */

import type { Day } from "../../../terms/model.ts";
import type { Interval } from "../../record.ts";
import type { Collector, Wanted } from "../collector.ts";
import type { Entry } from "../entry.ts";
import type { Fact, FactOf } from "../facts.ts";

/** A fact with the resource or row that states it. */
export interface Stated<K extends Fact["kind"] = Fact["kind"]> {
  readonly fact: FactOf<K>;
  readonly entry: Entry;
  /** As evidence names it. */
  readonly id: string;
}

export const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** By date, then id. */
export function byDate<T extends { readonly date: Interval; readonly id: string }>(a: T, b: T): number {
  return a.date.first - b.date.first || a.date.last - b.date.last || byId(a, b);
}

/** Kinds that a clause's result can rest on. */
const RESULTS: ReadonlySet<Fact["kind"]> = new Set([
  "assessment",
  "therapy",
  "measurement",
  "health-state",
  "event",
  "cost",
]);

type Fate = "used" | "duplicate" | "quarantined" | "rejected";
const BETTER: readonly Fate[] = ["rejected", "quarantined", "duplicate", "used"];

export class Person {
  readonly collector: Collector;
  readonly asOf: Day;
  readonly wanted: Wanted;
  readonly patient: Stated<"patient">;
  readonly subjects: readonly string[];
  readonly #facts = new Map<Fact["kind"], Stated[]>();
  readonly #fates = new Map<Entry, Fate>();
  readonly #entries: readonly Entry[];
  readonly #told = new Set<string>();

  /**
   * @param same The patient entries of the person, by id: the one updated last speaks.
   * @param entries All entries, those of `same` among them.
   */
  constructor(collector: Collector, same: readonly Stated<"patient">[], entries: readonly Entry[]) {
    const [first, ...others] = same;
    if (first === undefined) throw new RangeError("a person has at least one patient entry");
    this.collector = collector;
    this.asOf = collector.asOf;
    this.wanted = collector.wanted;
    this.patient = others.reduce((a, b) => ((b.entry.updated ?? 0) > (a.entry.updated ?? 0) ? b : a), first);
    this.subjects = same.map(({ entry }) => entry.subject);
    this.#entries = entries;
    for (const { entry } of same) this.#settle(entry, entry === this.patient.entry ? "used" : "duplicate");
    for (const entry of entries) {
      for (const fact of entry.facts) {
        const stated = { fact, entry, id: entry.id } as Stated;
        const list = this.#facts.get(fact.kind);
        if (list) list.push(stated);
        else this.#facts.set(fact.kind, [stated]);
      }
    }
    for (const list of this.#facts.values()) list.sort(byId);
  }

  /** What is stated of a kind, by id. */
  of<K extends Fact["kind"]>(kind: K): readonly Stated<K>[] {
    return (this.#facts.get(kind) ?? []) as unknown as readonly Stated<K>[];
  }

  use({ entry }: { readonly entry: Entry }): void {
    this.#settle(entry, "used");
  }

  duplicate({ entry }: { readonly entry: Entry }): void {
    this.#settle(entry, "duplicate");
  }

  /** Lists why a fact is not used. */
  reject({ entry }: { readonly entry: Entry }, reason: string): void {
    this.#refuse(entry, reason, "rejected");
  }

  /** Lists a result that can't be right, or can't be told what it is about. */
  quarantine({ entry }: { readonly entry: Entry }, reason: string): void {
    this.#refuse(entry, reason, "quarantined");
  }

  /** Lists something about the entry, whatever becomes of it. */
  note({ entry }: { readonly entry: Entry }, reason: string): void {
    this.collector.note(entry.frame.file, entry.line, entry.name, reason);
  }

  /** Why a date can't be right; null when it can. */
  misdated(date: Interval, death: Interval | null): string | null {
    const { birth } = this.patient.fact;
    if (date.first > this.asOf) return "dated after the as-of date";
    if (birth !== null && date.last < birth.first) return "dated before birth";
    if (death !== null && date.first > death.last) return "dated after death";
    return null;
  }

  /** Counts every entry once, when all is decided. */
  account(): void {
    const { counts } = this.collector;
    for (const entry of this.#entries) {
      // What came with a reason against it has been counted and listed with that.
      if (entry.reason !== null) continue;
      const fate = this.#fates.get(entry);
      if (fate === "used") this.collector.use(entry);
      else if (fate === "duplicate") counts.duplicates++;
      else if (fate === undefined) this.collector.ignore(entry.facts[0]?.kind ?? "empty");
      else counts.rejected++;
      if (fate === undefined || fate === "rejected" || !entry.facts.some(({ kind }) => RESULTS.has(kind))) continue;
      counts.results++;
      if (fate === "quarantined") counts.quarantined++;
    }
  }

  #refuse(entry: Entry, reason: string, fate: Fate): void {
    if (entry.reason !== null) return;
    this.#settle(entry, fate);
    const told = `${entry.key}\n${reason}`;
    if (this.#told.has(told)) return;
    this.#told.add(told);
    this.note({ entry }, reason);
  }

  /** Of several facts of one entry the best counts. */
  #settle(entry: Entry, fate: Fate): void {
    const before = this.#fates.get(entry);
    if (before === undefined || BETTER.indexOf(fate) > BETTER.indexOf(before)) this.#fates.set(entry, fate);
  }
}
