/** Relapsed or refractory B-cell acute lymphoblastic leukaemia after one infusion of CAR-T cells. */

import type { Day } from "../../../terms/model.ts";
import {
  birthAndSex,
  ending,
  firstProgression,
  type Course,
  type Response,
  type Start,
  type Treatment,
  type Visit,
} from "./course.ts";
import { CART, HORIZON } from "./parameters.ts";

export function cartCourse(start: Start): Course {
  const { random, index, group } = start;
  const person = { ...birthAndSex(start, CART.age), diagnosis: index - random.int(200, 900) };
  const first = random.chance(CART.remissionAtFirst);
  const second = random.chance(CART.remissionAtSecond / (1 - CART.remissionAtFirst));
  // In remission from the visit of this number on; those who never are have none.
  const from = first ? 0 : second ? 1 : null;
  const remission = from === null ? index : index + (CART.visits[from] ?? 0);
  const progresses = remission + random.daysUntil(from === null ? CART.progression : CART.relapse);
  const unplanned = random.chance(CART.progressionUnplanned) ? progresses + random.int(1, 5) : null;
  const dies = Math.min(
    index + random.daysUntil(CART.deathWithoutProgression),
    progresses + random.daysUntil(CART.deathAfterProgression),
  );
  const lost = index + random.daysUntil(CART.lossToFollowUp);
  const { last, death, lostFrom } = ending(dies, lost, index + HORIZON);
  if (group === "untreated") {
    return { ...start, ...person, visits: [], treatments: [], procedures: [], death, lostFrom };
  }
  const visits = assessments(start, from, progresses, unplanned, last);
  const infusion: Treatment = { day: index, drug: group === "other-drug" ? "other" : "contract" };
  const before = (drug: Treatment["drug"]): Treatment => ({ day: index - CART.lymphodepletion, drug });
  const transplant = index + random.int(100, 150);
  const transplanted = random.chance(CART.transplant) && from !== null;
  const healthy = transplant < Math.min(last, firstProgression(visits) ?? last);
  return {
    ...start,
    ...person,
    visits,
    treatments: [before("fludarabine"), before("cyclophosphamide"), infusion],
    procedures: transplanted && healthy ? [{ day: transplant, kind: "transplant" }] : [],
    death,
    lostFrom,
  };
}

/** Marrow examinations at planned times until one shows a relapse or progression. */
function assessments(
  { random, index }: Start,
  from: number | null,
  progresses: Day,
  unplanned: Day | null,
  last: Day,
): Visit[] {
  const without = random.pick<Response>(["SD", "SD", "PR"]);
  const visits: Visit[] = [];
  for (const [number, planned] of CART.visits.entries()) {
    const [soonest, latest] = number === 0 ? CART.jitterFirst : CART.jitter;
    const day = index + planned + random.int(soonest, latest);
    const missed = random.chance(CART.missedVisit);
    const blind = random.chance(CART.notEvaluable);
    if (unplanned !== null && unplanned < Math.min(day, last)) {
      return [...visits, { day: unplanned, response: "PD", evidence: "examination" }];
    }
    if (missed || day >= last) continue;
    const response = blind ? "NE" : day >= progresses ? "PD" : from !== null && number >= from ? "CR" : without;
    visits.push({ day, response, evidence: "marrow" });
    if (response === "PD") break;
  }
  return visits;
}
