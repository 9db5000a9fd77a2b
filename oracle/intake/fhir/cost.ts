/**
 * Costs as paid: ExplanationOfBenefit (what the payer adjudicated) and Invoice (what was billed to it, net). Claims and charge
 * items are what somebody asks for, and are of no use here.
 */

import type { Decimal } from "../../../terms/decimal.ts";
import type { Fact } from "../facts.ts";
import { jsonDecimal } from "../numbers.ts";
import type { FhirContext, FhirReading } from "./context.ts";
import { businessKey, codings, get, isObject, objects, text, type Json } from "./json.ts";
import { firstDate } from "./times.ts";

interface Money {
  readonly amount: Decimal;
  readonly currency: string | null;
}

/**
 * The amount is the total of category `benefit`, else what was paid to provider and patient together, else `payment`; its day
 * is the end of the billable period, else when it was created.
 */
export function readExplanationOfBenefit(resource: Json, context: FhirContext): FhirReading | null {
  if (!context.needs.costs || !context.settings.costs.has("ExplanationOfBenefit")) return null;
  const status = text(resource["status"]) ?? "missing";
  if (status !== "active") return { reason: `status ${status}` };
  const use = text(resource["use"]) ?? "claim";
  if (use !== "claim") return { reason: `use ${use}` };
  const outcome = text(resource["outcome"]) ?? "complete";
  if (outcome !== "complete" && outcome !== "partial") return { reason: `outcome ${outcome}` };
  const paid = totalPaid(resource, context);
  const period = resource["billablePeriod"];
  const date = firstDate(get(period, "end"), get(period, "start"), resource["created"]);
  return cost("ExplanationOfBenefit", resource, paid, date, codings(resource["type"]), context);
}

/** The amount is `totalNet`. */
export function readInvoice(resource: Json, context: FhirContext): FhirReading | null {
  if (!context.needs.costs || !context.settings.costs.has("Invoice")) return null;
  const status = text(resource["status"]) ?? "missing";
  if (status !== "issued" && status !== "balanced") return { reason: `status ${status}` };
  const total = resource["totalNet"];
  const net = total === undefined ? "no totalNet" : money(total, context);
  return cost("Invoice", resource, net, firstDate(resource["date"]), codings(resource["type"]), context);
}

function cost(
  form: string,
  resource: Json,
  paid: Money | string,
  date: ReturnType<typeof firstDate>,
  codes: readonly string[],
  { intern }: FhirContext,
): FhirReading {
  if (typeof paid === "string") return { reason: paid, unmapped: true };
  if (typeof date === "string") return { reason: date };
  const fact: Fact = { kind: "cost", date, codes: intern(codes), ...paid, form };
  return { facts: [fact], business: businessKey(resource) };
}

function totalPaid(resource: Json, context: FhirContext): Money | string {
  const totals = objects(resource["total"]).map(({ category, amount }) => ({
    category: codings(category).map((code) => code.slice(code.lastIndexOf("|") + 1)),
    amount,
  }));
  for (const wanted of [["benefit"], ["paidtoprovider", "paidtopatient"]]) {
    const found = totals.filter(({ category }) => category.some((code) => wanted.includes(code)));
    if (found.length > 0) return sum(found.map(({ amount }) => money(amount, context)));
  }
  const payment = get(resource, "payment", "amount");
  return payment === undefined ? "no total paid" : money(payment, context);
}

function sum(parts: readonly (Money | string)[]): Money | string {
  const [first, ...rest] = parts;
  let total = first ?? "no total paid";
  for (const part of rest) {
    if (typeof total === "string") return total;
    if (typeof part === "string") return part;
    if (part.currency !== total.currency) return "totals of several currencies";
    const scale = Math.max(total.amount.scale, part.amount.scale);
    const at = ({ digits, scale: own }: Decimal): bigint => digits * 10n ** BigInt(scale - own);
    total = { amount: { digits: at(total.amount) + at(part.amount), scale }, currency: total.currency };
  }
  return total;
}

function money(value: unknown, { source }: FhirContext): Money | string {
  const amount = isObject(value) ? jsonDecimal(value["value"], source) : null;
  return amount === null ? "amount is no number" : { amount, currency: text(get(value, "currency")) };
}
