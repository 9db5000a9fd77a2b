/** `oracle audit`: past reports recomputed, inclusion proofs for a patient, refutations. */

import type { Command } from "commander";

import type { AuditFilter, PatientProof, PatientProofs } from "../../oracle/audit/audit.ts";
import { RootMismatch } from "../../oracle/audit/proof.ts";
import type { AuditedReport, Said } from "../../oracle/audit/report.ts";
import { OptionError } from "../../oracle/endpoints/options.ts";
import { SourceError } from "../../oracle/intake/config.ts";
import { decimalText } from "../../oracle/report/format.ts";
import { toJson } from "../../oracle/report/wire.ts";
import { formatDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import { readAgreement } from "../evaluate.ts";
import { readWholeFlag } from "../flags.ts";
import type { Context } from "../main.ts";
import { EXIT, Finding, note, print, printJson, UsageError } from "../output.ts";
import { explain, openNode } from "./open.ts";
import { PATIENT_FLAG, readPatient } from "./patient.ts";
import { refute, REFUTE_HELP, type RefuteFlags } from "./refute.ts";

interface Options extends RefuteFlags {
  readonly config: string;
  readonly clause?: string;
  readonly cohort?: string;
  readonly number?: string;
  readonly patient?: string;
  readonly proof?: true;
  readonly refute?: true;
}

const MOST_REPORTS = 2 ** 32 - 1;

const HELP = `
Each report that landed is computed again from the records as of its day. The answer for each:
  same        the records give the report, root and all
  evidence    they do, resting on other resources than then
  different   they do not: what differs follows, patient by patient where this operator keeps the leaves
  incomplete  they do for everybody but patients who were erased since
  unknown     what is needed is not held by this operator
With --patient only what was and is said of her is shown, also where it is the same.
A report that was rejected (void) is shown and does not count.
Exit codes: 0 every report is the same, or incomplete; 1 another answer, or no proof; 2 wrong usage.`;

export function registerAudit(oracle: Command, context: Context): void {
  oracle
    .command("audit")
    .description("Recompute past reports and show any difference; prove a patient's place in them; refute pending ones")
    .requiredOption("--config <file>", "the operator's settings (YAML)")
    .option("--clause <id>", "only reports on this clause")
    .option("--cohort <id>", "only reports on this cohort")
    .option("--number <number>", "only reports with this number")
    .option(...PATIENT_FLAG)
    .option("--proof", "with --patient: print her leaves and their proofs instead")
    .option("--refute", "void pending reports that their own leaves contradict")
    .option("--from <urls...>", "with --refute: operators' APIs that are asked for leaves which are not held here")
    .option(
      "--leaves <files...>",
      "with --refute: leaves as an operator's API serves them: one file a report or enrolment, a page or a list of its pages",
    )
    .option("--dry-run", "with --refute: show and simulate it, and send nothing")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP + REFUTE_HELP)
    .action((options: Options) => run(options, context));
}

async function run(options: Options, context: Context): Promise<void> {
  const { patient, proof, json } = options;
  if (proof !== undefined && patient === undefined) throw new UsageError("--proof: expected --patient with it");
  if (options.refute === undefined) {
    if (options.from !== undefined) throw new UsageError("--from: expected --refute with it");
    if (options.leaves !== undefined) throw new UsageError("--leaves: expected --refute with it");
    if (options.dryRun !== undefined) throw new UsageError("--dry-run: expected --refute with it");
  } else if (patient !== undefined) throw new UsageError("--refute: found --patient with it, expected whole reports");
  const { service, config } = await openNode(options.config);
  try {
    const agreement = readAgreement(config.terms);
    const filter = readFilter(options, agreement);
    if (options.refute !== undefined) return await refute(service, agreement, filter, options, context);
    const key = patient === undefined ? undefined : readPatient(patient, (identifier) => service.keyOf(identifier));
    if (key !== undefined && proof !== undefined) {
      const found = await service.prove(key, filter);
      if (json === true) printJson({ patient: key, ...JSON.parse(toJson(proofDocument(found, agreement))) });
      else printProofs(found, agreement);
      if (found.proofs.length === 0) context.exitCode = EXIT.finding;
      return;
    }
    const only = key === undefined ? {} : { patientKey: key };
    const reports = await service.audit({ ...filter, ...only }, (day) =>
      note(`reading the records as of ${formatDay(day)}`),
    );
    if (json === true) printJson({ reports: reports.map((report) => reportDocument(report, agreement)) });
    else printReports(reports, agreement);
    const stand = reports.filter(({ standing }) => standing !== "void");
    if (stand.some(({ result }) => result !== "same" && result !== "incomplete")) context.exitCode = EXIT.finding;
  } catch (error) {
    if (error instanceof SourceError || error instanceof OptionError) throw new UsageError(error.message);
    if (error instanceof RootMismatch) throw new Finding(error.message, null);
    throw explain(error, options.config);
  } finally {
    await service.close();
  }
}

