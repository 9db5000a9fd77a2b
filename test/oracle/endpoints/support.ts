/** Records of what the metrics by date read, in a few words. Days count from the index day. */

import { parseDecimal, type Decimal } from "../../../terms/decimal.ts";
import type { Day, EndpointOptions } from "../../../terms/model.ts";
import type { Outcome } from "../../../oracle/endpoints/endpoint.ts";
import { findEndpoint, NEWEST_RULES } from "../../../oracle/endpoints/index.ts";
import { resolveOptions } from "../../../oracle/endpoints/options.ts";
import type {
  Administration,
  ClinicalEvent,
  Cost,
  HealthState,
  Interval,
  Measurement,
  PatientRecord,
} from "../../../oracle/record.ts";
import { inWords, outcome, record, type Ask, type Facts } from "../support.ts";

/** The index day of `record`. */
export const T0: Day = 20_000;

/** A day, or both ends of a partial date. */
export type When = number | readonly [number, number];

export const at = (when: When): Interval => {
  const [first, last] = typeof when === "number" ? [when, when] : when;
  return { first: T0 + first, last: T0 + last };
};

export function decimal(text: string): Decimal {
  const found = parseDecimal(text);
  if (found === null) throw new RangeError(`no decimal: ${text}`);
  return found;
}

let number = 0;
const nextId = (kind: string): string => `${kind}${++number}`;

export function measured(
  when: When,
  value: string,
  unit: string | null = "%",
  more: Partial<Measurement> = {},
): Measurement {
  const [, comparator = null, digits = ""] = /^([<>]=?)?(.*)$/.exec(value) ?? [];
  return {
    date: at(when),
    issued: null,
    codes: ["http://loinc.org|4548-4"],
    value: decimal(digits),
    unit,
    comparator: (comparator ?? null) as Measurement["comparator"],
    id: nextId("m"),
    ...more,
  };
}

export function answered(when: When, state: string, more: Partial<HealthState> = {}): HealthState {
  return { date: at(when), issued: null, instrument: "EQ-5D-5L", state, id: nextId("q"), ...more };
}

export function happened(when: When, more: Partial<ClinicalEvent> = {}): ClinicalEvent {
  return {
    date: at(when),
    type: "adverse-event",
    codes: [],
    grade: null,
    serious: null,
    causal: null,
    id: nextId("e"),
    ...more,
  };
}

export function spent(when: When, amount: string, currency: string | null = "EUR", codes: string[] = []): Cost {
  return { date: at(when), codes, amount: decimal(amount), currency, id: nextId("c") };
}

export function given(
  when: When,
  until: When | null = when,
  quantity: string | null = null,
  codes = ["urn:drugs|A"],
): Administration {
  return {
    start: at(when),
    end: until === null ? null : at(until),
    codes,
    quantity: quantity === null ? null : decimal(quantity),
    id: nextId("d"),
  };
}

/** A patient with these facts, by default seen alive long after every due day. */
export function patientWith(more: Partial<PatientRecord>, facts: Facts = {}): PatientRecord {
  return record({ alive: 2000, ...facts }, more);
}

/** Ids of evidence, as a reader would list them. */
const shown = (ids: readonly string[]): string => `[${ids.join(" ")}]`;

/** An outcome with all that it says: value or reason, day after the index day, whether an event came, what it rests on. */
export function inFull(result: Outcome): string {
  const day = result.day === null ? "" : ` @${result.day - T0}`;
  const event = result.event === null ? "" : result.event ? " event" : " none";
  return `${inWords(result)}${day}${event} ${shown(result.evidence)}`;
}

/** What a clause is told, in full. */
export const told = (metric: string, facts: Facts | PatientRecord, ask: Ask = {}): string =>
  inFull(outcome(metric, "identifier" in facts ? facts : record(facts), ask));

/** A time to event with all that it says: days after the index day, event or censored, cause, what it rests on. */
export function timed(
  metric: string,
  facts: Facts | PatientRecord,
  options: EndpointOptions = {},
  asOf: Day = T0 + 3000,
): string {
  const of = "identifier" in facts ? facts : record(facts);
  const result = findEndpoint(NEWEST_RULES, metric)?.time?.(of, resolveOptions(options), asOf);
  if (result === undefined) throw new RangeError(`${metric} has no time`);
  if ("notEvaluable" in result) return inFull(result);
  return `${result.day - T0} ${result.event ? "event" : "censored"}: ${result.cause} ${shown(result.evidence)}`;
}
