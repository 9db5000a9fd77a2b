/**
 * Writes the demo's synthetic records: `node scripts/demo/generate.ts --seed 7 --out DIR` makes DIR/nsclc and DIR/cart, each with
 * `source.yaml`, `data/*.ndjson`, and beside the data the generator's own truth.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { Command, InvalidArgumentError } from "commander";

import { formatDay, parseDay } from "../../terms/calendar.ts";
import type { Day } from "../../terms/model.ts";
import { generateRecords, type PatientTruth, type Summary } from "./records/generate.ts";
import { COHORTS } from "./records/cohorts.ts";

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`found ${text}, expected a whole number`);
}

const date = (day: Day | null): string | null => (day === null ? null : formatDay(day));

function readable(truth: PatientTruth): unknown {
  const { index, progression, remission, death, lostFrom, assessed } = truth;
  return {
    ...truth,
    index: date(index),
    progression: date(progression),
    remission: date(remission),
    death: date(death),
    lostFrom: date(lostFrom),
    assessed: assessed.map(date),
  };
}

function report(name: string, { counts, lines }: Summary): void {
  const list = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([what, number]) => `${what} ${number}`)
      .join(", ");
  console.log(`${name}\n  lines: ${list(lines)}\n  patients: ${list(counts.groups)}`);
  console.log(`  eligible: ${list(counts.course)}\n  flaws: ${list(counts.flaws)}`);
}

const program = new Command("generate")
  .description("write synthetic patient records for the demo's two agreements")
  .requiredOption("--out <folder>", "where to write")
  .option("--seed <number>", "the same seed gives the same records", wholeNumber, 7)
  .action(({ out, seed }: { out: string; seed: number }) => {
    for (const { agreement, patients, opens, closes, cutoff } of COHORTS) {
      const outDir = join(out, agreement);
      const [from, until, last] = [opens, closes, cutoff].map(parseDay);
      if (from == null || until == null || last == null) throw new RangeError(`${agreement}: no dates`);
      const summary = generateRecords({ seed, outDir, agreement, patients, opens: from, closes: until, cutoff: last });
      writeFileSync(join(outDir, "truth.json"), `${JSON.stringify(summary.patients.map(readable), null, 2)}\n`);
      report(agreement, summary);
    }
  });
await program.parseAsync();
