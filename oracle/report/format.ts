/** Values as other programs read them. */

import type { Metric } from "../../terms/model.ts";

/** A value in the metric's unit, with all of its decimals: 7.25 of an HbA1c is signed as 725 and printed as `7.25`. */
export function decimalText(metric: Pick<Metric, "decimals"> | null, value: bigint): string {
  const decimals = metric?.decimals ?? 0;
  if (decimals === 0) return value.toString();
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