/** @throws UsageError */
function readFilter({ clause, cohort, number }: Options, { clauses, cohorts }: Agreement): AuditFilter {
  const position = (flag: string, id: string, all: readonly { readonly id: string }[]): number => {
    const found = all.findIndex((it) => it.id === id);
    if (found !== -1) return found;
    throw new UsageError(`${flag}: found ${id}, expected one of ${all.map((it) => it.id).join(", ")}`);
  };
  return {
    ...(clause === undefined ? {} : { clause: position("--clause", clause, clauses) }),
    ...(cohort === undefined ? {} : { cohort: position("--cohort", cohort, cohorts) }),
    ...(number === undefined ? {} : { number: readWholeFlag("--number", number, MOST_REPORTS) }),
  };
}

/** Clause and cohort by their ids, days as dates, values in the metric's unit. */
function reportDocument(report: AuditedReport, agreement: Agreement) {
  const { clause, cohort, asOfDay, patients, ...rest } = report;
  const terms = agreement.clauses[clause];
  const metric = terms?.kind === "milestone" ? terms.metric : null;
  const inUnit = (said: Said | null) =>
    said === null ? null : { ...said, value: said.reason === null ? decimalText(metric, BigInt(said.value)) : null };
  return {
    ...named(agreement, { clause, cohort }),
    asOf: formatDay(asOfDay),
    ...rest,
    patients: patients.map(({ patientKey, before, after }) => ({
      patient: patientKey,
      before: inUnit(before),
      after: inUnit(after),
    })),
  };
}

function named({ clauses, cohorts }: Agreement, at: { readonly clause: number; readonly cohort: number }) {
  return { clause: clauses[at.clause]?.id ?? String(at.clause), cohort: cohorts[at.cohort]?.id ?? String(at.cohort) };
}

function printReports(reports: readonly AuditedReport[], agreement: Agreement): void {
  if (reports.length === 0) print("no report has landed that fits");
  for (const report of reports) {
    const { clause, cohort, asOf, number, standing, result, limits, fields, tiers, patients, computed } =
      reportDocument(report, agreement);
    print(`${clause}, cohort ${cohort}, report ${number} as of ${asOf}, ${standing}: ${result}`);
    for (const limit of limits) print(`  ${limit}`);
    if (computed !== null) print(`  computed by ${computed.code}, rules ${computed.rules}, from ${computed.snapshot}`);
    if (result !== "same" && computed?.snapshot !== report.snapshot) print(`  the records now are ${report.snapshot}`);
    for (const { field, proposed, computed: now } of fields) print(`  ${field}: reported ${proposed}, now ${now}`);
    for (const { tier, proposed, computed: now } of tiers) {
      print(`  tier ${tier}: reported ${tallyText(proposed)}, now ${tallyText(now)}`);
    }
    for (const { patient, before, after } of patients) {
      print(`  ${patient}`);
      print(`    reported ${saidText(before)}`);
      print(`    now      ${saidText(after)}`);
    }
  }
}

function tallyText(tally: AuditedReport["tiers"][number]["proposed"]): string {
  return tally === null ? "nobody" : `${tally.patients} patients with a sum of ${tally.sum}`;
}

function saidText(
  said: { tier: number; value: string | null; reason: string | null; evidence: readonly string[] } | null,
) {
  if (said === null) return "nothing";
  const what = said.reason === null ? `${said.value ?? ""} in tier ${said.tier}` : `not evaluable, ${said.reason}`;
  return `${what}, resting on ${said.evidence.length === 0 ? "no record" : said.evidence.join(", ")}`;
}

function proofDocument({ proofs, notHeld, erased }: ErasedProofs, agreement: Agreement) {
  return {
    erased,
    proofs: proofs.map((it) => {
      if (it.kind === "enrolment") return { ...it, cohort: agreement.cohorts[it.cohort]?.id ?? String(it.cohort) };
      const { asOfDay, ...rest } = it;
      return { ...rest, ...named(agreement, it), asOf: formatDay(asOfDay) };
    }),
    notHeld: notHeld.map((it) => ({ ...named(agreement, it), number: it.number })),
  };
}

type ErasedProofs = PatientProofs & { readonly erased: boolean };

function printProofs(found: ErasedProofs, agreement: Agreement): void {
  if (found.erased) print("she was erased: what it takes to prove her place is gone");
  else if (found.proofs.length === 0) print("nothing that landed and is held here has a leaf of hers");
  for (const it of found.proofs) {
    print(title(it, agreement));
    for (const [name, value] of Object.entries(it.leaf)) print(`  ${name.padEnd(12)} ${String(value)}`);
    print(`  ${"leaf".padEnd(12)} ${it.leafHash}`);
    print(`  ${"position".padEnd(12)} ${it.proof.index} of ${it.proof.leaves}, from 0`);
    for (const sibling of it.proof.siblings) print(`  ${"sibling".padEnd(12)} ${sibling}`);
    print(`  ${"root".padEnd(12)} ${it.root}, as on the chain`);
  }
  for (const it of found.notHeld) {
    const { clause, cohort } = named(agreement, it);
    print(`${clause}, cohort ${cohort}, report ${it.number}: its leaves are not held here`);
  }
}

function title(it: PatientProof, agreement: Agreement): string {
  if (it.kind === "enrolment") {
    return `enrolment ${it.number}, cohort ${agreement.cohorts[it.cohort]?.id ?? String(it.cohort)}`;
  }
  const { clause, cohort } = named(agreement, it);
  return `${clause}, cohort ${cohort}, report ${it.number} as of ${formatDay(it.asOfDay)}, ${it.standing}`;
}
