/** Amounts: money, or a percentage of the cohort's price; always a whole number of minor units, never rounded. */

import { formatDecimal, parseDecimal, scaleExactly, type Decimal } from "../decimal.ts";
import { found, readText } from "../fields.ts";
import { quote, type Findings } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import { SLOPE_SCALE, type Metric } from "../model.ts";
import { formatMoney } from "../values.ts";
import type { Node, TextNode } from "../yaml.ts";

export interface Currency {
  readonly code: string;
  readonly decimals: number;
}

/** An amount as written: its worth may depend on the cohort. */
export interface Amount {
  readonly node: TextNode;
  readonly number: Decimal;
  readonly percent: boolean;
}

const AMOUNT = "money such as 150000 or 620.50, or a percentage of the price such as 50%";
const MONEY = "money such as 150000 or 620.50";

export function readAmount(node: Node | undefined, findings: Findings, expected = AMOUNT): Amount | undefined {
  const text = readText(node, expected, findings);
  if (node?.kind !== "text" || text === undefined) return undefined;
  const percent = text.endsWith("%");
  const number = parseDecimal(percent ? text.slice(0, -1) : text);
  if (number === null) return findings.expected(node, found(node), expected);
  return { node, number, percent };
}

/** Minor units of an amount in a cohort with this price. */
export function worth(amount: Amount, price: bigint, currency: Currency, findings: Findings): bigint | undefined {
  const exact: Decimal = amount.percent
    ? { digits: amount.number.digits * price, scale: amount.number.scale + 2 + currency.decimals }
    : amount.number;
  const minor = scaleExactly(exact, currency.decimals);
  if (minor === null) {
    const of = amount.percent
      ? ` of ${formatMoney(price, currency.decimals)} ${currency.code}, that is ${formatDecimal(exact)} ${currency.code}`
      : "";
    return findings.expected(amount.node, `${quote(amount.node.text)}${of}`, wholeUnits(currency));
  }
  return inRange(minor, amount.node, currency, findings);
}

/** 10⁻⁹ minor units a smallest step of the metric, for an amount a whole unit of it. */
export function slopeOf(
  amount: Amount,
  price: bigint,
  metric: Metric,
  currency: Currency,
  findings: Findings,
): bigint | undefined {
  const { node, number, percent } = amount;
  if (!percent && number.scale > 9) {
    return findings.expected(node, `${quote(node.text)} with ${number.scale} decimals`, "at most 9 decimals");
  }
  const minor: Decimal = percent
    ? { digits: number.digits * price, scale: number.scale + 2 }
    : { digits: number.digits * 10n ** BigInt(currency.decimals), scale: number.scale };
  const slope = scaleExactly({ ...minor, scale: minor.scale + metric.decimals }, 9);
  if (slope === null) {
    const step = formatDecimal({ ...minor, scale: minor.scale + metric.decimals });
    return findings.expected(
      node,
      `${quote(node.text)}, that is ${step} minor units a smallest step of ${metric.id}`,
      "a multiple of 0.000000001 minor units a step",
    );
  }
  const size = slope < 0n ? -slope : slope;
  return size <= LIMITS.slope
    ? slope
    : findings.expected(node, quote(node.text), `at most ${LIMITS.slope / SLOPE_SCALE} minor units a smallest step`);
}

/** Money that no price stands behind: the price itself, a bond, a payment of a story. */
export function readMoney(node: Node | undefined, currency: Currency, findings: Findings): bigint | undefined {
  const text = readText(node, MONEY, findings);
  if (node?.kind !== "text" || text === undefined) return undefined;
  const number = parseDecimal(text);
  if (number === null) return findings.expected(node, found(node), MONEY);
  const minor = scaleExactly(number, currency.decimals);
  if (minor === null) return findings.expected(node, quote(text), wholeUnits(currency));
  return inRange(minor, node, currency, findings);
}

/** As `readMoney`, and not below zero. */
export function readPositive(node: Node | undefined, currency: Currency, findings: Findings): bigint | undefined {
  const minor = readMoney(node, currency, findings);
  if (node === undefined || minor === undefined || minor >= 0n) return minor;
  return findings.expected(node, found(node), "an amount that is not negative");
}

function inRange(minor: bigint, node: TextNode, currency: Currency, findings: Findings): bigint | undefined {
  const size = minor < 0n ? -minor : minor;
  return size <= LIMITS.money
    ? minor
    : findings.expected(node, quote(node.text), `at most ${formatMoney(LIMITS.money, currency.decimals)} either way`);
}

function wholeUnits({ code, decimals }: Currency): string {
  return `a whole number of minor units (${formatDecimal({ digits: 1n, scale: decimals })} ${code})`;
}
