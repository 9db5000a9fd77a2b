/**
 * What was given by the due date: how much, and for how many days. Only administrations of the agreement's treatment (of `codes`,
 * where the clause names them) from the index day on count.
 */

import type { Day } from "../../terms/model.ts";
import type { Administration, PatientRecord } from "../record.ts";
import { samePrice } from "./agree.ts";
import { hasCode } from "./codes.ts";
import { observedUntil, onCourses, type Course } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { fromDecimal, halfEven, sum } from "./exact.ts";

interface Given {
  readonly first: Day;
  readonly last: Day;
  readonly codes: readonly string[];
  readonly quantity: Administration["quantity"];
  readonly id: string;
}

/** Administrations that reach the index day or come after it, on the days of one course, by day. */
function givenOn(administrations: readonly Administration[], { index, asOf, dayOf }: Course): Given[] {
  return administrations
    .flatMap(({ start, end, codes, quantity, id }): Given[] => {
      const first = dayOf(start);
      if (first === null) return [];
      // A period that goes on goes on until today.
      const last = Math.max(first, end === null ? asOf : (dayOf(end) ?? asOf));
      return last < index ? [] : [{ first, last, codes, quantity, id }];
    })
    .sort((a, b) => a.first - b.first || a.last - b.last || (a.id < b.id ? -1 : 1));
}

function onAdministrations(
  record: PatientRecord,
  question: Question,
  valueOn: (course: Course, given: readonly Given[]) => Outcome,
): Outcome {
  const { codes } = question.options;
  const dates = record.administrations.flatMap(({ start, end }) => (end === null ? [start] : [start, end]));
  return onCourses(record, question, dates, (course) => {
    // The treatment began on the index day; a source without a single administration since then does not hold them.
    const all = givenOn(record.administrations, course);
    if (!all.some(({ first }) => first <= course.due)) return notEvaluable("no-administration");
    return valueOn(course, codes === null ? all : all.filter((one) => hasCode(one.codes, codes)));
  });
}

/** A value that can only grow while nobody looks: it stands when the patient was observed, or when its price can't change. */
function grown(
  course: Course,
  question: Question,
  value: bigint,
  most: bigint | null,
  evidence: readonly string[],
): Outcome {
  const found: Outcome = { value, day: null, event: null, evidence };
  if (samePrice(question, value, most)) return found;
  const observed = observedUntil(course, course.due, question.options.window);
  return "notEvaluable" in observed ? observed : { ...found, evidence: [...evidence, ...observed.ids] };
}

/**
 * Units used: the sum of the quantities of the administrations that begin from the index day to the due day, rounded half to even to whole units;
 * where none states a quantity, how many administrations there were. With some stated and some not, not evaluable.
 */
export const units: Endpoint = {
  id: "units",
  description: "units used by the due date: quantities, or administrations where none is stated",
  needs: () => ({ administrations: true }),
  value: (record, question) =>
    onAdministrations(record, question, (course, all) => {
      const given = all.filter(({ first }) => first >= course.index && first <= course.due);
      const ids = given.map(({ id }) => id);
      const stated = given.flatMap(({ quantity }) => (quantity === null ? [] : [fromDecimal(quantity)]));
      if (stated.length > 0 && stated.length < given.length) return notEvaluable("quantity-missing", ids);
      const used = stated.length > 0 ? halfEven(sum(stated), 0) : BigInt(given.length);
      return grown(course, question, used, null, ids);
    }),
};

/**
 * Days on treatment: the days from the index day up to, but not with, the due day that an administration covers or that lie
 * between two administrations at most `allowedGap` days apart. A patient treated throughout has as many as the clause's `due`;
 * one who died has none from that day on. An administration up to `window` days after the due day closes a gap over it.
 */
export const duration: Endpoint = {
  id: "duration",
  description: "days on treatment by the due date",
  needs: () => ({ administrations: true }),
  value: (record, question) =>
    onAdministrations(record, question, (course, all) => {
      const { window, allowedGap } = question.options;
      const { death, due, index } = course;
      if (death !== null && death.disputed && death.day < due) return notEvaluable("disputed-death", [death.id]);
      const end = Math.min(due, death?.day ?? Infinity);
      const given = all.filter(({ first }) => first <= due + window);
      let days = 0;
      let covered = index;
      let until: Day | null = null;
      for (const { first, last } of given) {
        const from = until !== null && first - until <= allowedGap ? covered : Math.max(first, covered);
        const to = Math.min(last + 1, end);
        if (to > from) days += to - from;
        covered = Math.max(covered, to);
        until = Math.max(until ?? last, last);
      }
      const ids = given.map(({ id }) => id);
      return grown(course, question, BigInt(days), BigInt(end - index), ids);
    }),
};
