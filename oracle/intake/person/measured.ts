/** Measured values and health states that can be right, each once. */

import type { HealthState, Interval, Measurement } from "../../record.ts";
import { formatDecimal } from "../../../terms/decimal.ts";
import type { Entry } from "../entry.ts";
import type { FactOf } from "../facts.ts";
import { collapse } from "./collapse.ts";
import { byDate, type Person } from "./person.ts";

/** By date, then id. What is dated after death is kept out: a specimen of the day before is reported with that day. */
export function measurementsOf(person: Person, death: Interval | null): Measurement[] {
  const content = ({ date, values }: FactOf<"measurement">): string =>
    [
      date.first,
      date.last,
      ...values.flatMap(({ codes, value, unit, comparator }) => [
        codes.join(" "),
        formatDecimal(value),
        unit ?? "",
        comparator ?? "",
      ]),
    ].join("\n");
  const subject = ({ values }: FactOf<"measurement">): string => values.map(({ codes }) => codes.join(" ")).join("\n");
  const kept = collapse(person, dated(person, person.of("measurement"), death), subject, content);
  const measurements = kept.flatMap((stated) => {
    person.use(stated);
    const { date, issued, values } = stated.fact;
    return values.map((value): Measurement => ({ date, issued, ...value, id: stated.id }));
  });
  return measurements.sort(byDate);
}

export function healthStatesOf(person: Person, death: Interval | null): HealthState[] {
  const content = ({ date, instrument, state }: FactOf<"health-state">): string =>
    [date.first, date.last, instrument, state].join(" ");
  const kept = collapse(person, dated(person, person.of("health-state"), death), () => "", content);
  const states = kept.map((stated): HealthState => {
    person.use(stated);
    const { date, issued, instrument, state } = stated.fact;
    return { date, issued, instrument, state, id: stated.id };
  });
  return states.sort(byDate);
}

/** Those that are dated when they can be. */
export function dated<T extends { readonly entry: Entry; readonly fact: { readonly date: Interval } }>(
  person: Person,
  all: readonly T[],
  death: Interval | null,
): T[] {
  return all.filter((stated) => {
    const problem = person.misdated(stated.fact.date, death);
    if (problem !== null) person.quarantine(stated, problem);
    return problem === null;
  });
}
