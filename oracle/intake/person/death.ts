/** Death and the last sign of life. */

import type { Assessment, Dated, Death, Interval } from "../../record.ts";
import type { Person, Stated } from "./person.ts";

/** A death as the source states it; without a date it is known, but not since when. */
export interface StatedDeath {
  readonly date: Interval | null;
  readonly id: string;
  /** It lies after the as-of date, so the patient was alive on it. */
  readonly aliveAtCutoff: boolean;
}

/** The death as stated, unless it lies after the as-of date: then the patient was alive. */
export function statedDeath(person: Person): StatedDeath | null {
  const { fact, id } = person.patient;
  const observed = person.of("death");
  observed.forEach((stated) => {
    person.use(stated);
  });
  const other = observed[0];
  const date = fact.death ?? other?.fact.date ?? null;
  if (date === null) return null;
  const source = fact.death === null && other ? other.id : id;
  if (date === "unknown") {
    // Another resource may know the day.
    if (other && other.fact.date.first <= person.asOf)
      return { date: other.fact.date, id: other.id, aliveAtCutoff: false };
    return { date: null, id: source, aliveAtCutoff: false };
  }
  if (date.first > person.asOf) return { date: null, id: source, aliveAtCutoff: true };
  return { date, id: source, aliveAtCutoff: false };
}

export function deathOf(
  person: Person,
  stated: StatedDeath | null,
  disputed: boolean,
  lastAlive: Dated | null,
  index: Dated | null,
): Death | null {
  if (stated === null || stated.aliveAtCutoff) return null;
  const { birth } = person.patient.fact;
  if (stated.date !== null) {
    const beforeBirth = birth !== null && stated.date.last < birth.first;
    if (beforeBirth) person.note(person.patient, "death before birth");
    return { date: stated.date, disputed: disputed || beforeBirth, id: stated.id };
  }
  // Dead, and nothing says since when: some day after the last sign of life.
  const since = Math.max(lastAlive === null ? -Infinity : lastAlive.day + 1, index?.day ?? -Infinity);
  const first = Number.isFinite(since) ? Math.min(since, person.asOf) : (birth?.first ?? 0);
  return { date: { first, last: person.asOf }, disputed: false, id: stated.id };
}

/** Last day on which the patient is known to have been alive, not after the as-of date or the stated death. */
export function lastAliveOf(
  person: Person,
  stated: StatedDeath | null,
  assessments: readonly Assessment[],
  treatments: readonly Stated<"therapy">[],
): Dated | null {
  const { asOf, collector } = person;
  const { fact, id } = person.patient;
  const signs: Dated[] = [];
  if (stated?.aliveAtCutoff) signs.push({ day: asOf, id: stated.id });
  // A registry that saw the patient after the as-of date saw a patient alive on it.
  if (fact.lastAlive !== null) signs.push({ day: Math.min(fact.lastAlive.first, asOf), id });
  for (const subject of person.subjects) {
    const sign = collector.activity.get(subject);
    if (sign) signs.push(sign);
  }
  for (const { date, id: source } of assessments) signs.push({ day: Math.min(date.first, asOf), id: source });
  for (const { fact: therapy, id: source } of treatments)
    if (therapy.given) signs.push({ day: therapy.start.first, id: source });
  const last = signs.reduce<Dated | null>((a, b) => (a === null || b.day > a.day ? b : a), null);
  if (last === null || !stated?.date) return last;
  return last.day > stated.date.last ? { day: stated.date.last, id: last.id } : last;
}
