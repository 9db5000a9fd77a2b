/** One definition of a metric of the agreement's own, as written. */

import {
  type Fields,
  found,
  isId,
  openFields,
  openList,
  readChoice,
  readFlag,
  readInteger,
  readLine,
  readProse,
  readText,
} from "../fields.ts";
import { oneOfText, quote, type Findings, type Place } from "../findings.ts";
import { parseDecimal } from "../decimal.ts";
import type { MetricKind, MetricSource } from "../model.ts";
import type { Node } from "../yaml.ts";
import { readCodes } from "./cohorts.ts";

/** A metric that another is made of: a condition must be 0 or 1, a value passes its kind on. */
export interface Part {
  readonly id: string;
  readonly role: "condition" | "value";
  readonly place: Place;
}

export interface Draft {
  readonly id: string;
  readonly of: "patient" | "cohort" | undefined;
  /** Undefined when no kind is stated. */
  readonly kind: MetricKind | undefined;
  readonly kindPlace: Place;
  readonly decimals: number | undefined;
  readonly levels: readonly string[];
  readonly definition: string;
  readonly source: MetricSource | null;
  readonly parts: readonly Part[];
}

const KIND_KEYS = ["percent", "money", "unit", "levels"] as const;
const SOURCE_KEYS = [
  "observation",
  "all",
  "any",
  "atLeast",
  "metric",
  "value",
  "difference",
  "statement",
  "rule",
] as const;
/** Keys that only stand beside another. */
const COMPANIONS: Readonly<Record<string, string>> = { "of-these": "atLeast", unless: "metric", when: "value" };
const KEYS = ["of", "definition", "decimals", ...KIND_KEYS, ...SOURCE_KEYS, ...Object.keys(COMPANIONS)];

const EXPECTED = "a metric such as { percent: true, definition: … }";
const MOST_DECIMALS = 6n;

/** Undefined when anything in it has a problem. */
export function readDefinition(id: string, node: Node, findings: Findings): Draft | undefined {
  const fields = openFields(node, KEYS, EXPECTED, findings);
  if (fields === undefined) return undefined;
  const of = fields.has("of") ? readChoice(fields.get("of"), ["patient", "cohort"], findings) : null;
  const definition = fields.has("definition")
    ? readProse(fields.get("definition"), "the definition in words", findings)
    : "";
  const kind = readKind(fields, findings);
  const source = readSource(fields, findings);
  if (of === undefined || definition === undefined || kind === undefined || source === undefined) return undefined;
  return { id, of: of ?? undefined, definition, ...kind, ...source };
}

type Kind = Pick<Draft, "kind" | "decimals" | "levels" | "kindPlace">;

function readKind(fields: Fields, findings: Findings): Kind | undefined {
  const stated = KIND_KEYS.filter((key) => fields.has(key));
  const [key, another] = stated;
  if (another !== undefined) {
    return findings.expected(
      fields.at(another),
      `${quote(another)} beside ${quote(key ?? "")}`,
      `one kind: ${oneOfText(KIND_KEYS)}`,
    );
  }
  const decimals = fields.has("decimals") ? readInteger(fields.get("decimals"), 0n, MOST_DECIMALS, findings) : null;
  const kindPlace = key === undefined ? (fields.has("decimals") ? fields.at("decimals") : fields) : fields.at(key);
  if (decimals === undefined) return undefined;
  const common = { kindPlace, decimals: decimals === null ? undefined : Number(decimals), levels: [] };
  if (key === undefined) return { ...common, kind: undefined };
  if (key !== "percent" && decimals !== null) {
    return findings.expected(fields.at("decimals"), `decimals beside ${quote(key)}`, "none: the kind fixes them");
  }
  if (key === "unit") {
    const unit = readChoice(fields.get("unit"), ["d"], findings);
    return unit === undefined ? undefined : { ...common, kind: "days" };
  }
  if (key === "levels") {
    const levels = readLevels(fields.get("levels"), findings);
    return levels === undefined ? undefined : { ...common, kind: "level", levels };
  }
  const flag = readFlag(fields.get(key), findings);
  return flag === undefined ? undefined : { ...common, kind: flag ? key : undefined };
}

function readLevels(node: Node | undefined, findings: Findings): string[] | undefined {
  const expected = "a name for a level that is no number, such as low";
  const list = openList(node, "the names of the levels from the lowest, such as [low, mid, high]", findings);
  if (list === undefined) return undefined;
  if (list.items.length < 2) return findings.expected(list, "one level", "at least two");
  const levels: string[] = [];
  for (const item of list.items) {
    const text = readText(item, expected, findings);
    if (text === undefined) return undefined;
    // A level called "2" could be meant as the level of that number.
    if (!isId(text) || parseDecimal(text) !== null) return findings.expected(item, found(item), expected);
    if (levels.includes(text)) return findings.expected(item, `${quote(text)} a second time`, "each level once");
    levels.push(text);
  }
  return levels;
}

type Source = Pick<Draft, "source" | "parts">;

function readSource(fields: Fields, findings: Findings): Source | undefined {
  const stated = SOURCE_KEYS.filter((key) => fields.has(key));
  const [key, another] = stated;
  if (another !== undefined) {
    return findings.expected(
      fields.at(another),
      `${quote(another)} beside ${quote(key ?? "")}`,
      `one source: ${oneOfText(SOURCE_KEYS)}`,
    );
  }
  for (const [companion, main] of Object.entries(COMPANIONS)) {
    if (fields.has(companion) && key !== main) {
      return findings.expected(
        fields.at(companion),
        `${quote(companion)} without ${quote(main)}`,
        `${quote(main)} beside it`,
      );
    }
  }
  if (key === undefined) return { source: null, parts: [] };
  return READERS[key](fields, findings);
}

