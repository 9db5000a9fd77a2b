/**
 * YAML read exactly: every scalar stays the text that was written, every node knows its path and line, keys keep their order.
 * (A JavaScript object would sort the cohorts 2027 and 2026, and a number would have been a float.)
 */

import { isAlias, isMap, isPair, isScalar, isSeq, Lexer, LineCounter, parseDocument, type Node as Parsed } from "yaml";

import { quote, type Findings, type Place } from "./findings.ts";

export interface TextNode extends Place {
  readonly kind: "text";
  readonly text: string;
  /** Nothing was written: `key:`, `~` or `null` without quotes. */
  readonly empty: boolean;
}

export interface ListNode extends Place {
  readonly kind: "list";
  readonly items: readonly Node[];
}

export interface MapNode extends Place {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Node>;
}

export type Node = TextNode | ListNode | MapNode;

/** Bounds on what a file may ask of its reader. Aliases are followed, so nodes are counted after following them. */
const MOST_CHARACTERS = 256_000;
const MOST_NODES = 20_000;
const MOST_ALIASES = 500;
const DEEPEST = 24;

const EMPTY = new Set(["", "~", "null", "Null", "NULL"]);

/** Path of an entry of the map at `path`. */
export const keyPath = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** Reads one YAML 1.2 document; undefined, with the reason reported, when it is not one. */
export function readYaml(source: string, findings: Findings): Node | undefined {
  const file: Place = { path: "", line: null };
  if (source.length > MOST_CHARACTERS) {
    return findings.expected(file, `${source.length} characters`, `at most ${MOST_CHARACTERS}`);
  }
  if (nestsTooDeep(source)) return findings.expected(file, "nesting without end", `at most ${DEEPEST} levels`);
  const lines = new LineCounter();
  // The failsafe schema leaves every scalar as text. Duplicate keys are found below, with their path.
  const document = parseDocument(source.replace(/^\uFEFF/, ""), {
    schema: "failsafe",
    version: "1.2",
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  // One line only: what follows a first syntax error is mostly its echo.
  const error = document.errors[0] ?? document.warnings[0];
  if (error !== undefined) {
    const line = lines.linePos(error.pos[0]).line;
    const message =
      error.code === "MULTIPLE_DOCS"
        ? "found a second document (---), expected one document a file"
        : error.code === "RESOURCE_EXHAUSTION"
          ? `found nesting without end, expected at most ${DEEPEST} levels`
          : `not valid YAML: ${error.message.split("\n")[0] ?? ""}`;
    return findings.problem({ path: "", line }, message);
  }
  if (document.contents === null) return findings.expected(file, "an empty file", "a term sheet");
  return new Converter(lines, findings).convert(document.contents, "", 0);
}

/** Brackets that open and don't close: the parser would go down with each. Only a bracket of its own is one in the token stream. */
function nestsTooDeep(source: string): boolean {
  let depth = 0;
  for (const token of new Lexer().lex(source)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > 2 * DEEPEST) return true;
  }
  return false;
}

/** Under the failsafe schema a scalar's value is its text. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

class Converter {
  readonly #lines: LineCounter;
  readonly #findings: Findings;
  /** By name, as far as the document has been read: an alias means the last anchor before it. */
  readonly #anchors = new Map<string, Parsed>();
  #nodes = 0;
  #aliases = 0;

  constructor(lines: LineCounter, findings: Findings) {
    this.#lines = lines;
    this.#findings = findings;
  }

  convert(node: Parsed, path: string, depth: number, at?: number | null): Node | undefined {
    const line = at ?? this.#line(node);
    const place: Place = { path, line };
    if (++this.#nodes > MOST_NODES) {
      return this.#findings.expected({ path: "", line: null }, `more than ${MOST_NODES} entries`, "a term sheet");
    }
    if (depth > DEEPEST) return this.#findings.expected(place, "too deep a nesting", `at most ${DEEPEST} levels`);
    if (isAlias(node)) {
      if (++this.#aliases > MOST_ALIASES) {
        return this.#findings.expected({ path: "", line: null }, "too many aliases", `at most ${MOST_ALIASES}`);
      }
      const target = this.#anchors.get(node.source);
      if (target === undefined) {
        return this.#findings.expected(place, `*${node.source}`, "an anchor defined before it");
      }
      return this.convert(target, path, depth + 1, line);
    }
    this.#remember(node);
    if (isScalar(node)) {
      const text = textOf(node.value);
      const plain = node.type === undefined || node.type === "PLAIN";
      return { kind: "text", path, line, text, empty: plain && EMPTY.has(text) };
    }
    if (isSeq(node)) {
      const items: Node[] = [];
      for (const [k, item] of node.items.entries()) {
        const read = this.convert(item as Parsed, `${path}[${k}]`, depth + 1);
        if (read === undefined) return undefined;
        items.push(read);
      }
      return { kind: "list", path, line, items };
    }
    if (isMap(node)) return this.#map(node.items, place, depth);
    return this.#findings.problem(place, "not valid YAML");
  }

  #map(items: readonly unknown[], { path, line }: Place, depth: number): MapNode | undefined {
    const entries = new Map<string, Node>();
    for (const item of items) {
      if (!isPair(item)) return this.#findings.problem({ path, line }, "not valid YAML");
      const written = isAlias(item.key) ? this.#anchors.get(item.key.source) : item.key;
      this.#remember(written);
      if (!isScalar(written)) return this.#findings.expected({ path, line }, "a key that is not text", "text");
      const key = textOf(written.value);
      const place: Place = { path: keyPath(path, key), line: this.#line(item.key as Parsed) };
      if (entries.has(key)) {
        this.#findings.expected(place, `${quote(key)} a second time`, "each key once");
        continue;
      }
      const value =
        item.value === null
          ? ({ kind: "text", ...place, text: "", empty: true } satisfies TextNode)
          : this.convert(item.value as Parsed, place.path, depth + 1, place.line);
      if (value === undefined) return undefined;
      entries.set(key, value);
    }
    return { kind: "map", path, line, entries };
  }

  #remember(node: unknown): void {
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node);
  }

  #line(node: Parsed): number | null {
    return node.range ? this.#lines.linePos(node.range[0]).line : null;
  }
}
