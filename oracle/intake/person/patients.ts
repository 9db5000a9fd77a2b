/** From entries to patient records: everything that takes the whole of a patient's data to decide. */

import type { PatientRecord } from "../../record.ts";
import type { Collector } from "../collector.ts";
import type { Entry } from "../entry.ts";
import { assessmentsOf } from "./assessments.ts";
import { consentOf } from "./consent.ts";
import { costsOf } from "./costs.ts";
import { deathOf, lastAliveOf, statedDeath } from "./death.ts";
import { eventsOf } from "./events.ts";
import { followUpOf } from "./followUp.ts";
import { healthStatesOf, measurementsOf } from "./measured.ts";
import { byId, Person, type Stated } from "./person.ts";
import { administrationsOf, codesMet, dosesOf, indexOf, therapiesOf, treatmentsOf } from "./treatments.ts";

/** Builds every record, in order of identifier, and lists what can't be used. */
export function buildPatients(collector: Collector): PatientRecord[] {
  const { counts } = collector;
  const bySubject = new Map<string, Entry[]>();
  const patients: Stated<"patient">[] = [];
  for (const entry of collector.entries.values()) {
    if (entry.reason !== null) collector.reject(entry.frame.file, entry.line, entry.name, entry.reason);
    if (entry.frame.unmapped) {
      counts.results++;
      counts.unmapped++;
    }
    const [fact] = entry.facts;
    if (fact === undefined) continue;
    if (fact.kind === "patient") patients.push({ entry, fact, id: entry.id });
    const list = bySubject.get(entry.subject);
    if (list) list.push(entry);
    else bySubject.set(entry.subject, [entry]);
  }
  // What is built replaces what was gathered, patient by patient: both at once would be twice the memory.
  collector.entries.clear();
  // One person may stand in the source twice: the same identifier is the same person.
  const persons = new Map<string, Stated<"patient">[]>();
  for (const stated of patients.sort(byId)) {
    const key = `${stated.fact.identifier.system}|${stated.fact.identifier.value}`;
    const same = persons.get(key);
    if (same) same.push(stated);
    else persons.set(key, [stated]);
  }
  const known = new Set(patients.map(({ entry }) => entry.subject));
  for (const [subject, entries] of bySubject) {
    if (known.has(subject)) continue;
    for (const entry of entries) {
      if (entry.reason === null)
        collector.reject(entry.frame.file, entry.line, entry.name, `unknown patient ${subject}`);
    }
    bySubject.delete(subject);
  }
  const keys = [...persons.keys()].sort();
  return keys.map((key) => {
    const same = persons.get(key) ?? [];
    const entries = same.flatMap(({ entry }) => bySubject.get(entry.subject) ?? []);
    same.forEach(({ entry }) => bySubject.delete(entry.subject));
    persons.delete(key);
    const person = new Person(collector, same, entries);
    const record = buildRecord(person);
    person.account();
    return record;
  });
}

function buildRecord(person: Person): PatientRecord {
  const { fact, id } = person.patient;
  const stated = statedDeath(person);
  const assessed = assessmentsOf(person, stated?.date ?? null);
  const treatments = treatmentsOf(person, stated?.date ?? null);
  const index = indexOf(person, treatments);
  const lastAlive = lastAliveOf(person, stated, assessed.used, treatments);
  const death = deathOf(person, stated, assessed.afterDeath, lastAlive, index);
  return {
    identifier: fact.identifier,
    id,
    index,
    birth: fact.birth,
    sex: fact.sex,
    death,
    lastAlive,
    followUp: followUpOf(person),
    consent: consentOf(person),
    assessments: assessed.used,
    pending: assessed.pending,
    therapies: therapiesOf(person, treatments, index),
    doses: dosesOf(person, treatments),
    measurements: measurementsOf(person, stated?.date ?? null),
    healthStates: healthStatesOf(person, stated?.date ?? null),
    events: eventsOf(person, treatments, index, death),
    costs: costsOf(person),
    administrations: administrationsOf(person, treatments, index),
    met: codesMet(person, treatments),
  };
}
