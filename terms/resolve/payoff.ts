/** A clause's payoff: tiers as written, and what they are worth in each cohort. */

import { openFields, openList, readText } from "../fields.ts";
import { quote, type Findings, type Place } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import type { Metric, Payoff, Tier } from "../model.ts";
import { locks } from "../payoff.ts";
import { formatMoney, formatValue, parseValue, valueForm, ValueError } from "../values.ts";
import type { Node } from "../yaml.ts";
import { readAmount, slopeOf, worth, type Amount, type Currency } from "./amount.ts";
import type { CohortSlot } from "./cohorts.ts";

/** A tier before a cohort's price makes money of its percentages. */
interface WrittenTier {
  readonly start: bigint | null;
  readonly pays: Amount;
  readonly perUnit: Amount | null;
}

export interface WrittenPayoff {
  readonly at: Place;
  readonly metric: Metric | null;
  readonly tiers: readonly WrittenTier[];
  /** Null: nothing, as no patient can be not evaluable, or the contract knows the value. */
  readonly notEvaluable: Amount | null;
}

/** `metric`: null for a clause without one, undefined when it could not be read (the tiers' bounds are then left alone). */
export function readTiers(
  node: Node | undefined,
  metric: Metric | null | undefined,
  findings: Findings,
): WrittenTier[] | undefined {
  if (node === undefined) return undefined;
  if (metric === null) {
    if (node.kind === "list")
      return findings.expected(node, "a list of tiers without a metric", "one amount, or a metric");
    const pays = readAmount(node, findings);
    return pays && [{ start: null, pays, perUnit: null }];
  }
  // The missing metric has been reported; with it the amount may have been meant for something else.
  if (metric === undefined && node.kind === "text") return readAmount(node, findings) && undefined;
  const list = openList(node, "a list of tiers, such as [{ pays: 0 }, { atLeast: 1, pays: 50% }]", findings);
  if (list === undefined) return undefined;
  const tiers = list.items.map((item, k) => readTier(item, k, list.items.length, metric, findings));
  let highest: bigint | null = null;
  let broken = false;
  tiers.forEach((tier, k) => {
    const start = tier?.start ?? null;
    if (start === null || metric === undefined) return;
    if (highest !== null && start <= highest) {
      const item = list.items[k];
      const bound = item?.kind === "map" ? (item.entries.get("atLeast") ?? item.entries.get("above")) : undefined;
      const before = formatValue(metric, highest);
      findings.expected(
        bound ?? list,
        `a tier from ${formatValue(metric, start)} after one from ${before}`,
        `tiers in ascending order, each from a higher value`,
      );
      broken = true;
    } else highest = start;
  });
  return broken || tiers.some((tier) => tier === undefined) ? undefined : tiers.filter((tier) => tier !== undefined);
}

function readTier(
  node: Node,
  position: number,
  count: number,
  metric: Metric | undefined,
  findings: Findings,
): WrittenTier | undefined {
  const fields = openFields(
    node,
    ["atLeast", "above", "perUnit", "pays"],
    "a tier such as { atLeast: 6mo, pays: 50% }",
    findings,
  );
  if (fields === undefined) return undefined;
  const pays = readAmount(fields.need("pays", "what the tier pays, such as 50%"), findings);
  const edge = position === 0 ? "first" : position === count - 1 ? "last" : null;
  let broken = pays === undefined;
  if (edge !== null && fields.has("perUnit")) {
    findings.expected(
      fields.at("perUnit"),
      `perUnit in the ${edge} tier`,
      `none: the ${edge} tier has no end, and a payoff without bound can't be secured`,
    );
    broken = true;
  }
  const perUnit = edge === null && fields.has("perUnit") ? readAmount(fields.get("perUnit"), findings) : null;
  if (perUnit === undefined) broken = true;
  const start = readStart(fields, position, metric, findings);
  if (start === undefined || broken || pays === undefined || perUnit === undefined) return undefined;
  return { start, pays, perUnit };
}

