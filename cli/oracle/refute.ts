/** `oracle audit --refute`: pending reports that their own leaves contradict are voided. */

import { readFileSync } from "node:fs";

import type { AuditFilter } from "../../oracle/audit/audit.ts";
import { RootMismatch } from "../../oracle/audit/proof.ts";
import { LeavesError, readLeaves, type GivenLeaves } from "../../oracle/refute/leaves.ts";
import type { Refutation } from "../../oracle/refute/refutation.ts";
import type { JudgedReport } from "../../oracle/refute/refute.ts";
import { toJson } from "../../oracle/report/wire.ts";
import type { Review } from "../../oracle/review.ts";
import { formatDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import type { Context } from "../main.ts";
import { EXIT, Finding, note, print, printJson, UsageError } from "../output.ts";

export interface RefuteFlags {
  readonly leaves?: readonly string[];
  readonly from?: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

export const REFUTE_HELP = `
With --refute nothing is recomputed. The leaves of each pending report are held against what it counts, against the terms,
the enrolments and the earlier reports. Where they contradict it, the agreement is asked to void it, which needs no arbiter
and moves no money. What is shown for that stays on the chain for ever; of several contradictions the one is taken that
shows the fewest people. The answer for each:
  refuted     it was contradicted, and is void: its patients may be reported again
  refutable   it would be, without --dry-run
  refused     the agreement does not take the refutation; nothing was sent, unless a transaction is named
  sound       nothing contradicts it
  incomplete  nothing does in what is left since patients were erased
  unknown     leaves that it takes are not held here: have them asked for with --from, or give them with --leaves
  settled     too late: only a pending report can be refuted
Exit codes with --refute: 0 no pending report is left that is refuted, refused or unknown; 1 one is, or --number names a
settled one; 2 wrong usage.`;

export async function refute(
  service: Review,
  agreement: Agreement,
  filter: AuditFilter,
  { leaves = [], from = [], dryRun, json }: RefuteFlags,
  context: Context,
): Promise<void> {
  const given = new Map(leaves.map((file) => [file, readLeavesFile(file)]));
  for (const url of from) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new UsageError(`--from: found ${url}, expected a URL`);
  }
  const found: JudgedReport[] = [];
  const isQuiet = json === true;
  try {
    for await (const report of service.refute({
      filter,
      given,
      from,
      dryRun: dryRun === true,
      onSend: (it) => note(`${titleOf(it, agreement)} is contradicted: sending the refutation`),
    })) {
      found.push(report);
      if (!isQuiet && report.result !== "settled") printReport(report, agreement);
    }
  } catch (error) {
    if (error instanceof RootMismatch || error instanceof LeavesError)
      throw new Finding(`${error.message}. ${WRONG_LEAVES}`, null);
    throw error;
  }
  if (isQuiet) printJson(JSON.parse(toJson({ reports: found.map((report) => documentOf(report, agreement)) })));
  else printSum(found, agreement);
  const isNamedTooLate = filter.number !== undefined && found.some(({ result }) => result === "settled");
  if (isNamedTooLate || found.some(({ result }) => OPEN_QUESTIONS.includes(result))) context.exitCode = EXIT.finding;
}

const OPEN_QUESTIONS: readonly JudgedReport["result"][] = ["refutable", "refused", "unknown"];

const WRONG_LEAVES =
  "Nothing was sent. Leaves that are wrong, or withheld, are by themselves a ground to dispute the report: outcomepay agreement challenge";

/** @throws UsageError */
function readLeavesFile(file: string): GivenLeaves {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--leaves: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return readLeaves(text);
  } catch (error) {
    if (error instanceof LeavesError) throw new UsageError(`--leaves: ${file}: ${error.message}`);
    throw error;
  }
}

interface Names {
  readonly clause: string;
  readonly cohort: string;
}

function namesOf({ clause, cohort }: JudgedReport, { clauses, cohorts }: Agreement): Names {
  return { clause: clauses[clause]?.id ?? String(clause), cohort: cohorts[cohort]?.id ?? String(cohort) };
}

function titleOf(report: JudgedReport, agreement: Agreement): string {
  const { clause, cohort } = namesOf(report, agreement);
  return `${clause}, cohort ${cohort}, report ${report.number} as of ${formatDay(report.asOfDay)}`;
}

