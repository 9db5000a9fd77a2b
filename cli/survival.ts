/** `survival`: Kaplan–Meier from a CSV file. */

import type { Command } from "commander";

import { estimateGroups, type GroupEstimates } from "../oracle/survival/estimates.ts";
import { readSurvivalCsv, SurvivalFileError, type Progress } from "../oracle/survival/readCsv.ts";
import type { Columns } from "../oracle/survival/rows.ts";
import { EmptyObservation } from "../oracle/survival/timefix.ts";
import type { Context } from "./main.ts";
import { note, print, printJson, UsageError } from "./output.ts";
import { table } from "./table.ts";

interface Flags {
  readonly csv: string;
  readonly time: string;
  readonly event: string;
  readonly entry?: string;
  readonly group?: string;
  readonly at: readonly string[];
  readonly json?: true;
}

interface Row extends GroupEstimates {
  readonly group: string | null;
}

export function registerSurvival(program: Command, context: Context): void {
  void context; // Nothing this command finds is a failure.
  program
    .command("survival")
    .description("Kaplan–Meier estimate with Greenwood's standard error and a log-log 95% interval")
    .requiredOption("--csv <file>", "table with a header and one row a patient")
    .requiredOption("--time <column>", "time of the event or of censoring, a number from 0 on")
    .requiredOption("--event <column=value>", "a row is an event when the column has this text, else a censoring")
    .option("--entry <column>", "time from which the patient was observed (delayed entry), before the time")
    .option("--group <column>", "estimate each of its values apart")
    .requiredOption("--at <times...>", "times to estimate at, in the unit of the time column")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
An event comes before a censoring at the same time. Beyond the last observation, when that is censored, nothing can be
estimated. At risk is the number at the first observed time from T on, events are those since the next smaller T.
A row with a missing value, a negative time or an entry that is not before its time is an error, never left out.`,
    )
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const columns = columnsOf(flags);
  const times = timesOf(flags.at);
  const { groups, censorings } = await read(flags.csv, columns);
  const estimates = estimated(flags.csv, () =>
    estimateGroups(
      groups.map(({ observations }) => observations),
      times,
    ),
  );
  const rows = estimates.map((found, i): Row => ({ group: groups[i]?.group ?? null, ...found }));
  remark(flags.event, rows, censorings);
  if (flags.json === true) printJson({ groups: rows });
  else printText(rows, flags.group ?? null);
}

function columnsOf({ time, event, entry, group }: Flags): Columns {
  const split = event.indexOf("=");
  const [column, value] = [event.slice(0, split), event.slice(split + 1).trim()];
  if (split < 1 || value === "") {
    throw new UsageError(`--event: found ${event}, expected a column and a value such as status=1`);
  }
  return { time, event: { column, value }, entry: entry ?? null, group: group ?? null };
}

/** `--at 30 60`, `--at 30,60` and `--at 30 --at 60` are the same. */
function timesOf(given: readonly string[]): number[] {
  return given
    .flatMap((text) => text.split(","))
    .map((text) => {
      const time = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
      if (time < Infinity) return time;
      throw new UsageError(`--at: found ${text}, expected a number from 0 on, in the unit of the time column`);
    });
}

async function read(file: string, columns: Columns): ReturnType<typeof readSurvivalCsv> {
  // Silence on short work; on long work a line a second.
  let next = performance.now() + 1_000;
  const progress = ({ rows, part }: Progress): void => {
    if (performance.now() < next) return;
    next = performance.now() + 1_000;
    note(`reading ${file}: ${rows} rows, ${Math.floor(100 * part)}%`);
  };
  try {
    return await readSurvivalCsv(file, columns, progress);
  } catch (error) {
    if (error instanceof SurvivalFileError) throw new UsageError(error.message);
    throw error;
  }
}

function estimated<T>(file: string, estimate: () => T): T {
  try {
    return estimate();
  } catch (error) {
    if (!(error instanceof EmptyObservation)) throw error;
    throw new UsageError(
      `${file}: found an entry and a time that differ by no more than rounding (row ${error.row + 1} of its group), expected the entry to be earlier`,
    );
  }
}

/** What may be a slip in `--event`, on standard error. */
function remark(event: string, rows: readonly Row[], censorings: readonly string[]): void {
  if (rows.every(({ events }) => events === 0)) note(`no row has ${event}: found ${censorings.join(", ")}`);
  else if (censorings.length > 1) note(`counted as censored, besides ${event}: ${censorings.join(", ")}`);
}

const NONE = "–";
const number = (value: number | null, digits: number): string => (value === null ? NONE : value.toFixed(digits));
const plain = (value: number | null): string => (value === null ? NONE : String(value));

function printText(rows: readonly Row[], column: string | null): void {
  rows.forEach(({ group, n, events, median, at }, i) => {
    if (i > 0) print("");
    const name = group === null ? "" : `${column ?? "group"} ${group}: `;
    const bounds = `${plain(median.lower)} to ${plain(median.upper)}`;
    print(`${name}${n} patients, ${events} events; median ${plain(median.estimate)} (95% interval ${bounds})`);
    const lines = at.map((point) => [
      String(point.t),
      String(point.nRisk),
      String(point.nEvent),
      point.estimable ? number(point.survival, 6) : "not estimable",
      number(point.se, 6),
      number(point.lower, 6),
      number(point.upper, 6),
    ]);
    for (const line of table([["time", "at risk", "events", "survival", "se", "lower", "upper"], ...lines], 0)) {
      print(line);
    }
  });
}
