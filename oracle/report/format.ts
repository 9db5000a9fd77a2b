/** Values and days as people and other programs read them. */

import type { Day, Metric } from "../../terms/model.ts";

/** A value in the metric's unit, with all of its decimals: 7.25 of an HbA1c is signed as 725 and printed as `7.25`. */
export function formatValue(metric: Pick<Metric, "decimals"> | null, value: bigint): string {
  const decimals = metric?.decimals ?? 0;
  if (decimals === 0) return value.toString();
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

const MILLISECONDS_A_DAY = 86_400_000;

/** `2026-01-31`. */
export function formatDay(day: Day): string {
  return new Date(day * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}
