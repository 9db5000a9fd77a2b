/** What one patient more or less can move: cliffs on small numbers surprise people. */

import type { Agreement, Clause, Metric, Payoff } from "../model.ts";
import { formatDecimal } from "../decimal.ts";
import { SLOPE_SCALE } from "../model.ts";
import { edgeInWords, endOf, group, money, tierInWords } from "./words.ts";

/** A place where the payment jumps: from what tier `from` pays at its end to what the next one pays. */
interface Cliff {
  readonly at: bigint;
  readonly jump: bigint;
  readonly from: string;
  readonly to: string;
}

/** Sentences about one clause in one cohort at its largest size. */
export function swing(agreement: Agreement, clause: Clause, payoff: Payoff, cohort: number): string[] {
  const { metric } = clause;
  const { maxPatients = 0, price = 0n } = agreement.cohorts[cohort] ?? {};
  if (metric === null) return [];
  const cliffs = findCliffs(agreement, metric, payoff);
  if (clause.kind === "milestone") return milestone(agreement, payoff, cliffs, maxPatients);
  const times = clause.basis === "total" ? 1n : BigInt(maxPatients);
  return [
    ...weight(agreement, metric, payoff, maxPatients, price, times),
    ...cliffs.map(({ at, jump, from, to }) => {
      // Where the metric is the number of patients, that many are paid for at its edge.
      const paid = metric.id === "enrolled" && clause.basis === "patient" ? at : times;
      const many = clause.basis === "total" ? "" : ` with ${group(paid)} patients`;
      const edge = edgeInWords(agreement, metric, at);
      const where = edge.startsWith("above ") ? `Just ${edge}` : `At ${edge}`;
      return `${where} the payment jumps by ${money(agreement, jump * paid)}${many} (from "${from}" to "${to}").`;
    }),
    ...(cliffs.length === 0 && payoff.tiers.length > 1
      ? ["The payment has no jump: a small change of the result is a small change of the payment."]
      : []),
  ];
}

function milestone(agreement: Agreement, payoff: Payoff, cliffs: readonly Cliff[], maxPatients: number): string[] {
  const amounts = [
    ...payoff.tiers.flatMap((tier, k) => [tier.pays, endOf(tier, payoff.tiers[k + 1])]),
    payoff.notEvaluable,
  ];
  const most = amounts.reduce((a, b) => (a > b ? a : b));
  const least = amounts.reduce((a, b) => (a < b ? a : b));
  const one = `One patient assessed differently moves at most ${money(agreement, most - least)}`;
  const all = `${group(maxPatients)} patients at most ${money(agreement, (most - least) * BigInt(maxPatients))}`;
  const jumps = cliffs.map(({ jump, from, to }) => `${money(agreement, jump)} between "${from}" and "${to}"`);
  return [`${one}; ${all}.`, ...(jumps.length > 1 ? [`For one patient: ${jumps.join("; ")}.`] : [])];
}

/** How much one patient weighs in the metric. */
function weight(
  agreement: Agreement,
  metric: Metric,
  payoff: Payoff,
  patients: number,
  price: bigint,
  times: bigint,
): string[] {
  if (patients === 0) return [];
  const steepest = payoff.tiers.reduce((most, { slope }) => (abs(slope) > most ? abs(slope) : most), 0n);
  const moves = (steps: bigint): string =>
    steepest === 0n
      ? ""
      : `, which outside the jumps moves at most ${money(agreement, (steepest * steps * times) / SLOPE_SCALE)}`;
  if (metric.kind === "percent") {
    const points = formatDecimal({ digits: 100_000_000n / BigInt(patients), scale: 6 });
    const steps = (100n * 10n ** BigInt(metric.decimals)) / BigInt(patients);
    return [`Among ${group(patients)} patients one patient is ${round(points)} percentage points${moves(steps)}.`];
  }
  if (metric.id === "enrolled") return [`One patient enrolled more or less counts one${moves(1n)}.`];
  if (metric.id === "mean-cost") {
    const steps = price / BigInt(patients);
    return [
      `One patient who costs ${money(agreement, price)} more raises the mean of ${group(patients)} by ${money(agreement, steps)}${moves(steps)}.`,
    ];
  }
  if (metric.id === "outlay") {
    return [`One patient more adds up to ${money(agreement, price)} to the outlay${moves(price)}.`];
  }
  if (metric.kind === "money") {
    const unit = 10n ** BigInt(metric.decimals);
    return steepest === 0n
      ? []
      : [`The sum is stated, not counted by patients: ${money(agreement, 1_000n * unit)} more${moves(1_000n * unit)}.`];
  }
  return [];
}

/** At most three significant decimals. */
const round = (text: string): string => String(Number(Number(text).toPrecision(3)));
const abs = (n: bigint): bigint => (n < 0n ? -n : n);

function findCliffs(agreement: Agreement, metric: Metric, payoff: Payoff): Cliff[] {
  return payoff.tiers.flatMap((tier, k): Cliff[] => {
    const next = payoff.tiers[k + 1];
    if (next?.start === undefined || next.start === null) return [];
    const jump = abs(next.pays - endOf(tier, next));
    if (jump === 0n) return [];
    const words = (position: number): string => tierInWords(agreement, metric, payoff, position);
    return [{ at: next.start, jump, from: words(k), to: words(k + 1) }];
  });
}
