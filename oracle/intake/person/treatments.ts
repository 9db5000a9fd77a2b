/** Treatments: which can be right, when the agreement's began, how much of it was given, and which others followed. */

import type { Administration, Dated, FirstDose, Interval, PatientRecord, Therapy } from "../../record.ts";
import { isCancerDrug } from "../codes.ts";
import type { FactOf } from "../facts.ts";
import { collapse } from "./collapse.ts";
import { byId, type Person, type Stated } from "./person.ts";

type Treatment = Stated<"therapy">;

/** Treatments that can be right, each with the codes of its medication, by start. */
export function treatmentsOf(person: Person, death: Interval | null): Treatment[] {
  const usable: Treatment[] = [];
  for (const stated of person.of("therapy")) {
    const problem = person.misdated(stated.fact.start, death);
    if (problem !== null) {
      person.quarantine(stated, problem);
      continue;
    }
    const { medication } = stated.fact;
    const codes = medication === null ? stated.fact.codes : person.collector.medications.get(medication);
    if (codes === undefined) {
      person.reject(stated, `unknown medication ${medication ?? ""}`);
      continue;
    }
    const cancer = stated.fact.cancer || (medication !== null && codes.some(isCancerDrug));
    usable.push({ ...stated, fact: { ...stated.fact, codes, cancer } });
  }
  const subject = ({ start, codes }: FactOf<"therapy">): string => [start.first, start.last, ...codes].join(" ");
  const once = collapse(person, usable, subject, null);
  for (const stated of once) person.use(stated);
  return once.sort(
    (a, b) => a.fact.start.first - b.fact.start.first || a.fact.start.last - b.fact.start.last || byId(a, b),
  );
}

/** The codes of `wanted` that are among `codes`; a plain code stands for the wanted one with a system. */
function wantedCodes(codes: readonly string[], wanted: ReadonlySet<string>): string[] {
  return [...wanted].filter((full) =>
    codes.some((code) => code === full || (!code.includes("|") && full.endsWith(`|${code}`))),
  );
}

/** Whether it can be what began the agreement's treatment. */
function begins({ wanted: { medications } }: Person, { given, cancer, codes }: FactOf<"therapy">): boolean {
  if (!given) return false;
  return medications.size === 0 ? cancer : wantedCodes(codes, medications).length > 0;
}

/** The day the treatment began: the source's, else the first administration; null when that is no full date. */
export function indexOf(person: Person, treatments: readonly Treatment[]): Dated | null {
  const { patient, asOf } = person;
  const given = patient.fact.index;
  const first = treatments.find(({ fact }) => begins(person, fact));
  const found =
    given !== null
      ? { date: given, id: patient.id, entry: patient.entry }
      : first && { date: first.fact.start, id: first.id, entry: first.entry };
  if (!found) return null;
  const { date, id } = found;
  const { birth } = patient.fact;
  const problem =
    date.first !== date.last
      ? "index date is partial"
      : date.first > asOf
        ? "index date after the as-of date"
        : birth !== null && date.last < birth.first
          ? "index date before birth"
          : null;
  if (problem === null) return { day: date.first, id };
  person.note(found, problem);
  return null;
}

function cancerTreatments(person: Person, treatments: readonly Treatment[]): Treatment[] {
  return treatments.filter(({ fact }) => fact.cancer || begins(person, fact));
}

/** Those of the agreement: of a medication that it names; without a named one, what ran when the treatment began. */
export function contractTreatments(
  person: Person,
  treatments: readonly Treatment[],
  index: Dated | null,
): ReadonlySet<Treatment> {
  const { medications } = person.wanted;
  if (medications.size > 0)
    return new Set(treatments.filter(({ fact }) => wantedCodes(fact.codes, medications).length > 0));
  const cancer = cancerTreatments(person, treatments);
  const ran = ({ start }: FactOf<"therapy">): boolean => index !== null && start.first <= index.day;
  const atIndex = new Set(cancer.flatMap(({ fact }) => (ran(fact) ? fact.codes : [])));
  return new Set(cancer.filter(({ fact }) => ran(fact) || fact.codes.some((code) => atIndex.has(code))));
}

/** Anticancer treatments, each from its start. */
export function therapiesOf(person: Person, treatments: readonly Treatment[], index: Dated | null): Therapy[] {
  const contract = contractTreatments(person, treatments, index);
  // Later doses of one treatment say nothing more about when it began.
  const first = new Map<string, Therapy>();
  for (const stated of cancerTreatments(person, treatments)) {
    const { start, codes } = stated.fact;
    const afterIndex = index !== null && start.last > index.day;
    const place = `${afterIndex} ${[...codes].sort().join(" ")} ${start.first === start.last}`;
    if (!first.has(place)) first.set(place, { start, codes, contract: contract.has(stated), id: stated.id });
  }
  return [...first.values()];
}

/** Administrations of the agreement's treatment, when a clause counts them. */
export function administrationsOf(
  person: Person,
  treatments: readonly Treatment[],
  index: Dated | null,
): Administration[] {
  if (!person.collector.needs.administrations) return [];
  const contract = contractTreatments(person, treatments, index);
  return treatments.flatMap((stated): Administration[] => {
    const { start, end, codes, quantity, given } = stated.fact;
    if (!given || !contract.has(stated)) return [];
    // What goes on after the as-of date goes on.
    const known = end === null || end.first > person.asOf ? null : end;
    return [{ start, end: known, codes, quantity, id: stated.id }];
  });
}

/** First administration of each medication that can be what began the treatment. */
export function dosesOf(person: Person, treatments: readonly Treatment[]): FirstDose[] {
  const { medications } = person.wanted;
  const first = new Map<string, FirstDose>();
  for (const { fact, id } of treatments) {
    if (!begins(person, fact)) continue;
    const codes = medications.size === 0 ? fact.codes : wantedCodes(fact.codes, medications);
    for (const code of codes) if (!first.has(code)) first.set(code, { code, date: fact.start, id });
  }
  return [...first.values()];
}

/** Codes of the agreement's eligibility that the patient has. */
export function codesMet(person: Person, treatments: readonly Treatment[]): PatientRecord["met"] {
  const conditions = person.of("condition");
  const variants = person.of("variant");
  for (const stated of [...conditions, ...variants]) person.use(stated);
  const { wanted } = person;
  const codes = (list: readonly { readonly fact: { readonly codes: readonly string[] } }[]): string[] =>
    list.flatMap(({ fact }) => fact.codes);
  return {
    conditions: wantedCodes(codes(conditions), wanted.conditions),
    medications: wantedCodes(codes(treatments.filter(({ fact }) => fact.given)), wanted.medications),
    variants: wantedCodes(codes(variants), wanted.variants),
  };
}
