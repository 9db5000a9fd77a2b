/** Money and values of metrics: from what people write to integers, and back. */

import { durationDays } from "./calendar.ts";
import { formatDecimal, parseDecimal, scaleExactly, significantScale } from "./decimal.ts";
import { nearest, oneOfText, quote } from "./findings.ts";
import type { Metric } from "./model.ts";

/** A value that its metric does not have. The message says what was found and what was expected. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

const refuse = (text: string, expected: string, hint = ""): never => {
  throw new ValueError(`found ${quote(text)}, expected ${expected}${hint}`);
};

/** Money in currency units to minor units; null when the text is no plain decimal or not a whole number of minor units. */
export function parseMoney(text: string, decimals: number): bigint | null {
  const decimal = parseDecimal(text);
  return decimal === null ? null : scaleExactly(decimal, decimals);
}

/**
 * Minor units to currency units, plainly: `-1650000`, `200000.20`. No fraction when it is zero, else at least two places
 * where the currency has them. `grouped` puts commas between thousands, for people.
 */
export function formatMoney(amount: bigint, decimals: number, style: "plain" | "grouped" = "plain"): string {
  const whole = amount % 10n ** BigInt(decimals) === 0n;
  const text = formatDecimal({ digits: amount, scale: decimals }, whole ? 0 : Math.min(2, decimals));
  if (style === "plain") return text;
  const [left = "", right] = text.split(".");
  const grouped = left.replace(/\B(?=(\d{3})+$)/g, ",");
  return right === undefined ? grouped : `${grouped}.${right}`;
}

/** What a metric's values look like, for the message about one that does not. */
export function valueForm(metric: Metric): string {
  if (isYesNo(metric)) return "0 or 1";
  if (metric.kind === "days") return "days such as 183, 183d or 6mo";
  if (metric.kind === "level") return `a level: ${oneOfText(metric.levels)}`;
  if (metric.kind === "money") return `an amount of ${metric.unit} with at most ${metric.decimals} decimals`;
  const places = metric.decimals === 0 ? "a whole number" : `a number with at most ${metric.decimals} decimals`;
  return metric.kind === "percent" ? `a percentage such as 85% with at most ${metric.decimals} decimals` : places;
}

/** Whether a metric is 0 or 1 by definition. */
export function isYesNo(metric: Metric): boolean {
  return metric.unit === YES_NO;
}

/** The unit of metrics that are 0 or 1. */
export const YES_NO = "0 or 1";

/**
 * Reads a value in any form its metric has: `183`, `183d` or `6mo` for days, `85%` or `85` for percent (percentage points),
 * a level's name or number, currency units for money. Returns value × 10^decimals; throws a `ValueError` otherwise.
 */
export function parseValue(metric: Metric, text: string): bigint {
  if (metric.kind === "level") return parseLevel(metric, text);
  if (metric.kind === "days") {
    const days = durationDays(text);
    if (days !== null) return BigInt(days);
  }
  const number = metric.kind === "percent" && text.endsWith("%") ? text.slice(0, -1) : text;
  const decimal = parseDecimal(number);
  if (decimal === null) return refuse(text, valueForm(metric));
  const value = scaleExactly(decimal, metric.decimals);
  if (value === null) {
    return refuse(text, valueForm(metric), ` (it has ${significantScale(decimal)})`);
  }
  if (isYesNo(metric) && value !== 0n && value !== 1n) return refuse(text, valueForm(metric));
  return value;
}

function parseLevel(metric: Metric, text: string): bigint {
  const named = metric.levels.indexOf(text);
  if (named >= 0) return BigInt(named);
  const decimal = parseDecimal(text);
  const level = decimal === null ? null : scaleExactly(decimal, 0);
  if (level !== null && level >= 0n && level < BigInt(metric.levels.length)) return level;
  return refuse(text, valueForm(metric), nearest(text, metric.levels));
}

/** Writes a value in a form that `parseValue` reads: `183d`, `85%`, `partial`, `0.62`, `1140`. */
export function formatValue(metric: Metric, value: bigint): string {
  if (metric.kind === "level") return metric.levels[Number(value)] ?? value.toString();
  if (metric.kind === "money") return formatMoney(value, metric.decimals);
  const text = formatDecimal({ digits: value, scale: metric.decimals });
  if (metric.kind === "days") return value < 0n ? text : `${text}d`;
  return metric.kind === "percent" ? `${text}%` : text;
}
