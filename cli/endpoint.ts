/** `endpoint`: one endpoint for every patient of a source, without an agreement and without a chain. */

import { Option, type Command } from "commander";

import {
  OptionError,
  ENDPOINT_OPTIONS,
  resolveOptions,
  type OptionSpec,
  type ResolvedOptions,
} from "../oracle/endpoints/options.ts";
import { endpointsOf, findEndpoint, NEWEST_RULES, rulesVersions } from "../oracle/endpoints/index.ts";
import type { Endpoint } from "../oracle/endpoints/endpoint.ts";
import { SourceError } from "../oracle/intake/config.ts";
import type { Rejected } from "../oracle/intake/facts.ts";
import { loadSource } from "../oracle/intake/load.ts";
import type { PatientRecord } from "../oracle/record.ts";
import { durationDays, formatDay, parseDay } from "../terms/calendar.ts";
import type { Day, Tier } from "../terms/model.ts";
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
  /** Decimal text; only with a due date. */
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
      "with --due: where the clause's tiers start, such as 91,183 or 3mo,6mo (default: one cut at the due date)",
    )
    .addOption(
      new Option("--rules-version <version>", "version of the clinical rules")
        .default(NEWEST_RULES)
        .choices(rulesVersions()),
    )
    .option("--json", "print one JSON document");
  for (const [name, spec] of Object.entries(ENDPOINT_OPTIONS)) addEndpointOption(command, name, spec);
  command.action(async (metric: string, flags: Flags) => {
    await run(metric, flags);
  });
}

/** A flag in kebab-case, and the same in camelCase as it is written in a term sheet. */
function addEndpointOption(command: Command, name: string, spec: OptionSpec): void {
  const shown = spec.default === null ? "" : ` (default: ${spec.type === "days" ? `${spec.default}d` : spec.default})`;
  const names = [...new Set([kebab(name), name])];
  names.forEach((flag, position) => {
    const option = new Option(`--${flag} ${spec.type === "flag" ? "[yes]" : "<value>"}`, `${spec.description}${shown}`);
    if (spec.type === "choice") option.choices([...spec.choices]);
    if (spec.type === "flag") option.preset("true");
    if (position > 0) option.hideHelp();
    command.addOption(option);
  });
}

async function run(metric: string, flags: Flags): Promise<void> {
  const endpoint = findEndpoint(String(flags["rulesVersion"]), metric);
  if (!endpoint) {
    const known = endpointsOf(String(flags["rulesVersion"])).map(({ id }) => id);
    throw new UsageError(`metric: found ${metric}, expected one of ${known.join(", ")}`);
  }
  const asOf = parseDay(String(flags["asOf"]));
  if (asOf === null)
    throw new UsageError(`--as-of: found ${String(flags["asOf"])}, expected a date such as 2026-06-30`);
  const due = dueDays(flags);
  if (due === null && !endpoint.time)
    throw new UsageError(`${metric} has no time to event: add --due, such as --due 6mo`);
  const options = optionsOf(flags);
  const tiers = tiersOf(flags, due);
  const { patients, rejected, counts } = await load(String(flags["source"]), asOf);
  const rows = patients.map((record) => row(record, endpoint, { due, asOf, options, tiers }));
  note(`${counts.read} records read, ${counts.used} used, ${counts.rejected} rejected; ${patients.length} patients`);
  if (flags["json"] === true) printJson({ patients: rows, rejected: rejected.map(plain) });
  else printTable(rows, rejected);
}

async function load(source: string, asOf: Day): ReturnType<typeof loadSource> {
  try {
    // Silence on short work; on long work a line a second.
    let next = performance.now() + 1_000;
    const progress = (file: string): void => {
      if (performance.now() < next) return;
      next = performance.now() + 1_000;
      note(`reading ${file}`);
    };
    return await loadSource(source, { asOf, progress, server: serverSurroundings() });
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

function optionsOf(flags: Flags): ResolvedOptions {
  const given = Object.entries(flags).flatMap(([name, value]): [string, string][] =>
    Object.hasOwn(ENDPOINT_OPTIONS, name) && value !== undefined ? [[name, String(value)]] : [],
  );
  try {
    return resolveOptions(Object.fromEntries(given));
  } catch (error) {
    if (error instanceof OptionError)
      throw new UsageError(error.message.replace(/^endpoint\.(\w+)/, (_, name: string) => `--${kebab(name)}`));
    throw error;
  }
}

/** Without a clause, the value is asked for one cut: at the due date. */
function tiersOf(flags: Flags, due: number | null): readonly Tier[] {
  const first: Tier = { start: null, pays: 0n, slope: 0n };
  if (flags["tiers"] === undefined)
    return due === null ? [first] : [first, { start: BigInt(due), pays: 0n, slope: 0n }];
  const starts = String(flags["tiers"])
    .split(",")
    .map((part) => {
      const start = /^-?\d{1,15}$/.test(part) ? BigInt(part) : durationDays(part);
      if (start === null)
        throw new UsageError(`--tiers: found ${part}, expected whole numbers or durations, ascending`);
      return BigInt(start);
    });
  if (starts.some((start, k) => k > 0 && start <= (starts[k - 1] ?? start))) {
    throw new UsageError(`--tiers: found ${String(flags["tiers"])}, expected ascending starts`);
  }
  return [first, ...starts.map((start) => ({ start, pays: 0n, slope: 0n }))];
}

interface Asked {
  readonly due: number | null;
  readonly asOf: Day;
  readonly options: ResolvedOptions;
  readonly tiers: readonly Tier[];
}

function row(record: PatientRecord, endpoint: Endpoint, { due, asOf, options, tiers }: Asked): Row {
  const index = record.index?.day ?? null;
  const head = { patient: record.identifier.value, index: index === null ? null : formatDay(index) };
  const since = (day: Day | null): { date: string | null; days: number | null } => ({
    date: day === null ? null : formatDay(day),
    days: day === null || index === null ? null : day - index,
  });
  const nothing = { ...since(null), event: null, value: null };
  if (due !== null) {
    const outcome = endpoint.value(record, { due, asOf, options, tiers });
    const { evidence } = outcome;
    if ("notEvaluable" in outcome) return { ...head, ...nothing, notEvaluable: outcome.notEvaluable, evidence };
    const value = outcome.value.toString();
    return { ...head, ...since(outcome.day), event: outcome.event, value, notEvaluable: null, evidence };
  }
  const time = endpoint.time?.(record, options, asOf);
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
