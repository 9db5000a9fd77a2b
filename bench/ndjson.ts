/** Evaluating a bulk export against reading and parsing the same lines and keeping nothing, in the same run. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { seconds, type Bench } from "./bench.ts";
import { generate } from "./ndjson/generate.ts";

const execute = promisify(execFile);
const CHILD = fileURLToPath(new URL("./ndjson/child.ts", import.meta.url));

const MEGABYTE = 1_000_000;
const SIZES = [10, 100, 1_000];
const RUNS = 3;

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

/** The fastest of several runs, and the most memory of any. */
async function measure(mode: "parse" | "evaluate", file: string): Promise<Measured> {
  let best: Measured = { seconds: Infinity, megabytes: 0 };
  for (let run = 0; run < RUNS; run++) {
    // Evaluated as the command line does it (bin/outcomepay.mjs).
    const flags = mode === "evaluate" ? ["--max-semi-space-size=4", "--heap-growing-percent=25"] : [];
    const { stdout } = await execute(process.execPath, [...flags, CHILD, mode, file]);
    const found = JSON.parse(stdout) as Measured;
    best = {
      seconds: Math.min(best.seconds, found.seconds),
      megabytes: Math.max(best.megabytes, found.megabytes),
    };
  }
  return best;
}

export const ndjson: Bench = {
  name: "ndjson",
  title: "Evaluating FHIR NDJSON",
  run: async (note) => {
    const folder = mkdtempSync(join(tmpdir(), "outcomepay-"));
    const rows = [["file", "patients", "resources", "parse only", "evaluate", "speed", "memory", "allowed"]];
    try {
      for (const size of SIZES) {
        const file = join(folder, `${size}.ndjson`);
        note(`${size} MB`);
        const { patients, resources } = await generate(file, size * MEGABYTE);
        const parsed = await measure("parse", file);
        const evaluated = await measure("evaluate", file);
        rows.push([
          `${size} MB`,
          `${patients}`,
          `${resources}`,
          seconds(parsed.seconds),
          seconds(evaluated.seconds),
          `${((100 * parsed.seconds) / evaluated.seconds).toFixed(0)}%`,
          `${evaluated.megabytes.toFixed(0)} MB`,
          `${(200 + patients / 500).toFixed(0)} MB`,
        ]);
        rmSync(file);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const setting =
      "A bulk export of about a hundred resources a patient, of which one in seven matters to the clause (progression-free survival), from files to tallies and roots, against reading and parsing the same lines and keeping nothing. Memory is the most that the process held, the runtime included; allowed are 200 MB and 2 kB a patient.";
    return { setting, rows };
  },
};
