/** From entries to patient records: everything that takes the whole of a patient's data to decide. */

import type { Day } from "../../terms/model.ts";
import type { Assessment, Dated, Death, FirstDose, Interval, PatientRecord, Therapy } from "../record.ts";
import { isCancerDrug } from "./codes.ts";
import type { Collector, Wanted } from "./collector.ts";
import type { AssessmentFact, Entry, Fact, PatientFact, TherapyFact } from "./facts.ts";
import { focusProblem, primaryCancers } from "./focus.ts";

type EntryOf<F extends Fact> = Entry & { readonly fact: F };

function ofKind<K extends Fact["kind"]>(entries: readonly Entry[], kind: K): EntryOf<Extract<Fact, { kind: K }>>[] {
  return entries.filter((entry): entry is EntryOf<Extract<Fact, { kind: K }>> => entry.fact?.kind === kind);
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** Builds every record, in order of identifier, and lists what can't be used. */
export function buildPatients(collector: Collector): PatientRecord[] {
  const bySubject = new Map<string, Entry[]>();
  const patients: EntryOf<PatientFact>[] = [];
  for (const entry of collector.entries.values()) {
    if (entry.reason !== null) collector.reject(entry.file, entry.line, entry.id, entry.reason);
    if (entry.fact === null) continue;
    if (entry.fact.kind === "patient") patients.push(entry as EntryOf<PatientFact>);
    const list = bySubject.get(entry.subject);
    if (list) list.push(entry);
    else bySubject.set(entry.subject, [entry]);
  }
  // What is built replaces what was gathered, patient by patient: both at once would be twice the memory.
  collector.entries.clear();
  // One person may stand in the source twice: the same identifier is the same person.
  const persons = new Map<string, EntryOf<PatientFact>[]>();
  for (const entry of patients.sort(byId)) {
    const key = `${entry.fact.identifier.system}|${entry.fact.identifier.value}`;
    const same = persons.get(key);
    if (same) same.push(entry);
    else persons.set(key, [entry]);
  }
  const known = new Set(patients.map(({ subject }) => subject));
  for (const [subject, entries] of bySubject) {
    if (known.has(subject)) continue;
    for (const entry of entries) {
      if (entry.reason === null) collector.reject(entry.file, entry.line, entry.id, `unknown patient ${subject}`);
    }
  }
  const keys = [...persons.keys()].sort();
  return keys.map((key) => {
    const same = persons.get(key) ?? [];
    const entries = same.flatMap(({ subject }) => bySubject.get(subject) ?? []);
    const subjects = same.map(({ subject }) => subject);
    subjects.forEach((subject) => bySubject.delete(subject));
    persons.delete(key);
    return new Builder(collector, same, entries).build(subjects);
  });
}

/** A death as the source states it; without a date it is known, but not since when. */
interface StatedDeath {
  readonly date: Interval | null;
  readonly id: string;
  /** It lies after the as-of date, so the patient was alive on it. */
  readonly aliveAtCutoff: boolean;
}

class Builder {
  readonly #collector: Collector;
  readonly #asOf: Day;
  readonly #wanted: Wanted;
  readonly #patient: EntryOf<PatientFact>;
  readonly #entries: readonly Entry[];

  constructor(collector: Collector, same: readonly EntryOf<PatientFact>[], entries: readonly Entry[]) {
    const [first, ...others] = same;
    if (first === undefined) throw new RangeError("a person has at least one patient entry");
    this.#collector = collector;
    this.#asOf = collector.asOf;
    this.#wanted = collector.wanted;
    // The one updated last speaks for the person.
    this.#patient = others.reduce((a, b) => (b.updated > a.updated ? b : a), first);
    this.#entries = [...entries].sort(byId);
    collector.counts.duplicates += others.length;
    collector.counts.used++;
  }

  #reject(entry: Entry, reason: string): void {
    // A preliminary result has been counted and listed with its own reason.
    if (entry.reason === null) this.#collector.reject(entry.file, entry.line, entry.id, reason);
  }

  #use(): void {
    this.#collector.counts.used++;
  }

  build(subjects: readonly string[]): PatientRecord {
    const { fact, id } = this.#patient;
    const birth = fact.birth;
    const stated = this.#statedDeath();
    const accepted = this.#assessments(birth, stated?.date ?? null);
    const treatments = this.#treatments(birth, stated?.date ?? null);
    const index = this.#index(treatments);
    const lastAlive = this.#lastAlive(subjects, stated, accepted.used, treatments);
    const death = this.#death(stated, accepted.afterDeath, lastAlive, index);
    return {
      identifier: fact.identifier,
      id,
      index,
      birth,
      sex: fact.sex,
      death,
      lastAlive,
      followUp: this.#followUp(),
      consent: this.#consent(),
      assessments: accepted.used,
      pending: accepted.pending,
      therapies: this.#therapies(treatments, index),
      doses: this.#doses(treatments),
      measurements: [],
      healthStates: [],
      events: [],
      costs: [],
      administrations: [],
      met: this.#met(treatments),
    };
  }

  /** The death as stated, unless it lies after the as-of date: then the patient was alive. */
  #statedDeath(): StatedDeath | null {
    const { fact, id } = this.#patient;
    const observed = ofKind(this.#entries, "death");
    observed.forEach(() => this.#use());
    const other = observed[0];
    const date = fact.death ?? other?.fact.date ?? null;
    if (date === null) return null;
    const source = fact.death === null && other ? other.id : id;
    if (date === "unknown") {
      // Another resource may know the day.
      if (other && other.fact.date.first <= this.#asOf)
        return { date: other.fact.date, id: other.id, aliveAtCutoff: false };
      return { date: null, id: source, aliveAtCutoff: false };
    }
    if (date.first > this.#asOf) return { date: null, id: source, aliveAtCutoff: true };
    return { date, id: source, aliveAtCutoff: false };
  }

  #death(stated: StatedDeath | null, disputed: boolean, lastAlive: Dated | null, index: Dated | null): Death | null {
    if (stated === null || stated.aliveAtCutoff) return null;
    const birth = this.#patient.fact.birth;
    if (stated.date !== null) {
      const beforeBirth = birth !== null && stated.date.last < birth.first;
      if (beforeBirth) this.#collector.note(this.#patient.file, this.#patient.line, stated.id, "death before birth");
      return { date: stated.date, disputed: disputed || beforeBirth, id: stated.id };
    }
    // Dead, and nothing says since when: some day after the last sign of life.
    const since = Math.max(lastAlive === null ? -Infinity : lastAlive.day + 1, index?.day ?? -Infinity);
    const first = Number.isFinite(since) ? Math.min(since, this.#asOf) : (birth?.first ?? 0);
    return { date: { first, last: this.#asOf }, disputed: false, id: stated.id };
  }

  #misdated(date: Interval, birth: Interval | null, death: Interval | null): string | null {
    if (date.first > this.#asOf) return "dated after the as-of date";
    if (birth !== null && date.last < birth.first) return "dated before birth";
    if (death !== null && date.first > death.last) return "dated after death";
    return null;
  }

  #assessments(
    birth: Interval | null,
    death: Interval | null,
  ): { used: Assessment[]; pending: Assessment[]; afterDeath: boolean } {
    const cancers = primaryCancers(ofKind(this.#entries, "condition"), this.#wanted.conditions);
    const entries = ofKind(this.#entries, "assessment");
    const foci = new Set(entries.flatMap(({ fact }) => fact.focus));
    const kept = new Map<string, EntryOf<AssessmentFact>>();
    const seen = new Map<string, EntryOf<AssessmentFact>>();
    const pending: Assessment[] = [];
    let afterDeath = false;
    for (const entry of entries) {
      const { fact } = entry;
      const problem = this.#misdated(fact.date, birth, death) ?? focusProblem(fact.focus, cancers, foci);
      if (problem !== null) {
        if (problem === "dated after death" && fact.response !== "NE" && entry.reason === null) afterDeath = true;
        this.#reject(entry, problem);
      } else if (entry.reason !== null) {
        pending.push(asAssessment(entry));
      } else {
        const [content, business] = [contentKey(fact), fact.business];
        const same = (business === null ? undefined : seen.get(business)) ?? seen.get(content);
        if (same) this.#collector.counts.duplicates++;
        const newer =
          same !== undefined && business !== null && same.fact.business === business && entry.updated > same.updated;
        if (same && !newer) continue;
        if (same) kept.delete(same.id);
        kept.set(entry.id, entry);
        seen.set(content, entry);
        if (business !== null) seen.set(business, entry);
      }
    }
    if (afterDeath) {
      const { file, line, id } = this.#patient;
      this.#collector.note(file, line, id, "death before an assessment: one of the dates is wrong");
    }
    const used = [...kept.values()].map(asAssessment);
    used.forEach(() => this.#use());
    const order = (a: Assessment, b: Assessment): number =>
      a.date.first - b.date.first || a.date.last - b.date.last || byId(a, b);
    return { used: used.sort(order), pending: pending.sort(order), afterDeath };
  }

  /** Treatments that can be right, each with the codes of its medication. */
  #treatments(birth: Interval | null, death: Interval | null): EntryOf<TherapyFact>[] {
    const usable: EntryOf<TherapyFact>[] = [];
    for (const entry of ofKind(this.#entries, "therapy")) {
      const problem = this.#misdated(entry.fact.start, birth, death);
      if (problem !== null) {
        this.#reject(entry, problem);
        continue;
      }
      const { medication } = entry.fact;
      const codes = medication === null ? entry.fact.codes : this.#collector.medications.get(medication);
      if (codes === undefined) {
        this.#reject(entry, `unknown medication ${medication ?? ""}`);
        continue;
      }
      const cancer = entry.fact.cancer || (medication !== null && codes.some(isCancerDrug));
      usable.push({ ...entry, fact: { ...entry.fact, codes, cancer } });
      this.#use();
    }
    return usable.sort(
      (a, b) => a.fact.start.first - b.fact.start.first || a.fact.start.last - b.fact.start.last || byId(a, b),
    );
  }

  /** The codes of `codes` that are wanted; a plain code stands for the wanted one with a system. */
  #wantedCodes(codes: readonly string[], wanted: ReadonlySet<string>): string[] {
    return [...wanted].filter((full) =>
      codes.some((code) => code === full || (!code.includes("|") && full.endsWith(`|${code}`))),
    );
  }

  #begins(entry: EntryOf<TherapyFact>): boolean {
    if (!entry.fact.given) return false;
    const { medications } = this.#wanted;
    return medications.size === 0 ? entry.fact.cancer : this.#wantedCodes(entry.fact.codes, medications).length > 0;
  }

  #index(treatments: readonly EntryOf<TherapyFact>[]): Dated | null {
    const { fact, id, file, line } = this.#patient;
    const given = fact.index;
    const first = treatments.find((entry) => this.#begins(entry));
    const found =
      given !== null
        ? { date: given, id, file, line }
        : first && { date: first.fact.start, id: first.id, file: first.file, line: first.line };
    if (!found) return null;
    const { date } = found;
    const problem =
      date.first !== date.last
        ? "index date is partial"
        : date.first > this.#asOf
          ? "index date after the as-of date"
          : fact.birth !== null && date.last < fact.birth.first
            ? "index date before birth"
            : null;
    if (problem === null) return { day: date.first, id: found.id };
    this.#collector.note(found.file, found.line, found.id, problem);
    return null;
  }

  #lastAlive(
    subjects: readonly string[],
    stated: StatedDeath | null,
    assessments: readonly Assessment[],
    treatments: readonly EntryOf<TherapyFact>[],
  ): Dated | null {
    const { fact, id } = this.#patient;
    const signs: Dated[] = [];
    if (stated?.aliveAtCutoff) signs.push({ day: this.#asOf, id: stated.id });
    // A registry that saw the patient after the as-of date saw a patient alive on it.
    if (fact.lastAlive !== null) signs.push({ day: Math.min(fact.lastAlive.first, this.#asOf), id });
    for (const subject of subjects) {
      const sign = this.#collector.activity.get(subject);
      if (sign) signs.push(sign);
    }
    for (const { date, id } of assessments) signs.push({ day: Math.min(date.first, this.#asOf), id });
    for (const entry of treatments) if (entry.fact.given) signs.push({ day: entry.fact.start.first, id: entry.id });
    const last = signs.reduce<Dated | null>((a, b) => (a === null || b.day > a.day ? b : a), null);
    if (last === null || !stated?.date) return last;
    return last.day > stated.date.last ? { day: stated.date.last, id: last.id } : last;
  }

  #therapies(treatments: readonly EntryOf<TherapyFact>[], index: Dated | null): Therapy[] {
    const cancer = treatments.filter(({ fact }) => fact.cancer || this.#begins({ fact } as EntryOf<TherapyFact>));
    const named = this.#wanted.medications.size > 0;
    // Without a named medication, what ran when the treatment began is the agreement's.
    const atIndex = new Set(
      cancer.flatMap(({ fact }) => (index !== null && fact.start.first <= index.day ? fact.codes : [])),
    );
    const isContract = ({ codes, start }: TherapyFact): boolean =>
      named
        ? this.#wantedCodes(codes, this.#wanted.medications).length > 0
        : (index !== null && start.first <= index.day) || codes.some((code) => atIndex.has(code));
    // Later doses of one treatment say nothing more about when it began.
    const first = new Map<string, Therapy>();
    for (const { fact, id } of cancer) {
      const key = `${[...fact.codes].sort().join(" ")} ${fact.start.first === fact.start.last}`;
      const afterIndex = index !== null && fact.start.last > index.day;
      const place = `${afterIndex} ${key}`;
      if (!first.has(place)) first.set(place, { start: fact.start, codes: fact.codes, contract: isContract(fact), id });
    }
    return [...first.values()];
  }

  #doses(treatments: readonly EntryOf<TherapyFact>[]): FirstDose[] {
    const first = new Map<string, FirstDose>();
    for (const entry of treatments) {
      if (!this.#begins(entry)) continue;
      const { medications } = this.#wanted;
      const codes = medications.size === 0 ? entry.fact.codes : this.#wantedCodes(entry.fact.codes, medications);
      for (const code of codes) if (!first.has(code)) first.set(code, { code, date: entry.fact.start, id: entry.id });
    }
    return [...first.values()];
  }

  #met(treatments: readonly EntryOf<TherapyFact>[]): PatientRecord["met"] {
    const conditions = ofKind(this.#entries, "condition");
    const variants = ofKind(this.#entries, "variant");
    for (let used = conditions.length + variants.length; used > 0; used--) this.#use();
    const wanted = this.#wanted;
    const codes = (list: readonly { readonly fact: { readonly codes: readonly string[] } }[]): string[] =>
      list.flatMap(({ fact }) => fact.codes);
    return {
      conditions: this.#wantedCodes(codes(conditions), wanted.conditions),
      medications: this.#wantedCodes(codes(treatments.filter(({ fact }) => fact.given)), wanted.medications),
      variants: this.#wantedCodes(codes(variants), wanted.variants),
    };
  }

  #followUp(): PatientRecord["followUp"] {
    const { fact, id } = this.#patient;
    if (fact.followUp === null) return null;
    const until = (day: Day | null): Day | null => (day === null ? null : Math.min(day, this.#asOf));
    const { lastActivity, gapStart, lastReview } = fact.followUp;
    const gap = gapStart !== null && gapStart > this.#asOf ? null : gapStart;
    return { lastActivity: until(lastActivity), gapStart: gap, lastReview: until(lastReview), id };
  }

  /** A refusal in force prevails, then a consent in force; one that has lapsed is no consent. */
  #consent(): boolean | null {
    const entries = ofKind(this.#entries, "consent");
    entries.forEach(() => this.#use());
    const own = this.#patient.fact.consent;
    const stances = new Set(entries.map(({ fact }) => fact.stance));
    if (own === false || stances.has("denied")) return false;
    if (own === true || stances.has("granted")) return true;
    return stances.has("lapsed") ? false : null;
  }
}

function asAssessment({ fact, id }: EntryOf<AssessmentFact>): Assessment {
  return { date: fact.date, response: fact.response, evaluator: fact.evaluator, imaging: fact.imaging, id };
}

/** Two sources that agree on all of this mean one assessment. */
function contentKey(fact: AssessmentFact): string {
  return [fact.date.first, fact.date.last, fact.response, fact.evaluator ?? "", fact.imaging ?? ""].join(" ");
}
