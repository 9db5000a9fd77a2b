/** Readers of nodes: each returns what was written, or reports one problem and returns undefined. */

import { formatDay, durationDays, parseDay } from "./calendar.ts";
import { parseDecimal, scaleExactly } from "./decimal.ts";
import { nearest, oneOfText, quote, type Findings, type Place } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import type { Day } from "./model.ts";
import { keyPath, type ListNode, type MapNode, type Node } from "./yaml.ts";

/** What stands at a node, in words. */
export function found(node: Node): string {
  if (node.kind === "map") return "a map";
  if (node.kind === "list") return "a list";
  return node.empty ? "nothing" : quote(node.text);
}

/** The entries of a map with a closed set of keys. */
export class Fields implements Place {
  readonly path: string;
  readonly line: number | null;
  readonly #node: MapNode;
  readonly #findings: Findings;

  constructor(node: MapNode, findings: Findings) {
    this.path = node.path;
    this.line = node.line;
    this.#node = node;
    this.#findings = findings;
  }

  has(key: string): boolean {
    return this.#node.entries.has(key);
  }

  /** Undefined when the key is not there. */
  get(key: string): Node | undefined {
    return this.#node.entries.get(key);
  }

  /** Where a key stands or would stand. */
  at(key: string): Place {
    const node = this.#node.entries.get(key);
    return { path: keyPath(this.path, key), line: node?.line ?? this.line };
  }

  /** As `get`; a key that is not there is a problem. */
  need(key: string, expected: string): Node | undefined {
    return this.get(key) ?? this.#findings.expected(this.at(key), "nothing", expected);
  }
}

/** Opens a map whose keys are all in `keys`; every other key is a problem, and the rest is still read. */
export function openFields(
  node: Node | undefined,
  keys: readonly string[],
  expected: string,
  findings: Findings,
): Fields | undefined {
  const map = openMap(node, expected, findings);
  if (map === undefined) return undefined;
  for (const [key, value] of map.entries) {
    if (keys.includes(key)) continue;
    const near = nearest(key, keys);
    findings.problem(
      { path: value.path, line: value.line },
      `found the unknown key ${quote(key)}, expected ${near === "" ? oneOfText(keys) : `a key of this table${near}`}`,
    );
  }
  return new Fields(map, findings);
}

export function openMap(node: Node | undefined, expected: string, findings: Findings): MapNode | undefined {
  if (node === undefined || node.kind === "map") return node;
  return findings.expected(node, found(node), expected);
}

/** A list with at least one item. */
export function openList(node: Node | undefined, expected: string, findings: Findings): ListNode | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== "list") return findings.expected(node, found(node), expected);
  if (node.items.length === 0) return findings.expected(node, "an empty list", expected);
  return node;
}

/** The text of a scalar, as written. */
export function readText(node: Node | undefined, expected: string, findings: Findings): string | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== "text" || node.empty) return findings.expected(node, found(node), expected);
  return node.text;
}

// Signers and terminals show these texts: no control characters, no line separators, nothing that turns the reading direction.
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+$/u;

/** One line of printable text, spaces around it dropped. */
export function readLine(
  node: Node | undefined,
  expected: string,
  findings: Findings,
  longest: number = LIMITS.line,
): string | undefined {
  const text = readText(node, expected, findings)?.trim();
  if (node === undefined || text === undefined) return undefined;
  if (text === "" || !PRINTABLE.test(text)) {
    return findings.expected(node, found(node), `${expected}: one line of printable characters`);
  }
  const length = [...text].length;
  return length <= longest
    ? text
    : findings.expected(node, `${length} characters`, `${expected}: at most ${longest} characters`);
}

/** Text of several lines: a population, a definition. */
export function readProse(node: Node | undefined, expected: string, findings: Findings): string | undefined {
  const text = readText(node, expected, findings)?.trim();
  if (node === undefined || text === undefined) return undefined;
  if (text !== "" && !PRINTABLE.test(text.replace(/[\n\t]/g, " "))) {
    return findings.expected(node, found(node), `${expected} of printable characters`);
  }
  return text.length <= LIMITS.prose
    ? text
    : findings.expected(node, `${text.length} characters`, `${expected}: at most ${LIMITS.prose} characters`);
}

/** Whether a map's key may be an id: 1 to 64 printable characters, no `/`, no spaces around it. */
export function isId(text: string): boolean {
  return PRINTABLE.test(text) && [...text].length <= LIMITS.id && !text.includes("/") && text.trim() === text;
}

export const ID = `an id of 1 to ${LIMITS.id} printable characters without "/"`;

/** One of a closed set. */
export function readChoice<T extends string>(
  node: Node | undefined,
  choices: readonly T[],
  findings: Findings,
): T | undefined {
  const text = readText(node, oneOfText(choices), findings);
  if (node === undefined || text === undefined) return undefined;
  const choice = choices.find((known) => known === text);
  return choice ?? findings.expected(node, quote(text), oneOfText(choices), nearest(text, choices));
}

/** A whole number between two bounds, both included. */
export function readInteger(
  node: Node | undefined,
  least: bigint,
  most: bigint,
  findings: Findings,
): bigint | undefined {
  const expected = `a whole number from ${least} to ${most}`;
  const text = readText(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  const decimal = parseDecimal(text);
  const value = decimal === null || decimal.scale > 0 ? null : scaleExactly(decimal, 0);
  return value !== null && value >= least && value <= most ? value : findings.expected(node, quote(text), expected);
}

/** `true` or `false`. */
export function readFlag(node: Node | undefined, findings: Findings): boolean | undefined {
  const choice = readChoice(node, ["true", "false"], findings);
  return choice === undefined ? undefined : choice === "true";
}

const FIRST_DAY = 0;

/** A date from 1970 on. */
export function readDay(node: Node | undefined, findings: Findings): Day | undefined {
  const expected = "a date such as 2026-01-31";
  const text = readText(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  const day = parseDay(text);
  if (day !== null && day >= FIRST_DAY) return day;
  const hint =
    day !== null ? ` from ${formatDay(FIRST_DAY)} on` : /^\d{4}-\d{2}-\d{2}$/.test(text) ? " that exists" : "";
  return findings.expected(node, quote(text), `${expected}${hint}`);
}

/** A duration in whole days, at most `most`. */
export function readDuration(
  node: Node | undefined,
  most: number,
  limit: string,
  findings: Findings,
): number | undefined {
  const expected = "a duration such as 90d, 4w, 6mo or 1y";
  const text = readText(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  const days = durationDays(text);
  if (days === null) return findings.expected(node, quote(text), expected);
  return days <= most
    ? days
    : findings.expected(node, `${quote(text)} (${days} days)`, `at most ${limit} (${most} days)`);
}
