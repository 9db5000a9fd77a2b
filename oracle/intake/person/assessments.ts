/** Tumour assessments that can be right and are about the agreement's cancer, each once. */

import type { Assessment, Interval } from "../../record.ts";
import type { AssessmentFact } from "../facts.ts";
import { collapse } from "./collapse.ts";
import { focusProblem, primaryCancers } from "./focus.ts";
import { byDate, type Person, type Stated } from "./person.ts";

export interface Assessed {
  readonly used: Assessment[];
  /** Progressions that are only preliminary. */
  readonly pending: Assessment[];
  /** Some assessment contradicts the stated death. */
  readonly afterDeath: boolean;
}

export function assessmentsOf(person: Person, death: Interval | null): Assessed {
  const cancers = primaryCancers(person.of("condition"), person.wanted.conditions);
  const all = person.of("assessment");
  const foci = new Set(all.flatMap(({ fact }) => fact.focus));
  const accepted: Stated<"assessment">[] = [];
  const pending: Stated<"assessment">[] = [];
  let afterDeath = false;
  for (const stated of all) {
    const { fact, entry } = stated;
    const problem = person.misdated(fact.date, death) ?? focusProblem(fact.focus, cancers, foci);
    if (problem === null) {
      (entry.reason === null ? accepted : pending).push(stated);
      continue;
    }
    if (problem === "dated after death" && fact.response !== "NE" && entry.reason === null) afterDeath = true;
    // A result about another cancer is no fault of the data.
    if (problem === "about another condition") person.reject(stated, problem);
    else person.quarantine(stated, problem);
  }
  if (afterDeath) person.note(person.patient, "death before an assessment: one of the dates is wrong");
  const used = collapse(person, accepted, () => "", contentKey);
  for (const stated of used) person.use(stated);
  const conditions = new Map(person.of("condition").map(({ entry, fact }) => [entry.key, fact.codes]));
  const records = (list: readonly Stated<"assessment">[]): Assessment[] =>
    list.map((stated) => asAssessment(stated, conditions)).sort(byDate);
  return { used: records(used), pending: records(pending), afterDeath };
}

function asAssessment({ fact, id }: Stated<"assessment">, known: ReadonlyMap<string, readonly string[]>): Assessment {
  const { date, response, evaluator, imaging, codes, focus } = fact;
  const conditions = focus.length === 0 ? fact.conditions : focus.flatMap((condition) => known.get(condition) ?? []);
  return {
    date,
    response,
    evaluator,
    imaging,
    ...(codes.length === 0 ? {} : { codes }),
    ...(conditions.length === 0 ? {} : { conditions }),
    id,
  };
}

/** Two sources that agree on all of this mean one assessment. */
function contentKey(fact: AssessmentFact): string {
  return [
    fact.date.first,
    fact.date.last,
    fact.response,
    fact.evaluator ?? "",
    fact.imaging ?? "",
    ...fact.conditions,
  ].join(" ");
}
