/** Amounts, times, values and tiers in words for people who read contracts, not code. */

import { formatDay } from "../calendar.ts";
import { formatDecimal } from "../decimal.ts";
import {
  membersOf,
  SLOPE_SCALE,
  type Agreement,
  type Clause,
  type Day,
  type Metric,
  type PartyRef,
  type Payoff,
  type Tier,
} from "../model.ts";
import { formatMoney, formatValue, isYesNo } from "../values.ts";

/** `CNY 150,000`; never negative: who pays whom is said in words. */
export function money(agreement: Agreement, amount: bigint): string {
  const { code, decimals } = agreement.currency;
  return `${code} ${formatMoney(amount < 0n ? -amount : amount, decimals, "grouped")}`;
}

/** With a sign, for tables of what a party gains or loses: `+150,000`, `−75,000`, `0`. */
export function signed(agreement: Agreement, amount: bigint): string {
  const text = formatMoney(amount < 0n ? -amount : amount, agreement.currency.decimals, "grouped");
  return amount === 0n ? "0" : `${amount < 0n ? "−" : "+"}${text}`;
}

/** `183 days (about 6 months)`. */
export function span(days: number): string {
  if (days === 0) return "on the same day";
  const months = Math.round(days / 30.4375);
  const near = Math.abs(days - months * 30.4375) <= 2;
  const count = (n: number, unit: string): string => `${group(n)} ${unit}${n === 1 ? "" : "s"}`;
  if (days < 60 || !near) return count(days, "day");
  const about = months % 12 === 0 ? count(months / 12, "year") : count(months, "month");
  return `${count(days, "day")} (about ${about})`;
}

