/** Non-small cell lung cancer on a targeted drug: imaging about every eight weeks until progression, and a little beyond. */

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
import { HORIZON, NSCLC } from "./parameters.ts";

export function nsclcCourse(start: Start): Course {
  const { random, index, group } = start;
  const person = { ...birthAndSex(start, NSCLC.age), diagnosis: index - random.int(14, 60) };
  const progresses = index + random.daysUntil(NSCLC.progression);
  const unplanned = random.chance(NSCLC.progressionUnplanned) ? progresses + random.int(1, 7) : null;
  const dies = Math.min(
    index + random.daysUntil(NSCLC.deathWithoutProgression),
    progresses + random.daysUntil(NSCLC.deathAfterProgression),
  );
  const lost = index + random.daysUntil(NSCLC.lossToFollowUp);
  const { last, death, lostFrom } = ending(dies, lost, index + HORIZON);
  if (group === "untreated") {
    return { ...start, ...person, visits: [], treatments: [], procedures: [], death, lostFrom };
  }
  const visits = assessments(start, progresses, unplanned, last);
  const progression = firstProgression(visits);
  const switched = random.chance(NSCLC.switched) ? index + random.int(...NSCLC.switchDay) : null;
  const nextLine = random.chance(NSCLC.nextLine) && progression !== null ? progression + random.int(7, 28) : null;
  const other = [switched, nextLine].filter((day) => day !== null && day < last).map((day) => day ?? last);
  const until = Math.min(last, progression ?? last, ...other);
  const radiated = random.chance(NSCLC.radiotherapy) && progression !== null ? progression + random.int(10, 40) : last;
  return {
    ...start,
    ...person,
    visits,
    treatments: [...doses(start, until), ...other.map((day): Treatment => ({ day, drug: "next-line" }))],
    procedures: radiated < last ? [{ day: radiated, kind: "radiotherapy" }] : [],
    death,
    lostFrom,
  };
}

function doses({ random, index, group }: Start, until: Day): Treatment[] {
  const drug = group === "other-drug" ? "other" : "contract";
  const given: Treatment[] = [{ day: index, drug }];
  for (let day = index; ;) {
    day += NSCLC.doseEvery + random.int(-1, 3);
    if (day >= until) return given;
    given.push({ day, drug });
  }
}

/** Imaging at planned times, when it is neither missed nor after the end, and a visit when something was noticed between. */
function assessments({ random, index }: Start, progresses: Day, unplanned: Day | null, last: Day): Visit[] {
  const best: Response = !random.chance(NSCLC.response) ? "SD" : random.chance(NSCLC.graded) ? "PR" : "IMPROVED";
  const visits: Visit[] = [];
  let after = 0;
  for (let planned = index + NSCLC.assessEvery; planned < last; planned += NSCLC.assessEvery) {
    const day = planned + random.int(...NSCLC.jitter);
    const missed = random.chance(NSCLC.missedVisit);
    const blind = random.chance(NSCLC.notEvaluable);
    const later = random.pick<Response>(["SD", "IMPROVED", "PD"]);
    if (unplanned !== null && unplanned < Math.min(day, last) && firstProgression(visits) === null) {
      visits.push({ day: unplanned, response: "PD", evidence: "examination" });
    }
    if (missed || day >= last) continue;
    const known = firstProgression(visits) !== null;
    if (known && ++after > NSCLC.assessmentsAfterProgression) break;
    const response = blind ? "NE" : known ? later : day >= progresses ? "PD" : best;
    if (day > (visits.at(-1)?.day ?? index)) visits.push({ day, response, evidence: "imaging" });
  }
  return visits;
}
