/**
 * Runs the measurements, prints their tables, and writes them to their sections of `docs/benchmarks.md`:
 * `npm run bench`, or `npm run bench -- survival` for some of them.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

import { format, resolveConfig } from "prettier";

import { table } from "../cli/table.ts";
import { markdownTable, withSection } from "../scripts/docs/section.ts";
import { PeerMissing, type Bench, type Results } from "./bench.ts";
import { ndjson } from "./ndjson.ts";
import { root } from "./root.ts";
import { cohorts, floor, life, patients } from "./onchain.ts";
import { survival } from "./survival.ts";

const BENCHES: readonly Bench[] = [life, patients, cohorts, floor, survival, ndjson, root];

const DOCUMENT = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => BENCHES.every((bench) => bench.name !== name));
if (unknown.length > 0) {
  console.error(`found ${unknown.join(", ")}, expected ${BENCHES.map(({ name }) => name).join(", ")}`);
  process.exitCode = 2;
} else {
  for (const bench of BENCHES) if (asked.length === 0 || asked.includes(bench.name)) await measure(bench);
}

async function measure(bench: Bench): Promise<void> {
  console.log(`\n${bench.title}`);
  try {
    const results = await bench.run((line) => console.error(line));
    for (const line of table(results.rows, 1)) console.log(line);
    writeFileSync(DOCUMENT, await withResults(readFileSync(DOCUMENT, "utf8"), bench, results));
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** The document with a bench's section replaced, or added at the end. */
async function withResults(document: string, { name, title }: Bench, results: Results): Promise<string> {
  const { setting, rows, words, sameEverywhere = false } = results;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}, Node ${process.versions.node}`;
  const where = sameEverywhere ? "" : ` Machine: ${machine}.`;
  const tables = [markdownTable(rows, 1), ...(words === undefined ? [] : [markdownTable(words)])];
  const content = `## ${title}\n\n${setting}${where}\n\n${tables.join("\n\n")}`;
  const place = `${document.trimEnd()}\n\n<!-- begin ${name} -->\n<!-- end ${name} -->\n`;
  const written = withSection(document, name, content) ?? withSection(place, name, content) ?? document;
  return format(written, { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT });
}
