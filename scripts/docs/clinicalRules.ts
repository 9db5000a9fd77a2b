/** The parts of `docs/clinical-rules.md` that come from code: metrics, options, value sets. */

import { VALUE_SETS } from "../../oracle/endpoints/eq5d/valueSets.ts";
import { ENDPOINT_OPTIONS, OBSERVATION, UNVERIFIED_RULES, type EndpointOption } from "../../terms/endpoint-table.ts";
import { builtInMetrics } from "../../terms/metrics.ts";
import { markdownTable } from "./section.ts";

const code = (text: string): string => `\`${text}\``;

/** Name to content of each generated section. */
export function generatedSections(): ReadonlyMap<string, string> {
  return new Map([
    ["metrics", metrics()],
    ["options", options()],
    ["unverified", unverified()],
    ["value sets", valueSets()],
  ]);
}

function metrics(): string {
  const rows = [...builtInMetrics({ code: "currency", decimals: 2 }).values()].map(
    ({ id, of, kind, unit, decimals, levels, definition }) => [
      code(id),
      of,
      levels.length > 0 ? levels.map((level, k) => `${level} ${k}`).join(", ") : unit,
      kind === "money" ? "the currency's" : String(decimals),
      definition,
    ],
  );
  return markdownTable([["metric", "of", "unit", "decimals", "definition"], ...rows]);
}

const ROWS: readonly EndpointOption[] = ENDPOINT_OPTIONS;

function options(): string {
  const rows = ROWS.map(
    ({ name, kind, choices, metrics: all, default: value, otherwise, needed, meaning, unverified: mark }) => [
      code(name),
      choices === undefined ? kind : choices.map(code).join(", "),
      `${value === null ? (otherwise ?? (needed === true ? "must be stated" : "none")) : code(value)}${mark === true ? " (unverified)" : ""}`,
      meaning,
      all.map((id) => (id === OBSERVATION ? "measured values of one's own" : code(id))).join(", "),
    ],
  );
  return markdownTable([["option", "takes", "default", "meaning", "for"], ...rows]);
}

function unverified(): string {
  const defaults = ROWS.filter((row) => row.unverified === true).map(
    ({ name, default: value, meaning }) => `- ${code(name)}, default ${value ?? "none"}: ${meaning}.`,
  );
  const rules = Object.entries(UNVERIFIED_RULES).flatMap(([metric, all]) =>
    all.map((rule) => `- ${code(metric)}: ${rule}.`),
  );
  return [...defaults, ...rules].join("\n");
}

function valueSets(): string {
  const rows = [...VALUE_SETS.values()].map(({ id, doi }) => [code(id), doi]);
  return markdownTable([["value set", "published"], ...rows]);
}
