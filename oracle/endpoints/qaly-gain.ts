/**
 * QALYs gained by the due day against baseline, with 4 decimals, the signed value rounded half to even (clinical rules,
 * section 3.5). Each index is recomputed from the five answers by the value set that the clause names; an index that a source
 * supplies counts for nothing.
 *
 * Baseline is the last answer from the index day or up to `window` before it. Answers count until `window` after the due day:
 * beyond the due day they give the value on it by interpolation; without one, the last answer stands for the due day when it is
 * at most `window` older. The gain is against the baseline carried forward, or a number of QALYs.
 */

import { parseDecimal } from "../../terms/decimal.ts";
import type { HealthState, PatientRecord } from "../record.ts";
import { onCourses, type Course } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { indexOf, VALUE_SETS, type ValueSet } from "./eq5d/valueSets.ts";
import { divide, fromDecimal, halfEven, ratio, subtract, sum, ZERO, type Rational } from "./exact.ts";
import type { ResolvedOptions } from "./options.ts";
import { area, qalys, type Point } from "./qaly.ts";
import { lastIssued } from "./reading.ts";

const DECIMALS = 4;

/** 365.25 days a year. */
const years = (days: number): Rational => ratio(4n * BigInt(days), 1461n);

/** Index by day after the index day, in order; and the answers that give none. */
interface Answers {
  readonly points: readonly { readonly day: number; readonly u: Rational; readonly ids: readonly string[] }[];
  readonly unusable: readonly string[];
}

function answersOn(
  states: readonly HealthState[],
  { index, due, dayOf }: Course,
  set: ValueSet,
  window: number,
): Answers {
  const byDay = new Map<number, { issued: number | null; u: Rational; id: string }[]>();
  const unusable: string[] = [];
  for (const { date, instrument, state, issued, id } of states) {
    const day = dayOf(date);
    if (day === null || day < index - window || day > due + window) continue;
    const u = instrument === set.instrument ? indexOf(set, state) : null;
    if (u === null) unusable.push(id);
    else byDay.set(day - index, [...(byDay.get(day - index) ?? []), { issued, u, id }]);
  }
  const points = [...byDay].map(([day, all]) => {
    // Answered twice on one day: what was released later, else the mean.
    const counted = lastIssued(all);
    const u = divide(sum(counted.map((one) => one.u)), ratio(BigInt(counted.length)));
    return { day, u, ids: counted.map(({ id }) => id).sort() };
  });
  return { points: points.sort((a, b) => a.day - b.day), unusable };
}

function valueOn(course: Course, states: readonly HealthState[], set: ValueSet, options: ResolvedOptions): Outcome {
  const { points, unusable } = answersOn(states, course, set, options.window);
  const baseline = points.findLast(({ day }) => day <= 0);
  const missing = (reason: "no-baseline" | "no-result"): Outcome =>
    unusable.length > 0 ? notEvaluable("unusable-result", unusable) : notEvaluable(reason);
  if (baseline === undefined) return missing("no-baseline");
  const later = points.filter(({ day }) => day > 0);
  const { death, index, due } = course;
  if (death !== null && death.disputed && death.day <= due) return notEvaluable("disputed-death", [death.id]);
  const horizon = years(due - index);
  const discount = divide(fromDecimal(options.discount), ratio(100n));
  const lived = qalys({
    points: [{ t: ZERO, u: baseline.u }, ...later.map(({ day, u }): Point => ({ t: years(day), u }))],
    horizon,
    death: death === null ? null : years(death.day - index),
    deathPath: options.deathPath,
    carry: years(options.window),
    discount,
  });
  if (lived === null) return missing("no-result");
  const against =
    expected(options.comparator) ?? area([{ a: ZERO, b: horizon, ua: baseline.u, ub: baseline.u }], discount);
  const evidence = [...[baseline, ...later].flatMap(({ ids }) => ids), ...(death === null ? [] : [death.id])];
  return { value: halfEven(subtract(lived, against), DECIMALS), day: null, event: null, evidence };
}

/** A stated number of QALYs; null for the patient's own baseline. */
function expected(comparator: string): Rational | null {
  const stated = parseDecimal(comparator);
  return stated === null ? null : fromDecimal(stated);
}

function problem({ valueSet, comparator }: ResolvedOptions): string | null {
  const known = [...VALUE_SETS.keys()].join(", ");
  if (valueSet === null) return `needs endpoint.valueSet: one of ${known}`;
  if (!VALUE_SETS.has(valueSet)) return `endpoint.valueSet: found ${valueSet}, expected one of ${known}`;
  return comparator === "baseline" || expected(comparator) !== null
    ? null
    : `endpoint.comparator: found ${comparator}, expected baseline or a number of QALYs such as 0.62`;
}

function value(record: PatientRecord, question: Question): Outcome {
  const { options } = question;
  const set = VALUE_SETS.get(options.valueSet ?? "");
  if (set === undefined) throw new RangeError(`qaly-gain ${problem(options) ?? ""}`);
  const dates = record.healthStates.map(({ date }) => date);
  return onCourses(record, question, dates, (course) => valueOn(course, record.healthStates, set, options));
}

export const qalyGain: Endpoint = {
  id: "qaly-gain",
  description: "QALYs gained by the due date, against baseline",
  needs: () => ({ healthStates: true }),
  problem,
  value,
};
