/** `oracle erase`: forget a patient, here and on the other operators' nodes. */

import type { Command } from "commander";

import type { ErasedEverywhere, OperatorErasure } from "../../oracle/erase/everywhere.ts";
import type { Agreement } from "../../terms/model.ts";
import { readAgreement } from "../evaluate.ts";
import type { Context } from "../main.ts";
import { EXIT, note, print, printJson } from "../output.ts";
import { explain, openNode } from "./open.ts";
import { PATIENT_FLAG, readPatient } from "./patient.ts";

interface Options {
  readonly config: string;
  readonly patient: string;
  readonly json?: true;
}

const HELP = `
Erased: her salt, her leaves, the resources behind them, and what other operators hold of the same. She still counts as
enrolled, and is not evaluable, with the reason "erased", in every later report. In her place stay a hash that nobody can
test against her without the salt, and a random key. On the chain nothing changes: it never held her.
Not reached: the records themselves, backups, logs, and whoever was given her leaf or its proof before.
Repeat it until it exits with 0: each operator must have answered that it is done.
Exit codes: 0 all operators did; 1 one can't yet or could not be reached; 2 wrong usage.`;

export function registerErase(oracle: Command, context: Context): void {
  oracle
    .command("erase")
    .description("Forget a patient, here and on the other operators' nodes; exit 1 until all have")
    .requiredOption("--config <file>", "the operator's settings (YAML)")
    .requiredOption(...PATIENT_FLAG)
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async ({ config, patient, json }: Options) => {
      const found = await erase(config, patient);
      if (json === true) printJson(documentOf(found.erased, found.agreement));
      else printText(found.erased, found.agreement);
      if (!found.erased.complete) context.exitCode = EXIT.finding;
    });
}

async function erase(configFile: string, patient: string): Promise<{ erased: ErasedEverywhere; agreement: Agreement }> {
  const { service, config } = await openNode(configFile);
  try {
    const key = readPatient(patient, (identifier) => service.keyOf(identifier));
    return { erased: await service.erase(key), agreement: readAgreement(config.terms) };
  } catch (error) {
    throw explain(error, configFile);
  } finally {
    await service.close();
  }
}

/** Reports by the ids of the term sheet. */
function reportsOf({ answer }: OperatorErasure, { clauses, cohorts }: Agreement) {
  if (answer.status !== "erased") return [];
  return answer.reports.map(({ clause, cohort, number }) => ({
    clause: clauses[clause]?.id ?? String(clause),
    cohort: cohorts[cohort]?.id ?? String(cohort),
    number,
  }));
}

function documentOf({ complete, operators }: ErasedEverywhere, agreement: Agreement): unknown {
  return {
    complete,
    operators: operators.map((it) => ({ operator: it.operator, ...it.answer, reports: reportsOf(it, agreement) })),
  };
}

function printText({ complete, operators }: ErasedEverywhere, agreement: Agreement): void {
  for (const it of operators) {
    const { operator, answer } = it;
    if (answer.status !== "erased") print(`${operator}: ${answer.status}: ${answer.reason}`);
    else print(`${operator}: ${answer.held ? "erased" : "holds nothing of her"}`);
    for (const { clause, cohort, number } of reportsOf(it, agreement)) {
      print(`  her part of report ${number} on ${clause}, cohort ${cohort}, can no longer be audited there`);
    }
  }
  if (!complete) note("not every operator has erased: repeat this until it exits with 0");
}
