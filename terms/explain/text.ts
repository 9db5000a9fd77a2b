/** Prints an explanation for a reader with a terminal or a printer: lines of at most 110 characters where words allow. */

import type { ClauseWords, Explanation, FundingWords, PayoffWords } from "../explain.ts";
import { group } from "./words.ts";

const WIDTH = 110;

const FUNDING_NOTE =
  "At enrolment: received (+) or paid (−) at once. Locked: kept back in the contract until the clauses end; money received at enrolment counts towards it. " +
  "Must be paid in before: without it the enrolment is refused. Worst result: what is left to the party if every open clause goes against it.";

export function renderText(explanation: Explanation): string {
  const { title, facts, parties, cohorts, clauses, funding, disputes, exposure } = explanation;
  const lines = [
    title,
    "=".repeat(Math.min(WIDTH, [...title].length)),
    ...facts.flatMap((fact) => wrap(fact)),
    ...section(
      "The parties",
      parties.flatMap((party) => item(party)),
    ),
    ...section(
      "The patients",
      cohorts.flatMap((cohort) => item(cohort)),
    ),
    ...section(
      "What is paid",
      clauses.flatMap((clause, k) => clauseLines(clause, k + 1, cohorts.length)),
    ),
    ...section("What each party must have ready", [
      ...funding.flatMap((table) => fundingLines(table, explanation.currency)),
      ...wrap(FUNDING_NOTE),
      ...(cohorts.length > 1 ? wrap("Cohorts that run at the same time add up.") : []),
    ]),
    ...section(
      "When a party disagrees with a report",
      disputes.flatMap((sentence) => item(sentence)),
    ),
    ...section(
      "What rests on the oracle's word",
      exposure.flatMap((sentence) => item(sentence)),
    ),
  ];
  return lines.join("\n");
}

function section(heading: string, lines: readonly string[]): string[] {
  return ["", heading, "-".repeat(heading.length), ...lines];
}

function clauseLines(clause: ClauseWords, number: number, cohorts: number): string[] {
  return [
    ...(number === 1 ? [] : [""]),
    ...wrap(`${number}. ${clause.id}`),
    ...wrap(clause.summary, "   "),
    ...clause.payoffs.flatMap((payoff) =>
      payoffLines(payoff, clause.payoffs.length > 1 || payoff.cohorts.length < cohorts),
    ),
    ...(clause.silence === null ? [] : wrap(clause.silence, "   ")),
    ...(clause.defaults.length === 0
      ? []
      : [
          "   Clinical choices that the terms leave at their default:",
          ...clause.defaults.flatMap((line) => item(line, "     ")),
        ]),
  ];
}

function payoffLines(payoff: PayoffWords, named: boolean): string[] {
  const rows = payoff.tiers.map(({ value, payment }) => [value, payment] as const);
  if (payoff.notEvaluable !== null) rows.push(["can't be evaluated", payoff.notEvaluable]);
  const lines = named ? [`   In ${payoff.cohorts.join(", ")}:`] : [];
  const [only] = rows;
  if (rows.length === 1 && only?.[0] === "always") lines.push(...wrap(`${sentence(only[1])}.`, "   "));
  else {
    rows.unshift(["result", "payment"]);
    const left = Math.max(...rows.map(([value]) => [...value].length));
    for (const [value, payment] of rows) {
      const label = `     ${pad(value, left)}   `;
      lines.push(
        ...wrap(payment, " ".repeat([...label].length)).map((line, k) => (k === 0 ? label + line.trimStart() : line)),
      );
    }
  }
  lines.push(...payoff.swing.flatMap((sentence) => wrap(sentence, "   ")));
  if (payoff.chances !== null && payoff.chances.rows.length > 0) {
    const { patients, tiers, rows: chances } = payoff.chances;
    const note = `Chance alone, with ${group(patients)} patients: if the true rate is as on the left, the result falls into each tier this often (fewer patients: more chance).`;
    lines.push(...wrap(note, "   "));
    lines.push(...table([["true rate", ...tiers], ...chances.map((row) => [row.rate, ...row.chances])], "     "));
  }
  return lines;
}

function fundingLines({ cohorts, patients, parties }: FundingWords, currency: string): string[] {
  const each = cohorts.length === 1 ? `Cohort ${cohorts.join()}` : `Each of the cohorts ${cohorts.join(", ")}`;
  const once = parties.some(({ lockedOnce }) => lockedOnce !== "0");
  const one = [
    ["", "at enrolment", "locked", ...(once ? ["locked once for the cohort"] : [])],
    ...parties.map((row) => [
      row.party,
      row.atEnrolmentPerPatient,
      row.lockedPerPatient,
      ...(once ? [row.lockedOnce] : []),
    ]),
  ];
  const all = [
    ["", "at enrolment", "locked", "must be paid in before", "worst result"],
    ...parties.map((row) => [row.party, row.atEnrolment, row.locked, row.mustBring, row.worst]),
  ];
  return [
    `${each}, for one patient (${currency}):`,
    ...table(one, "  "),
    `${each}, for all ${group(patients)} patients (${currency}):`,
    ...table(all, "  "),
  ];
}

/** Columns: the first to the left, the others, which are numbers, to the right. */
function table(rows: readonly (readonly string[])[], indent: string): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
  return rows.map((row) =>
    `${indent}${row.map((cell, k) => (k === 0 ? pad(cell, widths[k] ?? 0) : padLeft(cell, widths[k] ?? 0))).join("   ")}`.trimEnd(),
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - [...text].length));
const padLeft = (text: string, width: number): string => " ".repeat(Math.max(0, width - [...text].length)) + text;

const item = (text: string, indent = ""): string[] =>
  wrap(text, `${indent}  `).map((line, k) => (k === 0 ? `${indent}- ${line.trimStart()}` : line));

function wrap(text: string, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && [...`${indent}${line} ${word}`].length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
