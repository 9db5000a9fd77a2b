/**
 * Cost of a patient: the exact sum of the amounts dated from the index day to the due day, in the agreement's currency, rounded
 * half to even to its minor units once. An amount in another currency is never converted: the patient is not evaluable. An amount
 * without a currency is in the agreement's. No amount means 0 only for a patient who was observed until the due day.
 */

import type { PatientRecord } from "../record.ts";
import { hasCode } from "./codes.ts";
import { observedUntil, onCourses } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { fromDecimal, halfEven, sum } from "./exact.ts";

export interface Currency {
  /** ISO 4217; null: whichever single currency the records are in. */
  readonly code: string | null;
  readonly decimals: number;
}

function value(record: PatientRecord, question: Question, { code, decimals }: Currency): Outcome {
  const { options } = question;
  const listed = record.costs.filter(({ codes }) => options.codes === null || hasCode(codes, options.codes));
  const dates = listed.map(({ date }) => date);
  return onCourses(record, question, dates, (course) => {
    const counted = listed.filter(({ date }) => {
      const day = course.dayOf(date);
      return day !== null && day >= course.index && day <= course.due;
    });
    const ids = counted.map(({ id }) => id).sort();
    const currencies = new Set(counted.flatMap(({ currency }) => (currency === null ? [] : [currency])));
    if (code !== null) currencies.add(code);
    if (currencies.size > 1) return notEvaluable("other-currency", ids);
    const observed = observedUntil(course, course.due, options.window);
    if ("notEvaluable" in observed) return observed;
    const total = halfEven(sum(counted.map(({ amount }) => fromDecimal(amount))), decimals);
    return { value: total, day: null, event: null, evidence: [...ids, ...observed.ids] };
  });
}

/** The endpoint for agreements in a currency. */
export function costIn(currency: Currency): Endpoint {
  return {
    id: "cost",
    description: "cost of the patient's care by the due date",
    needs: () => ({ costs: true }),
    value: (record, question) => value(record, question, currency),
  };
}
