import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Branch } from "./instrument.ts";

/** Of one contract's file: how many there are, and which were never reached. */
export interface Coverage {
  readonly path: string;
  readonly lines: number;
  readonly missedLines: readonly number[];
  /** Two outcomes a condition. */
  readonly outcomes: number;
  readonly missedOutcomes: readonly { readonly line: number; readonly condition: string; readonly never: boolean }[];
}

/** What a run under `--coverage` left in its folder, by file. */
export function readCoverage(folder: string): Coverage[] {
  const lines = readLines(readFileSync(join(folder, "lcov.info"), "utf8"));
  const hits = readHits(join(folder, "data"));
  const branches = new Map<string, readonly Branch[]>();
  for (const file of readdirSync(join(folder, "branches"))) {
    const found = JSON.parse(readFileSync(join(folder, "branches", file), "utf8")) as {
      path: string;
      branches: Branch[];
    };
    branches.set(found.path, found.branches);
  }
  return [...lines].sort().map(([path, counts]) => {
    const conditions = branches.get(path);
    if (conditions === undefined) throw new Error(`${path} was not instrumented for branches`);
    return {
      path,
      lines: counts.size,
      missedLines: [...counts].filter(([, count]) => count === 0).map(([line]) => line),
      outcomes: conditions.length * 2,
      missedOutcomes: conditions.flatMap(({ line, condition, whenTrue, whenFalse }) => [
        ...(hits.has(whenTrue) ? [] : [{ line, condition, never: true }]),
        ...(hits.has(whenFalse) ? [] : [{ line, condition, never: false }]),
      ]),
    };
  });
}

/** The tracefile's `DA:line,count`, by file. */
export function readLines(lcov: string): Map<string, Map<number, number>> {
  const files = new Map<string, Map<number, number>>();
  let lines = new Map<number, number>();
  for (const entry of lcov.split("\n")) {
    const [, key = "", value = ""] = /^(SF|DA):(.*)$/.exec(entry) ?? [];
    if (key === "SF") {
      lines = new Map<number, number>();
      files.set(value, lines);
    }
    const [line, count] = value.split(",").map(Number);
    if (key === "DA" && line !== undefined && count !== undefined) lines.set(line, count);
  }
  return files;
}

/** Every tag that any process of the run told. */
function readHits(folder: string): Set<string> {
  const hits = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".json")) continue;
    for (const tag of Object.keys(JSON.parse(readFileSync(join(folder, file), "utf8")) as object)) hits.add(tag);
  }
  return hits;
}
