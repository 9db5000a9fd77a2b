/** `endpoint`: one endpoint for every patient of a source, without an agreement and without a chain. */

import { Option, type Command } from "commander";

import type { Currency } from "../oracle/endpoints/cost.ts";
import { OptionError, resolveOptions, type ResolvedOptions } from "../oracle/endpoints/options.ts";
import { endpointsOf, findEndpoint, NEWEST_RULES, rulesVersions } from "../oracle/endpoints/index.ts";
import type { Endpoint, Question } from "../oracle/endpoints/endpoint.ts";
import { SourceError } from "../oracle/intake/config.ts";
import type { Rejected } from "../oracle/intake/facts.ts";
import { loadSource } from "../oracle/intake/load.ts";
import { joinNeeds, type Needs } from "../oracle/needs.ts";
import type { PatientRecord } from "../oracle/record.ts";
import { decimalText } from "../oracle/report/format.ts";
import { durationDays, formatDay, parseDay } from "../terms/calendar.ts";
import { optionsByName } from "../terms/endpoint-options.ts";
import type { EndpointOption } from "../terms/endpoint-table.ts";
import { builtInMetrics } from "../terms/metrics.ts";
import type { Day, Metric, Tier } from "../terms/model.ts";
import { parseValue, ValueError } from "../terms/values.ts";
import type { Context } from "./main.ts";
import { note, print, printJson, UsageError } from "./output.ts";
import { serverSurroundings } from "./server.ts";