/** Thousands apart. */
export function group(n: number | bigint): string {
  return n.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `Maker`, or `payers (Basic 40%, Commercial 60%)`. */
export function party(agreement: Agreement, ref: PartyRef): string {
  const members = membersOf(agreement, ref);
  const [one] = members;
  if (members.length === 1 && one !== undefined) return one.name;
  return `the ${one?.group ?? ""} group`;
}

/** `(50% of the price)` when that is a short number and says something, else nothing. */
export function ofPrice(amount: bigint, price: bigint): string {
  if (price === 0n || amount === 0n) return "";
  const size = (amount < 0n ? -amount : amount) * 10_000n;
  if (size % price !== 0n || size > 20_000n * price) return "";
  return ` (${formatDecimal({ digits: size / price, scale: 2 })}% of the price)`;
}

/** A value for people: `183 days`, `85%`, `CNY 1,140`, `partial`, `0.5 QALY`. */
export function valueInWords(agreement: Agreement, metric: Metric, value: bigint): string {
  if (metric.kind === "money") return `${value < 0n ? "−" : ""}${money(agreement, value)}`;
  if (metric.kind === "percent" || metric.kind === "level") return formatValue(metric, value);
  const text = formatDecimal({ digits: value, scale: metric.decimals });
  const [whole = "", fraction] = text.split(".");
  const grouped = `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${fraction === undefined ? "" : `.${fraction}`}`;
  if (metric.unit === "number" || isYesNo(metric)) return grouped;
  return `${grouped} ${metric.unit}`;
}

/** The values of a tier, from its start to the next one's. */
export function tierInWords(agreement: Agreement, metric: Metric | null, payoff: Payoff, position: number): string {
  if (metric === null) return "always";
  const start = payoff.tiers[position]?.start ?? null;
  const next = payoff.tiers[position + 1]?.start ?? null;
  if (start === null && next === null) return "any value";
  const say = (value: bigint): string => valueInWords(agreement, metric, value);
  if (isYesNo(metric) && (next ?? 1n) === 1n && (start ?? 1n) === 1n) return start === null ? "no" : "yes";
  if (metric.kind === "level") {
    const from = Number(start ?? 0n);
    const to = next === null ? metric.levels.length : Number(next);
    return metric.levels.slice(Math.max(0, from), Math.max(0, to)).join(", ") || "no level";
  }
  const below = next === null ? null : bound(metric, next);
  const from = start === null ? null : bound(metric, start);
  if (from === null) return below === null ? "any value" : `${below.exclusive ? "up to" : "below"} ${say(below.value)}`;
  const low = `${from.exclusive ? "above " : ""}${say(from.value)}`;
  if (below === null) return from.exclusive ? low : `${low} or more`;
  return `${low} ${below.exclusive ? "up to" : "to below"} ${say(below.value)}`;
}

/** The value where a tier begins, as it was meant: `above 10%`, `5%`. */
export function edgeInWords(agreement: Agreement, metric: Metric, start: bigint): string {
  const { value, exclusive } = bound(metric, start);
  return `${exclusive ? "above " : ""}${valueInWords(agreement, metric, value)}`;
}

/** A tier that starts one smallest step above a round value was written `above` it, and reads better so. */
function bound(metric: Metric, start: bigint): { value: bigint; exclusive: boolean } {
  if (metric.decimals === 0) return { value: start, exclusive: false };
  const places = (value: bigint): number =>
    (formatDecimal({ digits: value, scale: metric.decimals }).split(".")[1] ?? "").length;
  return places(start) === metric.decimals && places(start - 1n) < metric.decimals
    ? { value: start - 1n, exclusive: true }
    : { value: start, exclusive: false };
}

/** What is paid at the end of a sloped tier, toward zero as the contract rounds; the tier's own amount when flat. */
export function endOf(tier: Tier, next: Tier | undefined): bigint {
  if (tier.slope === 0n || next?.start === undefined || next.start === null) return tier.pays;
  return (tier.pays * SLOPE_SCALE + tier.slope * (next.start - (tier.start ?? 0n))) / SLOPE_SCALE;
}

/** `the maker pays the fund CNY 75,000 (50% of the price)`. */
export function paymentInWords(agreement: Agreement, clause: Clause, amount: bigint, price: bigint): string {
  if (amount === 0n) return "nobody pays";
  const from = party(agreement, clause.from);
  const to = party(agreement, clause.to);
  const [payer, payee] = amount > 0n ? [from, to] : [to, from];
  return `${payer} pays ${payee} ${money(agreement, amount)}${ofPrice(amount, price)}`;
}

/** What a tier pays, in words; a sloped one at its start, on the way and at its end. */
export function tierPayment(
  agreement: Agreement,
  clause: Clause,
  payoff: Payoff,
  position: number,
  price: bigint,
): string {
  const tier = payoff.tiers[position];
  if (tier === undefined) return "";
  const flat = paymentInWords(agreement, clause, tier.pays, price);
  const { metric } = clause;
  const next = payoff.tiers[position + 1];
  if (tier.slope === 0n || metric === null || tier.start === null || !next?.start) return flat;
  const { code, decimals } = agreement.currency;
  const slope = tier.slope < 0n ? -tier.slope : tier.slope;
  const perUnit = formatDecimal(
    { digits: slope * 10n ** BigInt(metric.decimals), scale: 9 + decimals },
    Math.min(2, decimals),
  );
  const units: Readonly<Record<Metric["kind"], string>> = {
    percent: "percentage point",
    money: `${code} 1`,
    days: "day",
    level: "level",
    number: metric.unit === "number" || isYesNo(metric) ? "unit" : metric.unit.replace(/s$/, ""),
  };
  const towards = party(agreement, tier.slope > 0n ? clause.to : clause.from);
  const say = (value: bigint): string => valueInWords(agreement, metric, value);
  const end = endOf(tier, next);
  // Where the payment turns round, when it does so on the way.
  const turns = tier.pays < 0n !== end < 0n && tier.pays !== 0n && end !== 0n;
  const zero = turns ? `; nobody pays at ${say(tier.start - (tier.pays * SLOPE_SCALE) / tier.slope)}` : "";
  return [
    `at ${say(tier.start)} ${flat}`,
    `each ${units[metric.kind]} more moves the payment by ${code} ${perUnit} in favour of ${towards}${zero}`,
    `close to ${say(next.start)} ${paymentInWords(agreement, clause, end, price)}`,
  ].join("; ");
}

/** How the oracle gets a metric of the agreement's own; nothing for a built-in one. */
export function sourceInWords({ source, builtIn }: Metric): string {
  if (source === null) return builtIn ? "" : "the terms name no source for it";
  const list = (names: readonly string[]): string => names.join(", ");
  switch (source.type) {
    case "observation":
      return `${{ first: "first", last: "last", min: "lowest", max: "highest", mean: "mean" }[source.take]} of ${list(source.codes)}${source.unit === undefined ? "" : ` in ${source.unit}`}`;
    case "all":
      return `yes when all of ${list(source.of)}`;
    case "any":
      return `yes when any of ${list(source.of)}`;
    case "atLeast":
      return `yes when at least ${source.count} of ${list(source.of)}`;
    case "unless":
      return `${source.metric}, and 0 from the first of ${list(source.stops)} on`;
    case "when":
      return `${source.value} where ${source.condition}, else 0`;
    case "difference":
      return `${source.minuend} less ${source.subtrahend}`;
    case "statement":
      return `as stated in ${source.name}`;
    case "rule":
      return `computed by the rule ${source.name}, version ${source.version}`;
  }
}

/** `2027-05-01`. */
export function date(day: Day): string {
  return formatDay(day);
}
