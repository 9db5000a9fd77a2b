/** What a report says, for whoever challenges, rules or settles. */

import type { Settleable } from "../../oracle/pending.ts";
import { formatValue } from "../../terms/values.ts";
import type { Subject } from "./subject.ts";

/** Plain JSON. Sums and values are decimal text: in the metric's unit with --terms, else as the chain has them. */
export function reportJson({ terms, words }: Subject, { kind, message }: Settleable): object {
  const metric = terms?.clauses[message.clause]?.metric ?? null;
  const value = (units: bigint): string => (metric === null ? units.toString() : formatValue(metric, units));
  const common = { kind, number: message.number, asOf: words.day(message.asOfDay), root: message.root };
  if (kind === "wager") return { ...common, value: message.evaluable ? value(message.value) : null };
  return {
    ...common,
    tallies: message.tallies.map(({ patients, sum }) => ({ patients, sum: sum.toString() })),
    notEvaluable: message.notEvaluable,
  };
}

/** One line. */
export function reportLine(subject: Subject, content: Settleable): string {
  const { words } = subject;
  const { kind, message } = content;
  const head = `report ${message.number} as of ${words.day(message.asOfDay)}`;
  if (kind === "wager") {
    const { value } = reportJson(subject, content) as { value: string | null };
    return `${head}: ${value ?? "not evaluable"}`;
  }
  const tiers = message.tallies.map(({ patients }, k) => `tier ${k}: ${patients}`).join(", ");
  return `${head}: patients by tier: ${tiers}; not evaluable: ${message.notEvaluable}`;
}
