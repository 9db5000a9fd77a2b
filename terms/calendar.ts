/** Days and durations of the term sheet. Days are whole days since 1970-01-01, UTC; nothing here reads a clock. */

import type { Day } from "./model.ts";

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function monthLength(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}

/** The day of a civil date, or null when there is no such date (30 February, month 13). */
function civilDay(year: number, month: number, day: number): Day | null {
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) return null;
  // Years begin in March, so that the leap day ends one.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Reads `2026-01-01`; null when the text is anything else. */
export function parseDay(text: string): Day | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return match ? civilDay(Number(match[1]), Number(match[2]), Number(match[3])) : null;
}

/** Writes a day as `2026-01-01`. */
export function formatDay(day: Day): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Length of each unit in ten-thousandths of a day, so that 30.4375 and 365.25 are exact. */
const UNITS: Readonly<Record<string, number>> = { d: 10_000, w: 70_000, mo: 304_375, y: 3_652_500 };

/** Days of `28d`, `8w`, `6mo`, `1y`, rounded half up to whole days; null when the text is no duration. */
export function durationDays(text: string): number | null {
  const match = /^(\d{1,6})(d|w|mo|y)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return match && unit !== undefined ? Math.floor((Number(match[1]) * unit + 5_000) / 10_000) : null;
}
