/** Which options of the table a metric takes, and what it is made of. */

import { AROUND_DUE, ENDPOINT_OPTIONS, OBSERVATION, type EndpointOption, type OptionName } from "./endpoint-table.ts";
import type { EndpointOptions, Metric } from "./model.ts";

const TABLE: readonly (EndpointOption & { readonly name: OptionName })[] = ENDPOINT_OPTIONS;

/** The row of an option for one metric; undefined when the metric does not take it. */
export function optionOf(name: OptionName, metric: string): (typeof TABLE)[number] | undefined {
  return TABLE.find((row) => row.name === name && row.metrics.includes(metric));
}

/** All rows, by name in the order of the table. */
export function optionsByName(): ReadonlyMap<OptionName, readonly EndpointOption[]> {
  const byName = new Map<OptionName, EndpointOption[]>();
  for (const row of TABLE) byName.set(row.name, [...(byName.get(row.name) ?? []), row]);
  return byName;
}

/** The built-in metrics, and `observation`, that a metric is made of: itself, or those of all its parts. */
export function madeOf(metric: Metric, known: ReadonlyMap<string, Metric>): string[] {
  if (metric.builtIn) return [metric.id];
  const parts = partsOf(metric).flatMap((id) => {
    const part = known.get(id);
    return part === undefined ? [] : madeOf(part, known);
  });
  return metric.source?.type === "observation" ? [OBSERVATION] : parts;
}

/** Metrics that one of the agreement's own is combined from, in the order of its source. */
export function partsOf({ source }: Metric): readonly string[] {
  switch (source?.type) {
    case "all":
    case "any":
    case "atLeast":
      return source.of;
    case "unless":
      return [source.metric, ...source.stops];
    case "when":
      return [source.value, source.condition];
    case "difference":
      return [source.minuend, source.subtrahend];
    default:
      return [];
  }
}

/** Whether a named rule is part of a metric: what options it takes is written in code. */
function hasRule(metric: Metric, known: ReadonlyMap<string, Metric>): boolean {
  return (
    metric.source?.type === "rule" ||
    partsOf(metric).some((id) => {
      const part = known.get(id);
      return part !== undefined && hasRule(part, known);
    })
  );
}

/** Metrics whose result is looked for around the due day, so that the default window matters. */
export function looksAroundDue(metric: Metric, known: ReadonlyMap<string, Metric>): boolean {
  if (metric.source?.type === "observation") return metric.source.take === "last";
  return metric.builtIn
    ? AROUND_DUE.includes(metric.id)
    : partsOf(metric).some((id) => {
        const part = known.get(id);
        return part !== undefined && looksAroundDue(part, known);
      });
}

/** What is measured for a clause: its metric, and for a rate of patients who reach a target the metric that it is set for. */
export function measuredFor(
  metric: Metric,
  endpoint: EndpointOptions,
  known: ReadonlyMap<string, Metric>,
): readonly Metric[] {
  const target = endpoint["metric"] === undefined ? undefined : known.get(String(endpoint["metric"]));
  return target === undefined ? [metric] : [metric, target];
}

/** The rows that say something of what a metric is made of; an option may have several. */
export function optionRows(metric: Metric, known: ReadonlyMap<string, Metric>): readonly EndpointOption[] {
  const ids = madeOf(metric, known);
  return TABLE.filter(({ metrics }) => metrics.some((id) => ids.includes(id)));
}

/**
 * The options that a metric takes, each name once: a built-in one its own, one of the agreement's own those of what it is
 * made of. A rate of patients who reach a target takes those of any metric, for the one that the target is set for.
 */
export function optionsFor(metric: Metric, known: ReadonlyMap<string, Metric>): readonly EndpointOption[] {
  const own = optionRows(metric, known);
  const all = madeOf(metric, known).includes("attainment-rate") || hasRule(metric, known) ? [...own, ...TABLE] : own;
  return [...new Set(all.map(({ name }) => name))].flatMap((name) => {
    const rows = all.filter((row) => row.name === name);
    const choices = [...new Set(rows.flatMap((row) => row.choices ?? []))];
    return rows.slice(0, 1).map((row) => (choices.length === 0 ? row : { ...row, choices }));
  });
}