/** What becomes public when it is sent: each leaf whole, since its hash covers all of it. */
function publicBy({ form, leaves, top, shown, entries, earlier }: Refutation) {
  return {
    form,
    count: form === "LeafCount" ? { leaves, top } : null,
    leaves: shown.map(({ patientKey, tier, batch, value, runningSum, blind, position }, i) => ({
      report: i === 1 ? (earlier[0]?.number ?? null) : null,
      patient: patientKey,
      position,
      tier,
      batch,
      value,
      runningSum,
      blind,
    })),
    entries: entries.map(({ patientKey, indexDay, blind, position }) => ({
      patient: patientKey,
      position,
      indexDay: formatDay(indexDay),
      blind,
    })),
  };
}

function documentOf(report: JudgedReport, agreement: Agreement) {
  const { kind, number, asOfDay, root, leaves, contradiction, unseen, result, detail, transaction } = report;
  return {
    ...namesOf(report, agreement),
    kind,
    number,
    asOf: formatDay(asOfDay),
    root,
    leaves,
    result,
    detail,
    unseen,
    transaction,
    contradiction: contradiction && { why: contradiction.why, shows: publicBy(contradiction.refutation) },
  };
}

function printReport(report: JudgedReport, agreement: Agreement): void {
  const { result, detail, contradiction, unseen, leaves, transaction } = report;
  const count = leaves === null ? "" : `, ${leaves.count} leaves`;
  print(`${titleOf(report, agreement)}${count}: ${result}${detail === null ? "" : `: ${detail}`}`);
  if (contradiction !== null) {
    print(`  ${contradiction.refutation.form}: ${contradiction.why}`);
    for (const line of publicLines(contradiction.refutation)) print(`  ${line}`);
  }
  for (const { form, why } of unseen) print(`  can't be told${form === null ? "" : ` (${form})`}: ${why}`);
  if (transaction !== null) {
    print(`  transaction ${transaction.hash}, block ${transaction.block}, ${transaction.gas} gas`);
  }
  if (result === "refuted") print("  it is void; no money has moved, and its patients may be reported again");
  if (unseen.some(({ missing }) => missing === "leaves")) {
    for (const line of askLines(report, agreement)) print(`  ${line}`);
  }
}

function publicLines(refutation: Refutation): string[] {
  const { leaves, entries } = publicBy(refutation);
  if (leaves.length === 0) return ["shows the public: the number of leaves; nobody"];
  return [
    ...leaves.map(({ report, patient, tier, batch, value, runningSum }) => {
      const where = report === null ? "" : ` in report ${report}`;
      return `shows the public: the leaf of ${patient}${where}: tier ${tier}, enrolment ${batch}, value ${value}, sum ${runningSum}, blind`;
    }),
    ...entries.map(({ patient, indexDay }) => `shows the public: the entry of ${patient}: indexed ${indexDay}, blind`),
  ];
}

function askLines(report: JudgedReport, agreement: Agreement): string[] {
  const { clause, cohort } = namesOf(report, agreement);
  const place = `--clause ${clause} --cohort ${cohort} --number ${report.number}`;
  return [
    `operators serve leaves to whoever may dispute a report: --from URL, or --leaves with GET /v1/reports/${clause}/${cohort}/${report.number}/leaves, GET /v1/cohorts/${cohort}/enrolments/NUMBER/leaves`,
    `leaves withheld within the window are by themselves a ground to dispute it: outcomepay agreement challenge ${place}`,
  ];
}

function printSum(found: readonly JudgedReport[], agreement: Agreement): void {
  const settled = found.filter(({ result }) => result === "settled");
  const pending = found.filter(({ result }) => result !== "settled");
  if (agreement.oracle.challengeWindow === 0) {
    print("this agreement has no challenge window: no report is ever pending, and none can be refuted");
    return;
  }
  if (pending.length === 0) print("no report that fits is pending");
  else if (pending.every(({ contradiction }) => contradiction === null)) print("nothing contradicted was found");
  if (settled.length > 0) print(`${settled.length} settled: a settled report can't be refuted any more`);
}