/** The tier's first value; null for the first tier; undefined after a problem. */
function readStart(
  fields: NonNullable<ReturnType<typeof openFields>>,
  position: number,
  metric: Metric | undefined,
  findings: Findings,
): bigint | null | undefined {
  const [key, another] = (["atLeast", "above"] as const).filter((bound) => fields.has(bound));
  if (position === 0) {
    if (key === undefined) return null;
    return findings.expected(
      fields.at(key),
      `${key} in the first tier`,
      "no bound: the first tier reaches down without limit",
    );
  }
  const form = metric === undefined ? "the value that the tier starts at" : valueForm(metric);
  if (key === undefined) return findings.expected(fields.at("atLeast"), "nothing", `atLeast or above: ${form}`);
  if (another !== undefined) return findings.expected(fields.at(another), "above beside atLeast", "one of the two");
  const value = readValue(fields.get(key), metric, findings);
  if (value === undefined || fields.get(key) === undefined) return undefined;
  const start = key === "above" ? value + 1n : value;
  return start <= LIMITS.start && start >= -LIMITS.start
    ? start
    : findings.expected(fields.at(key), start.toString(), "a value that fits 96 bits");
}

/** A value of a metric; undefined after a problem, which the metric's own form explains. */
export function readValue(node: Node | undefined, metric: Metric | undefined, findings: Findings): bigint | undefined {
  const text = readText(node, metric === undefined ? "a value" : valueForm(metric), findings);
  if (node === undefined || text === undefined || metric === undefined) return undefined;
  try {
    return parseValue(metric, text);
  } catch (error) {
    if (error instanceof ValueError) return findings.problem(node, error.message);
    throw error;
  }
}

/** `notEvaluable`: needed when the oracle reports the metric, a choice when the contract knows it, wrong without one. */
export function readNotEvaluable(
  fields: NonNullable<ReturnType<typeof openFields>>,
  metric: Metric | null | undefined,
  findings: Findings,
): Amount | null | undefined {
  if (metric === null) {
    // Tiers without a metric have been reported: what is missing is the metric.
    if (!fields.has("notEvaluable") || fields.get("pays")?.kind === "list") return null;
    return findings.expected(
      fields.at("notEvaluable"),
      "notEvaluable without a metric",
      "none: there is nothing to evaluate",
    );
  }
  if (metric?.knownTo === "contract" && !fields.has("notEvaluable")) return null;
  if (metric === undefined && !fields.has("notEvaluable")) return undefined;
  const expected = "the amount for what can't be evaluated, such as 50% or 0";
  return readAmount(fields.need("notEvaluable", expected), findings);
}

/** What the payoff is in one cohort; undefined after a problem. */
export function payoffIn(
  written: WrittenPayoff,
  slot: CohortSlot,
  basis: "patient" | "total",
  currency: Currency,
  findings: Findings,
): Payoff | undefined {
  const { price } = slot;
  if (price === undefined) return undefined;
  const tiers: Tier[] = [];
  for (const { start, pays, perUnit } of written.tiers) {
    const amount = worth(pays, price, currency, findings);
    const slope =
      perUnit === null || written.metric === null ? 0n : slopeOf(perUnit, price, written.metric, currency, findings);
    if (amount !== undefined && slope !== undefined) tiers.push({ start, pays: amount, slope });
  }
  const notEvaluable = written.notEvaluable === null ? 0n : worth(written.notEvaluable, price, currency, findings);
  if (tiers.length !== written.tiers.length || notEvaluable === undefined) return undefined;
  const payoff: Payoff = { tiers, notEvaluable };
  checkLocks(written.at, payoff, slot, basis, currency, findings);
  return payoff;
}

function checkLocks(
  at: Place,
  payoff: Payoff,
  { id, maxPatients }: CohortSlot,
  basis: "patient" | "total",
  { code, decimals }: Currency,
  findings: Findings,
): void {
  const { from, to } = locks(payoff);
  const lock = from > to ? from : to;
  const times = basis === "total" ? 1n : BigInt(maxPatients ?? 0);
  const shown = `${formatMoney(lock, decimals)} ${code}`;
  if (lock > LIMITS.money) {
    findings.expected(at, `a worst case of ${shown}`, `at most ${formatMoney(LIMITS.money, decimals)}`);
  } else if (lock * times >= LIMITS.locked) {
    const most = formatMoney(LIMITS.locked - 1n, decimals);
    findings.expected(
      at,
      `a worst case of ${shown} × ${times} patients in cohort ${quote(id)}`,
      `at most ${most} in all`,
    );
  }
}
