/** Clinical events that can be right, each once, and whether the agreement's treatment is named as the cause. */

import type { ClinicalEvent, Dated, Death } from "../../record.ts";
import type { FactOf, Suspect } from "../facts.ts";
import { collapse } from "./collapse.ts";
import { dated } from "./measured.ts";
import { byDate, type Person, type Stated } from "./person.ts";
import { contractTreatments } from "./treatments.ts";

export function eventsOf(
  person: Person,
  treatments: readonly Stated<"therapy">[],
  index: Dated | null,
  death: Death | null,
): ClinicalEvent[] {
  const all = person.of("event");
  if (all.length === 0) return [];
  const ours = contractTreatments(person, treatments, index);
  const content = ({ date, type, codes, grade, serious }: FactOf<"event">): string =>
    [date.first, date.last, type, grade ?? "", serious ?? "", ...codes].join(" ");
  const subject = ({ type, codes }: FactOf<"event">): string => [type, ...codes].join(" ");
  const certain = death === null || death.disputed ? null : death.date;
  const kept = collapse(person, dated(person, all, certain), subject, content);
  const events = kept.map((stated): ClinicalEvent => {
    person.use(stated);
    const { date, type, codes, grade, serious, causal, suspects } = stated.fact;
    if (grade === 5 && death === null) person.note(stated, "grade 5, and the patient is not known to have died");
    return {
      date,
      type,
      codes,
      grade,
      serious,
      causal: causal ?? blamed(person, suspects, treatments, ours),
      id: stated.id,
    };
  });
  return events.sort(byDate);
}

/** Null when nothing is suspected, or nothing that can be told. */
function blamed(
  person: Person,
  suspects: readonly Suspect[],
  treatments: readonly Stated<"therapy">[],
  ours: ReadonlySet<Stated<"therapy">>,
): boolean | null {
  let found: boolean | null = null;
  for (const { target, likely } of suspects) {
    if (target === null) continue;
    const of = (stated: Stated<"therapy">): boolean => stated.entry.key === target || stated.fact.medication === target;
    const isOurs = [...ours].some(of);
    const isKnown = isOurs || treatments.some(of) || person.collector.medications.has(target);
    if (isOurs && likely !== false) return true;
    if (isKnown) found = false;
  }
  return found;
}
