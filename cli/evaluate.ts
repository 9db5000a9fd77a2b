/** `evaluate`: the outcomes of an agreement's clauses on a day, without a chain. */

import type { Command } from "commander";

import { OptionError } from "../oracle/endpoints/options.ts";
import { evaluate, PUBLIC_SECRET, type Evaluation } from "../oracle/evaluate.ts";
import { SourceError } from "../oracle/intake/config.ts";
import { clausesWithoutRule, openRecords } from "../oracle/records.ts";
import { readSecret } from "../oracle/report/secret.ts";
import { parseDay } from "../terms/calendar.ts";
import type { Agreement } from "../terms/model.ts";
import { readTerms } from "../terms/read.ts";
import type { Context } from "./main.ts";
import { note, print, printJson, UsageError } from "./output.ts";
import { serverSurroundings } from "./server.ts";
import { readSource } from "./terms.ts";

interface Options {
  readonly terms: string;
  readonly source: string;
  readonly asOf: string;
  readonly clause?: string;
  readonly secretFile?: string;
  readonly json?: true;
}

export function registerEvaluate(program: Command, context: Context): void {
  void context; // Nothing this command finds is a failure: rejected records are part of its answer.
  program
    .command("evaluate")
    .description("compute the outcomes of an agreement's clauses without a chain")
    .requiredOption("--terms <file>", "term sheet, or a scenario")
    .requiredOption("--source <file>", "source file (YAML)")
    .requiredOption("--as-of <date>", "day from which the records are looked at, such as 2026-06-30")
    .option("--clause <id>", "only this clause")
    .option(
      "--secret-file <file>",
      "the agreement's secret, 32 bytes of hex. Without it roots are made with a secret that everybody knows: they serve to compare two evaluations, and are not those of the chain",
    )
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nEvery patient is due from her own index day; on a chain, from that of her enrolment.")
    .action((options: Options) => run(options));
}

async function run({ terms, source, asOf, clause, secretFile, json }: Options): Promise<void> {
  const asOfDay = parseDay(asOf);
  if (asOfDay === null) throw new UsageError(`--as-of: found ${asOf}, expected a date such as 2026-06-30`);
  const agreement = readAgreement(terms);
  const ids = agreement.clauses.map(({ id }) => id);
  if (clause !== undefined && !ids.includes(clause)) {
    throw new UsageError(`--clause: found ${clause}, expected one of ${ids.join(", ")}`);
  }
  for (const { id, metric } of clausesWithoutRule(agreement)) {
    if (clause === undefined || clause === id) {
      throw new UsageError(
        `${terms}: clause ${id}: there is no rule for ${metric?.id ?? "it"}; name another with --clause`,
      );
    }
  }
  const secret = secretFile === undefined ? PUBLIC_SECRET : usable(() => readSecret(secretFile));
  try {
    const outcomes = await openRecords(agreement, source, asOfDay, {
      progress: (file) => note(`reading ${file}`),
      server: serverSurroundings(),
    });
    const found = evaluate(agreement, outcomes, asOfDay, { secret, clauseId: clause });
    if (json === true) printJson(found);
    else printText(found);
  } catch (error) {
    if (error instanceof SourceError || error instanceof OptionError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws UsageError with every problem of the sheet */
export function readAgreement(file: string): Agreement {
  const { agreement, problems } = readTerms(readSource(file));
  if (agreement !== null) return agreement;
  const lines = problems.map(({ path, line, message }) => `${file}:${line ?? ""} ${path}: ${message}`);
  throw new UsageError(lines.join("\n"));
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function printText({ asOf, enrolled, clauses, rejected }: Evaluation): void {
  print(`as of ${asOf}`);
  for (const { cohort, patients, indexed } of enrolled) {
    print(`cohort ${cohort}: ${patients} patients${indexed === null ? "" : `, the latest indexed ${indexed}`}`);
  }
  for (const { clause, cohort, due, tallies, notEvaluable, value } of clauses) {
    print(`${clause}, cohort ${cohort}: ${due} due${value === null ? "" : `, value ${value}`}`);
    for (const { from, patients, sum } of tallies) {
      print(`  ${from === null ? "below" : `from ${from}`}: ${patients} patients${sum === "0" ? "" : `, sum ${sum}`}`);
    }
    for (const [reason, patients] of Object.entries(notEvaluable)) print(`  not evaluable, ${reason}: ${patients}`);
  }
  print(`${rejected.length} resources rejected`);
}