const READERS: Readonly<
  Record<(typeof SOURCE_KEYS)[number], (fields: Fields, findings: Findings) => Source | undefined>
> = {
  observation: (fields, findings) => {
    const inner = openFields(
      fields.get("observation"),
      ["codes", "take", "unit"],
      "an observation such as { codes: […], take: last }",
      findings,
    );
    if (inner === undefined) return undefined;
    const codes = readCodes(inner.need("codes", "a list of codes written system|code"), findings);
    const takes = ["first", "last", "min", "max", "mean"] as const;
    const take = readChoice(inner.need("take", oneOfText(takes)), takes, findings);
    const unit = inner.has("unit") ? readUnit(inner.get("unit"), fields, findings) : null;
    if (codes === undefined || take === undefined || unit === undefined) return undefined;
    return { source: { type: "observation", codes, take, ...(unit !== null && { unit }) }, parts: [] };
  },
  all: (fields, findings) => combined("all", fields, findings),
  any: (fields, findings) => combined("any", fields, findings),
  atLeast: (fields, findings) => {
    const parts = readParts(fields.need("of-these", "the metrics to count, such as [a, b, c]"), "condition", findings);
    const count = readInteger(fields.get("atLeast"), 1n, BigInt(parts?.length ?? 1_000), findings);
    if (parts === undefined || count === undefined) return undefined;
    return { source: { type: "atLeast", count: Number(count), of: parts.map(({ id }) => id) }, parts };
  },
  metric: (fields, findings) => {
    const metric = readPart(fields.get("metric"), "value", findings);
    const stops = readParts(
      fields.need("unless", "the metrics that stop it, such as [relapse]"),
      "condition",
      findings,
    );
    if (metric === undefined || stops === undefined) return undefined;
    const source = { type: "unless", metric: metric.id, stops: stops.map(({ id }) => id) } as const;
    return { source, parts: [metric, ...stops] };
  },
  value: (fields, findings) => {
    const value = readPart(fields.get("value"), "value", findings);
    const condition = readPart(fields.need("when", "the metric that it counts under"), "condition", findings);
    if (value === undefined || condition === undefined) return undefined;
    return { source: { type: "when", value: value.id, condition: condition.id }, parts: [value, condition] };
  },
  difference: (fields, findings) => {
    const node = fields.get("difference");
    const parts = readParts(node, "value", findings);
    if (node === undefined || parts === undefined) return undefined;
    const [minuend, subtrahend] = parts;
    if (minuend === undefined || subtrahend === undefined || parts.length !== 2) {
      return findings.expected(node, `${parts.length} metrics`, "two: [a, b] is a − b");
    }
    return { source: { type: "difference", minuend: minuend.id, subtrahend: subtrahend.id }, parts };
  },
  statement: (fields, findings) => {
    const node = fields.get("statement");
    const name = readText(node, "the name of a statement", findings);
    if (node === undefined || name === undefined) return undefined;
    if (!isId(name)) return findings.expected(node, found(node), "the name of a statement");
    return { source: { type: "statement", name }, parts: [] };
  },
  rule: (fields, findings) => {
    const node = fields.get("rule");
    const text = readText(node, "a rule such as ventilation@1", findings);
    if (node === undefined || text === undefined) return undefined;
    const [, name, version] = /^([^@\s]+)@([^@\s]+)$/.exec(text) ?? [];
    if (name === undefined || version === undefined || !isId(text)) {
      return findings.expected(node, quote(text), "a rule such as ventilation@1: name@version");
    }
    return { source: { type: "rule", name, version }, parts: [] };
  },
};

/** The unit of measured values, for a plain number: the other kinds fix theirs. */
function readUnit(node: Node | undefined, fields: Fields, findings: Findings): string | undefined {
  const unit = readLine(node, "a UCUM unit such as g/L", findings);
  if (node === undefined || unit === undefined) return undefined;
  const kind = KIND_KEYS.find((key) => fields.has(key));
  return kind === undefined
    ? unit
    : findings.expected(node, `a unit beside ${quote(kind)}`, "none: the kind fixes the unit of what is measured");
}

function combined(type: "all" | "any", fields: Fields, findings: Findings): Source | undefined {
  const parts = readParts(fields.get(type), "condition", findings);
  return parts && { source: { type, of: parts.map(({ id }) => id) }, parts };
}

function readParts(node: Node | undefined, role: Part["role"], findings: Findings): Part[] | undefined {
  const list = openList(node, "a list of metrics, such as [a, b]", findings);
  if (list === undefined) return undefined;
  const parts: Part[] = [];
  for (const item of list.items) {
    const part = readPart(item, role, findings);
    if (part === undefined) return undefined;
    if (parts.some(({ id }) => id === part.id)) {
      return findings.expected(item, `${quote(part.id)} a second time`, "each metric once");
    }
    parts.push(part);
  }
  return parts;
}

function readPart(node: Node | undefined, role: Part["role"], findings: Findings): Part | undefined {
  const id = readText(node, "the name of a metric", findings);
  return node === undefined || id === undefined ? undefined : { id, role, place: { path: node.path, line: node.line } };
}
