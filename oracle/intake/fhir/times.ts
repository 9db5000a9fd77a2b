/** When a resource holds. */

import type { Interval } from "../../record.ts";
import { isoInterval } from "../dates.ts";
import { get, isObject, text, type Json } from "./json.ts";

/** When an observation holds: a period counts for its end. The text says why there is no date. */
export function effective(resource: Json): Interval | string {
  const period = resource["effectivePeriod"];
  const end = text(get(period, "end"));
  if (isObject(period) && end === null) return "no date: a period without an end";
  const written = text(resource["effectiveDateTime"]) ?? text(resource["effectiveInstant"]) ?? end;
  if (written === null) return "no date";
  return dateOf(written);
}

/** The first of several elements that is stated. The text says why there is no date. */
export function firstDate(...elements: readonly unknown[]): Interval | string {
  for (const element of elements) {
    const written = text(element);
    if (written !== null) return dateOf(written);
  }
  return "no date";
}

function dateOf(written: string): Interval | string {
  return isoInterval(written) ?? `no date: ${written}`;
}

/** Milliseconds since 1970 of a time with its offset; null when it is none. */
export function instant(value: unknown): number | null {
  const written = text(value);
  if (written === null || !/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(written)) return null;
  const time = Date.parse(written);
  return Number.isNaN(time) ? null : time;
}
