/** Whole UTC days: dates, durations and timestamps. Nothing here reads a clock or a time zone. */

import { parseDecimal } from "./decimal.ts";
import type { Day } from "./model.ts";

const SECONDS_A_DAY = 86_400;

/** Ten-thousandths of a day in each unit of duration. */
const UNITS: Readonly<Record<string, bigint>> = { d: 10_000n, w: 70_000n, mo: 304_375n, y: 3_652_500n };

/** Reads `2026-01-01`; null unless it is exactly that form and a day that exists. */
export function parseDay(text: string): Day | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return null;
  const date = new Date(0);
  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return date.toISOString().slice(0, 10) === text ? date.getTime() / (SECONDS_A_DAY * 1000) : null;
}

/** Writes a day as `2026-01-01`. Days outside the years 0 to 9999 are a RangeError. */
export function formatDay(day: Day): string {
  const text = new Date(day * SECONDS_A_DAY * 1000).toISOString();
  if (!/^\d{4}-/.test(text)) throw new RangeError(`day ${day} is outside the years 0 to 9999`);
  return text.slice(0, 10);
}

/** A day as the number that signers see: 20260101. */
export function dayAsNumber(day: Day): number {
  return Number(formatDay(day).replaceAll("-", ""));
}

/**
 * Reads a duration: `d`, `w` (7 d), `mo` (30.4375 d) or `y` (365.25 d) after a decimal. Exact, rounded half up to whole
 * days: 3mo is 91, 6mo 183, 2y 731. Null for anything else, and beyond what a safe integer holds.
 */
export function durationDays(text: string): number | null {
  const match = /^([\d.]+)(d|w|mo|y)$/.exec(text);
  const amount = parseDecimal(match?.[1] ?? "");
  const unit = UNITS[match?.[2] ?? ""];
  if (amount === null || unit === undefined) return null;
  const whole = 10_000n * 10n ** BigInt(amount.scale);
  const days = (2n * amount.digits * unit + whole) / (2n * whole);
  return days <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(days) : null;
}

/** The UTC day that holds a time in seconds since 1970-01-01. */
export function dayOfTimestamp(seconds: number | bigint): Day {
  return Math.floor(Number(seconds) / SECONDS_A_DAY);
}

/** Seconds since 1970-01-01 at 00:00 UTC of a day. */
export function timestampOfDay(day: Day): number {
  return day * SECONDS_A_DAY;
}
