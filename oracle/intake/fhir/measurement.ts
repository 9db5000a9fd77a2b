/** Observation with a measured value, its own or in its components. */

import type { Decimal } from "../../../terms/decimal.ts";
import { FINAL } from "../codes.ts";
import type { MeasuredValue } from "../facts.ts";
import { comparatorOf, jsonDecimal } from "../numbers.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { businessKey, codings, get, isObject, objects, text, type Json } from "./json.ts";
import { effective, instant } from "./times.ts";

const UCUM = "http://unitsofmeasure.org";

/** Null when neither the observation nor a component has a code that a clause asks for. */
export function readMeasurement(resource: Json, codes: readonly string[], context: FhirContext): FhirReading | null {
  const { measurements } = context.needs;
  if (measurements.size === 0) return null;
  const holders: { readonly holder: Json; readonly codes: readonly string[] }[] = [];
  const isAsked = (all: readonly string[]): boolean => all.some((code) => measurements.has(code));
  // All codes are kept: one that no clause lists may still contradict one that does.
  if (isAsked(codes)) holders.push({ holder: resource, codes });
  if (resource["component"] !== undefined) {
    for (const component of objects(resource["component"])) {
      const named = codings(component["code"]);
      if (isAsked(named)) holders.push({ holder: component, codes: named });
    }
  }
  if (holders.length === 0) return null;
  const reading = { activity: true, business: businessKey(resource) };
  const status = text(resource["status"]) ?? "missing";
  if (!FINAL.has(status)) return { ...reading, reason: `status ${status}` };
  const date = effective(resource);
  if (typeof date === "string") return { ...reading, reason: date };
  const values: MeasuredValue[] = [];
  const problems: string[] = [];
  for (const { holder, codes: named } of holders) {
    const found = valueOf(holder, context);
    if (typeof found === "string") problems.push(found);
    else values.push({ codes: context.intern(named), ...found });
  }
  if (values.length === 0) return { ...reading, ...absentOrUnmapped(problems[0] ?? "no value") };
  return { ...reading, facts: [{ kind: "measurement", date, issued: instant(resource["issued"]), values }], problems };
}

/** A result that was never had is nothing that a map could know. */
function absentOrUnmapped(reason: string): FhirReading {
  return { reason, unmapped: !reason.startsWith("no value") };
}

type Value = Omit<MeasuredValue, "codes">;

/** A Quantity or an integer; the text says why it is none. */
function valueOf(holder: Json, { source }: FhirContext): Value | string {
  const whole = holder["valueInteger"];
  if (whole !== undefined) {
    const value = jsonDecimal(whole, source);
    return value === null ? "value is no number: valueInteger" : { value, unit: null, comparator: null };
  }
  const quantity = holder["valueQuantity"];
  if (isObject(quantity)) return quantityOf(quantity, (value) => jsonDecimal(value, source));
  const other = Object.keys(holder).find((key) => /^value[A-Z]/.test(key));
  if (other !== undefined) return `value is no Quantity: ${other}`;
  return holder["dataAbsentReason"] === undefined ? "no value" : "no value: dataAbsentReason";
}

function quantityOf(quantity: Json, decimal: (value: unknown) => Decimal | null): Value | string {
  const written = quantity["value"];
  if (written === undefined) return "no value: a Quantity without a value";
  const value = decimal(written);
  if (value === null) return "value is no number: valueQuantity";
  const stated = quantity["comparator"];
  const comparator = stated === undefined ? null : comparatorOf(text(stated) ?? "");
  if (comparator === undefined) return "comparator is none of < <= >= >";
  const [code, unit] = [text(quantity["code"]), text(quantity["unit"])];
  const ucum = get(quantity, "system") === UCUM;
  return { value, unit: ucum ? (code ?? unit) : (unit ?? code), comparator };
}