/** One patient of the output; null where something does not apply. */
interface Row {
  readonly patient: string;
  readonly index: string | null;
  readonly date: string | null;
  /** `date` − `index`. */
  readonly days: number | null;
  readonly event: boolean | null;
  /** Decimal text in the metric's unit; only with a due date. */
  readonly value: string | null;
  readonly notEvaluable: string | null;
  readonly evidence: readonly string[];
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Adds the command to the program. */
export function registerEndpoint(program: Command, context: Context): void {
  void context; // Nothing this command finds is a failure: rejected records are part of its answer.
  const metrics = endpointsOf(NEWEST_RULES).map(({ id }) => id);
  const command = program
    .command("endpoint")
    .description("compute one endpoint for every patient of a source")
    .argument("<metric>", metrics.join(", "))
    .requiredOption("--source <file>", "source file (YAML)")
    .requiredOption("--as-of <date>", "day from which the records are looked at, such as 2026-06-30")
    .option("--due <duration>", "due date after the index day, such as 6mo: gives the value that a clause would take")
    .option(
      "--tiers <values>",
      "with --due: where the clause's tiers start, in the metric's unit, such as 91,183 or 3mo,6mo. A value that can't be told exactly has a price when all it can be lies in one tier (default: one cut at the due date for days; else values must be exact)",
    )
    .option("--currency <code>", "cost: ISO 4217 code, with its decimals unless 2, such as EUR or JPY:0")
    .addOption(
      new Option("--rules-version <version>", "version of the clinical rules")
        .default(NEWEST_RULES)
        .choices(rulesVersions()),
    )
    .option("--json", "print one JSON document");
  for (const [name, rows] of optionsByName()) addEndpointOption(command, name, patientRows(rows, metrics));
  command.action(async (metric: string, flags: Flags) => {
    await run(metric, flags);
  });
}

/** The rows of an option that say something of a patient's metric. */
function patientRows(rows: readonly EndpointOption[], metrics: readonly string[]): readonly EndpointOption[] {
  return rows.flatMap((row) => {
    const own = row.metrics.filter((id) => metrics.includes(id));
    return own.length === 0 ? [] : [{ ...row, metrics: own }];
  });
}

/** A flag in kebab-case, and the same in camelCase as it is written in a term sheet; what differs by metric is said by metric. */
function addEndpointOption(command: Command, name: string, rows: readonly EndpointOption[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const isFlag = first.kind === "flag";
  const described = rows.map(({ meaning, default: value, otherwise, metrics }) => {
    const holds = value ?? otherwise;
    const told = holds === undefined ? meaning : `${meaning} (default: ${holds})`;
    return rows.length === 1 ? told : `${metrics.join(", ")}: ${told}`;
  });
  const names = [...new Set([kebab(name), name])];
  names.forEach((flag, position) => {
    const option = new Option(`--${flag} ${isFlag ? "[yes]" : "<value>"}`, described.join("; "));
    if (first.kind === "choice") option.choices([...new Set(rows.flatMap(({ choices }) => choices ?? []))]);
    if (isFlag) option.preset("true");
    if (position > 0) option.hideHelp();
    command.addOption(option);
  });
}

async function run(metricId: string, flags: Flags): Promise<void> {
  const version = String(flags["rulesVersion"]);
  const currency = currencyOf(flags);
  const endpoint = findEndpoint(version, metricId, currency);
  if (!endpoint) {
    const known = endpointsOf(version).map(({ id }) => id);
    throw new UsageError(`metric: found ${metricId}, expected one of ${known.join(", ")}`);
  }
  const asOf = parseDay(String(flags["asOf"]));
  if (asOf === null)
    throw new UsageError(`--as-of: found ${String(flags["asOf"])}, expected a date such as 2026-06-30`);
  const due = dueDays(flags);
  if (due === null && !endpoint.time)
    throw new UsageError(`${metricId} has no time to event: add --due, such as --due 6mo`);
  const options = optionsOf(flags);
  const problem = endpoint.problem?.(options) ?? null;
  if (problem !== null) throw new UsageError(flagNames(`${metricId} ${problem}`));
  const metric = metricOf(metricId, currency);
  const asked = { due, asOf, options, metric, ...tiersOf(flags, metric, due) };
  const needs = joinNeeds([endpoint.needs?.(options) ?? {}]);
  const { patients, rejected, counts } = await load(String(flags["source"]), asOf, needs);
  const rows = patients.map((record) => row(record, endpoint, asked));
  note(`${counts.read} records read, ${counts.used} used, ${counts.rejected} rejected; ${patients.length} patients`);
  if (flags["json"] === true) printJson({ patients: rows, rejected: rejected.map(plain) });
  else printTable(rows, rejected);
}

/** How the metric's values are written: as a clause has them. Overall survival is no metric of a clause; it is in days. */
function metricOf(id: string, { code, decimals }: Currency): Metric {
  const metrics = builtInMetrics({ code: code ?? "", decimals });
  const metric = metrics.get(id) ?? metrics.get("pfs");
  if (metric === undefined) throw new RangeError(`no metric ${id}`);
  return metric;
}

function currencyOf({ currency }: Flags): Currency {
  if (currency === undefined) return { code: null, decimals: 2 };
  const match = /^([A-Z]{3})(?::([0-6]))?$/.exec(String(currency));
  if (match === null) {
    throw new UsageError(`--currency: found ${String(currency)}, expected a code such as EUR, or JPY:0`);
  }
  return { code: match[1] ?? null, decimals: Number(match[2] ?? "2") };
}

async function load(source: string, asOf: Day, needs: Needs): ReturnType<typeof loadSource> {
  try {
    // Silence on short work; on long work a line a second.
    let next = performance.now() + 1_000;
    const progress = (file: string): void => {
      if (performance.now() < next) return;
      next = performance.now() + 1_000;
      note(`reading ${file}`);
    };
    return await loadSource(source, { asOf, needs, progress, server: serverSurroundings() });
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(error.message);
    throw error;
  }
}

function dueDays(flags: Flags): number | null {
  const { due } = flags;
  if (due === undefined) return null;
  const days = durationDays(String(due));
  if (days === null)
    throw new UsageError(`--due: found ${String(due)}, expected a duration such as 183d, 26w, 6mo or 1y`);
  return days;
}

/** The names of options as flags, in a message that names them as a term sheet does. */
const flagNames = (message: string): string =>
  message.replace(/endpoint\.(\w+)/g, (_, name: string) => `--${kebab(name)}`);

function optionsOf(flags: Flags): ResolvedOptions {
  const names = new Set<string>(optionsByName().keys());
  const given = Object.entries(flags).flatMap(([name, value]): [string, string][] =>
    names.has(name) && value !== undefined ? [[name, String(value)]] : [],
  );
  try {
    return resolveOptions(Object.fromEntries(given));
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(flagNames(error.message));
    throw error;
  }
}

/** Without a clause, days are asked for one cut, at the due date, and everything else to the last digit. */
function tiersOf(flags: Flags, metric: Metric, due: number | null): Pick<Question, "tiers" | "exact"> {
  const first: Tier = { start: null, pays: 0n, slope: 0n };
  if (flags["tiers"] === undefined) {
    if (due === null || metric.kind !== "days") return { tiers: [first], exact: true };
    return { tiers: [first, { start: BigInt(due), pays: 0n, slope: 0n }] };
  }
  const starts = String(flags["tiers"])
    .split(",")
    .map((part) => {
      try {
        return parseValue(metric, part);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        throw new UsageError(`--tiers: ${error.message}, ascending`);
      }
    });
  if (starts.some((start, k) => k > 0 && start <= (starts[k - 1] ?? start))) {
    throw new UsageError(`--tiers: found ${String(flags["tiers"])}, expected ascending starts`);
  }
  return { tiers: [first, ...starts.map((start) => ({ start, pays: 0n, slope: 0n }))] };
}

interface Asked extends Omit<Question, "due"> {
  readonly due: number | null;
  readonly metric: Metric;
}

function row(record: PatientRecord, endpoint: Endpoint, { due, metric, ...asked }: Asked): Row {
  const index = record.index?.day ?? null;
  const head = { patient: record.identifier.value, index: index === null ? null : formatDay(index) };
  const since = (day: Day | null): { date: string | null; days: number | null } => ({
    date: day === null ? null : formatDay(day),
    days: day === null || index === null ? null : day - index,
  });
  const nothing = { ...since(null), event: null, value: null };
  if (due !== null) {
    const outcome = endpoint.value(record, { due, ...asked });
    const { evidence } = outcome;
    if ("notEvaluable" in outcome) return { ...head, ...nothing, notEvaluable: outcome.notEvaluable, evidence };
    const value = decimalText(metric, outcome.value);
    return { ...head, ...since(outcome.day), event: outcome.event, value, notEvaluable: null, evidence };
  }
  const time = endpoint.time?.(record, asked.options, asked.asOf);
  if (time === undefined) throw new RangeError(`${endpoint.id} has no time to event`);
  if ("notEvaluable" in time) return { ...head, ...nothing, notEvaluable: time.notEvaluable, evidence: time.evidence };
  return { ...head, ...since(time.day), event: time.event, value: null, notEvaluable: null, evidence: time.evidence };
}

const plain = ({ file, line, resource, reason }: Rejected): Rejected => ({ file, line, resource, reason });

function printTable(rows: readonly Row[], rejected: readonly Rejected[]): void {
  const header = ["patient", "index", "date", "days", "event", "value", "not evaluable"];
  const cells = rows.map(({ patient, index, date, days, event, value, notEvaluable }) =>
    [patient, index, date, days, event === null ? null : event ? "yes" : "no", value, notEvaluable].map((cell) =>
      String(cell ?? "–"),
    ),
  );
  const widths = header.map((title, k) =>
    [header, ...cells].reduce((width, line) => Math.max(width, line[k]?.length ?? 0), title.length),
  );
  for (const line of [header, ...cells])
    print(
      line
        .map((cell, k) => cell.padEnd(widths[k] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  if (rejected.length === 0) return;
  print("");
  print(`not used: ${rejected.length}`);
  for (const { file, line, resource, reason } of rejected) {
    print(`  ${file}${line === null ? "" : `:${line}`}  ${resource ?? "–"}  ${reason}`);
  }
}
