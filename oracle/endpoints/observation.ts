/**
 * A metric of the agreement's own that is a measured value: `observation: { codes, take }`.
 *
 * `last` is the last in the window around the due day, as for the built-in metrics; `min`, `max` and `mean` are taken of the
 * values dated from the index day to the due day. `first` is the value that the treatment began with: the newest dated on the
 * index day or up to `lookBack` before it, else the first by the due day. Each value is rounded half to even to the metric's decimals before anything
 * is worked out from it, and so is a mean. Units are compared as text (UCUM), never converted: the `unit` that the metric
 * states; else percent `%`, money the currency's code, days `d`, each also where the source states no unit; else whatever one
 * unit the values are in. A value in another unit when it would count leaves the patient not evaluable: dropping it could
 * change the result.
 */

import type { Metric, MetricSource } from "../../terms/model.ts";
import type { Measurement, PatientRecord } from "../record.ts";
import { hasCode } from "./codes.ts";
import { onCourses } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { fromDecimal, halfEven } from "./exact.ts";
import { rangeOf, take, told, type Reading } from "./reading.ts";

type Observation = Extract<MetricSource, { type: "observation" }>;

/** UCUM's unit of numbers without one. */
const UNITY = "1";

/** Whether values in these units, as their source states them, can stand beside each other in the metric. */
function unitsFit(metric: Metric, { unit: stated }: Observation, units: readonly (string | null)[]): boolean {
  if (stated !== undefined) return units.every((unit) => plainUnit(unit) === plainUnit(stated));
  const own =
    metric.kind === "percent" ? "%" : metric.kind === "days" ? "d" : metric.kind === "money" ? metric.unit : null;
  if (own !== null) return units.every((unit) => unit === null || plainUnit(unit) === own);
  return new Set(units.map(plainUnit)).size <= 1;
}

/** A unit without its annotations: `{score}` and no unit at all are 1. */
function plainUnit(unit: string | null): string {
  const plain = (unit ?? "").replace(/\{[^}]*\}/g, "").trim();
  return plain === "" ? UNITY : plain;
}

/** A measurement on the metric's scale; null when it can be no value of the metric. */
function readingOf(metric: Metric, { id, value, comparator, issued }: Measurement, day: number): Reading | null {
  const exact = fromDecimal(value);
  if (metric.kind === "level") {
    const isLevel = exact.d === 1n && exact.n >= 0n && exact.n < BigInt(metric.levels.length);
    if (!isLevel) return null;
  }
  return { day, issued, range: rangeOf(exact, comparator, metric.decimals, halfEven), ids: [id] };
}

function value(metric: Metric, source: Observation, record: PatientRecord, question: Question): Outcome {
  const { window, sameDay, lookBack } = question.options;
  const results = record.measurements.filter(({ codes }) => hasCode(codes, source.codes));
  const dates = results.map(({ date }) => date);
  return onCourses(record, question, dates, ({ index, due, dayOf }) => {
    const isFirst = source.take === "first";
    const [from, to] = source.take === "last" ? [due - window, due + window] : [index - (isFirst ? lookBack : 0), due];
    const readings: Reading[] = [];
    const unusable: string[] = [];
    const counting: Measurement[] = [];
    for (const result of results) {
      const day = dayOf(result.date);
      if (day === null || day < from || day > to) continue;
      counting.push(result);
      const reading = readingOf(metric, result, day);
      if (reading === null) unusable.push(result.id);
      else readings.push(reading);
    }
    const units = counting.map(({ unit }) => unit);
    if (!unitsFit(metric, source, units)) {
      return notEvaluable(
        "unit-differs",
        counting.map(({ id }) => id),
      );
    }
    const before = readings.filter(({ day }) => day <= index);
    const taken =
      isFirst && before.length > 0
        ? take(before, "last", sameDay ?? "latest", halfEven)
        : take(readings, source.take, sameDay ?? "latest", halfEven);
    if (taken !== null) return told(taken, question);
    return unusable.length > 0 ? notEvaluable("unusable-result", unusable) : notEvaluable("no-result");
  });
}

/** The endpoint of a measured value. */
export function observed(metric: Metric, source: Observation): Endpoint {
  return {
    id: metric.id,
    description: metric.definition,
    needs: () => ({ measurements: new Set(source.codes) }),
    value: (record, question) => value(metric, source, record, question),
  };
}
