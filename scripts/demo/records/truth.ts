/** What the generator knows to be true of a patient, told without any rule of an endpoint: for comparison with what an oracle finds. */

import type { Day } from "../../../terms/model.ts";
import { firstProgression, isAdequate } from "./course.ts";
import { FLAWS, type Flaw, type Group } from "./parameters.ts";
import type { Draft, Written } from "./resources.ts";

export interface PatientTruth {
  /** Value of the patient's identifier. */
  readonly identifier: string;
  readonly group: Group;
  /** First administration; null without one. */
  readonly index: Day | null;
  /** First assessment that shows a progression or relapse. */
  readonly progression: Day | null;
  /** First assessment that shows a complete remission. */
  readonly remission: Day | null;
  readonly death: Day | null;
  /** From this day on nobody saw the patient. */
  readonly lostFrom: Day | null;
  /** Days of the assessments that show the state of the disease, in order. */
  readonly assessed: readonly Day[];
  /** Assessments that could not be evaluated. */
  readonly notEvaluable: number;
  /** False when withdrawn, null when the records say nothing. */
  readonly consent: boolean | null;
  readonly flaws: readonly Flaw[];
  /** Whether a flaw keeps the records from showing all this. */
  readonly disturbed: boolean;
}

/** As of the cut-off: what was recorded by then. `shown` are the versions in the files. */
export function truthOf(draft: Draft, cutoff: Day, shown: ReadonlySet<Written>): PatientTruth {
  const { course, statuses, death, consent, written } = draft;
  const visits = statuses.filter((told) => shown.has(told.written)).map(({ visit }) => visit);
  const flaws = [...new Set(written.flatMap((line) => (shown.has(line) && line.flaw ? [line.flaw] : [])))];
  const pending = written.some((line) => line.version > 1 && line.flaw !== undefined && !shown.has(line));
  return {
    identifier: course.id.toUpperCase(),
    group: course.group,
    index: course.treatments.length === 0 ? null : course.index,
    progression: firstProgression(visits),
    remission: visits.find(({ response }) => response === "CR")?.day ?? null,
    death: death !== null && shown.has(death) ? course.death : null,
    lostFrom: course.lostFrom !== null && course.lostFrom <= cutoff ? course.lostFrom : null,
    assessed: visits.filter(isAdequate).map(({ day }) => day),
    notEvaluable: visits.filter((visit) => !isAdequate(visit)).length,
    consent: flaws.includes("consent-withdrawn") ? false : shown.has(consent) ? true : null,
    flaws,
    disturbed: pending || flaws.some((flaw) => flaw === "truncated-line" || FLAWS[flaw].harms),
  };
}
