/** Dates of health records as closed intervals of days: precision is kept, nothing is filled in. */

import { parseDay } from "../../terms/calendar.ts";
import type { Day } from "../../terms/model.ts";
import type { Interval } from "../record.ts";

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const ISO = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?$/;

function civilDay(year: number, month: number, day: number): Day | null {
  const pad = (value: number, width: number): string => String(value).padStart(width, "0");
  return parseDay(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
}

/** The interval of a year, a month or a day; null when there is no such date. */
function interval(year: number, month: number | null, day: number | null): Interval | null {
  const first = civilDay(year, month ?? 1, day ?? 1);
  if (first === null) return null;
  if (day !== null) return { first, last: first };
  const next = month === null || month === 12 ? civilDay(year + 1, 1, 1) : civilDay(year, month + 1, 1);
  return next === null ? null : { first, last: next - 1 };
}

/**
 * Reads `2024`, `2024-05`, `2024-05-15` or a date-time, which counts for the calendar date of its own offset
 * (21:02 at −05:00 on 12 December is 12 December, whatever the day in Greenwich). Null when it is none of these.
 */
export function isoInterval(value: string): Interval | null {
  const match = ISO.exec(value);
  if (!match) return null;
  const [, year, month, day] = match;
  if (day !== undefined) return fullDate(value.slice(0, 10));
  return interval(Number(year), month === undefined ? null : Number(month), null);
}

const recent = new Map<string, Interval | null>();

/** The interval of a full date, the same object for the same date: records have far fewer dates than entries. */
function fullDate(date: string): Interval | null {
  let found = recent.get(date);
  if (found === undefined) {
    const day = parseDay(date);
    found = day === null ? null : { first: day, last: day };
    if (recent.size > 50_000) recent.clear();
    recent.set(date, found);
  }
  return found;
}

const ZERO = 48;
const HYPHEN = 45;

/** The number that `length` digits from `start` on make; NaN when one is no digit. */
function digits(value: string, start: number, length: number): number {
  let number = 0;
  for (let k = start; k < start + length; k++) {
    const digit = value.charCodeAt(k) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** First day of a month, by year × 12 + month; the month's length follows from the next. */
const months = new Map<number, Day | null>();

function firstOf(month: number): Day | null {
  let found = months.get(month);
  if (found === undefined) {
    found = civilDay(Math.floor(month / 12), (month % 12) + 1, 1);
    months.set(month, found);
  }
  return found;
}

/** The day of a date or date-time that is complete, fast: for the many dates that only show a sign of life. Null otherwise. */
export function isoDay(value: string): Day | null {
  if (value.length !== 10 && value.charAt(10) !== "T") return null;
  if (value.charCodeAt(4) !== HYPHEN || value.charCodeAt(7) !== HYPHEN) return null;
  const [year, month, day] = [digits(value, 0, 4), digits(value, 5, 2), digits(value, 8, 2)];
  if (!(month >= 1 && month <= 12 && day >= 1 && year >= 1)) return null;
  const first = firstOf(year * 12 + month - 1);
  const next = firstOf(year * 12 + month);
  if (first === null || next === null || day > next - first) return null;
  return first + day - 1;
}

export type DateReader = (value: string) => Interval | null;

/**
 * A reader for a declared format: `iso`, or a pattern of `YYYY`, `MM` (`MMM` for JAN … DEC), `DD` and separators,
 * such as `DD.MM.YYYY`. Null when the pattern is not one of these.
 */
export function dateReader(format: string): DateReader | null {
  if (format.toLowerCase() === "iso") return isoInterval;
  const order: string[] = [];
  const source = format.replace(/YYYY|MMM|MM|DD|[^A-Za-z0-9]|[A-Za-z0-9]+/g, (token) => {
    if (token === "YYYY") order.push("year");
    else if (token === "MMM" || token === "MM") order.push("month");
    else if (token === "DD") order.push("day");
    else if (/[A-Za-z0-9]/.test(token)) order.push("unknown");
    if (token === "YYYY") return "(\\d{4})";
    if (token === "MMM") return "([A-Za-z]{3})";
    if (token === "MM" || token === "DD") return "(\\d{1,2})";
    return `\\${token}`;
  });
  const known = order.every((part) => part !== "unknown") && new Set(order).size === order.length;
  if (!known || !order.includes("year")) return null;
  if (order.includes("day") && !order.includes("month")) return null;
  const strict = /[^A-Za-z0-9]/.test(format) ? source : source.replaceAll("{1,2}", "{2}");
  const pattern = new RegExp(`^${strict}$`);
  return (value) => {
    const match = pattern.exec(value);
    if (!match) return null;
    const part = (name: string): string | null =>
      order.includes(name) ? (match[order.indexOf(name) + 1] ?? null) : null;
    const month = part("month");
    const named = month === null ? -1 : MONTHS.indexOf(month.toUpperCase());
    const number = month === null ? null : named >= 0 ? named + 1 : /^\d+$/.test(month) ? Number(month) : 0;
    const day = part("day");
    return interval(Number(part("year")), number, day === null ? null : Number(day));
  };
}
