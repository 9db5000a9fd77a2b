/** What happens to one invented patient, before anybody writes it down. Days are whole days since 1970-01-01. */

import type { Day } from "../../../terms/model.ts";
import type { Group } from "./parameters.ts";
import type { Random } from "./random.ts";

export type Response = "CR" | "PR" | "IMPROVED" | "SD" | "PD" | "NE";

export interface Visit {
  readonly day: Day;
  readonly response: Response;
  readonly evidence: "imaging" | "marrow" | "examination";
}

export interface Treatment {
  readonly day: Day;
  readonly drug: "contract" | "other" | "next-line" | "fludarabine" | "cyclophosphamide";
}

/** A patient of whom the course is still to be told. */
export interface Start {
  readonly id: string;
  readonly group: Group;
  readonly random: Random;
  /** Day of the first administration; of an untreated patient, the day it would have been. */
  readonly index: Day;
}

export interface Course extends Start {
  readonly birth: Day;
  readonly sex: "female" | "male";
  readonly diagnosis: Day;
  readonly visits: readonly Visit[];
  readonly treatments: readonly Treatment[];
  readonly procedures: readonly { readonly day: Day; readonly kind: "radiotherapy" | "transplant" }[];
  /** Day of a death that somebody told the registry of. */
  readonly death: Day | null;
  /** From this day on nobody sees the patient. */
  readonly lostFrom: Day | null;
}

/** Whether an assessment shows the state of the disease. */
export const isAdequate = ({ response }: Visit): boolean => response !== "NE";

/** Day of the first visit that shows a progression. */
export function firstProgression(visits: readonly Visit[]): Day | null {
  return visits.find(({ response }) => response === "PD")?.day ?? null;
}

/** Age on the index day in whole years, from the youngest to the oldest. */
export function birthAndSex(
  { random, index }: Start,
  [young, old]: readonly [number, number],
): Pick<Course, "birth" | "sex"> {
  return {
    birth: index - Math.round(random.int(young, old) * 365.25) - random.int(0, 364),
    sex: random.pick(["female", "male"]),
  };
}

/** The end of follow-up: the first of death, loss and horizon, and what of it anybody knows. */
export function ending(death: Day, lost: Day, horizon: Day): { last: Day; death: Day | null; lostFrom: Day | null } {
  const last = Math.min(death, lost, horizon);
  return { last, death: last === death ? death : null, lostFrom: last === lost && lost < death ? lost : null };
}
