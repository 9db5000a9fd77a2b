/** One measurement in a process of its own, so that its memory is its own: seconds and the most memory that it held. */

import { createReadStream, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { evaluate } from "../../oracle/evaluate.ts";
import { openRecords } from "../../oracle/records.ts";
import { parseDay } from "../../terms/calendar.ts";
import { readTerms } from "../../terms/read.ts";

const TERMS = `outcomes: 1
title: Guarantee
currency: { code: EUR, decimals: 2 }
parties: { payer: [{ name: Payer }], manufacturer: [{ name: Maker }] }
oracle: { grace: 28d, reportWithin: 60d }
cohorts:
  2021:
    population: NSCLC
    eligibility: { conditions: ["http://snomed.info/sct|254637007"], medications: ["http://www.whocc.no/atc|L01EB04"] }
    price: 150000
    opens: 2021-01-01
    closes: 2022-01-01
    maxPatients: 1000000
clauses:
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 50% }
`;

/** Reads and parses every line and keeps nothing. */
async function parseOnly(file: string): Promise<number> {
  let [rest, lines] = ["", 0];
  for await (const chunk of createReadStream(file, {
    encoding: "utf8",
    highWaterMark: 1 << 18,
  }) as AsyncIterable<string>) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      JSON.parse(part);
      lines++;
    }
  }
  return lines;
}

async function evaluateAll(file: string): Promise<number> {
  const source = join(dirname(file), "source.yaml");
  writeFileSync(source, `kind: fhir-files\npath: ${JSON.stringify(file)}\n`);
  const { agreement } = readTerms(TERMS);
  const asOf = parseDay("2023-06-01");
  if (agreement === null || asOf === null) throw new RangeError("the measurement's own terms are not valid");
  const outcomes = await openRecords(agreement, source, asOf);
  const { clauses } = evaluate(agreement, outcomes, asOf);
  return clauses[0]?.due ?? 0;
}

const [, , mode = "", file = ""] = process.argv;
const began = process.cpuUsage();
const started = performance.now();
const count = mode === "parse" ? await parseOnly(file) : await evaluateAll(file);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(began);
const cpu = (user + system) / 1_000_000;
// The system counts in kibibytes.
const megabytes = (process.resourceUsage().maxRSS * 1024) / 1_000_000;
console.log(JSON.stringify({ seconds, cpu, count, megabytes }));
