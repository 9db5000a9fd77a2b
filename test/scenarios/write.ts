/** Writes a story's steps as a scenario's text. */

import { formatDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import type { Action, PartyAmount, Refusal } from "../../runner/step.ts";
import { decimal, type Dice } from "./dice.ts";
import type { Standing } from "./records.ts";
import { METRICS, writeValue } from "./sheets.ts";

export function writeStep(agreement: Agreement, step: Action, fails: Refusal | null, dice: Dice): string {
  const refusal = fails === null ? "" : `    fails: ${fails}\n`;
  return `  - ${step.type}: ${writeAction(agreement, step, dice)}\n${refusal}`;
}

/** What every member must have after a step. */
export function writeExpectation(agreement: Agreement, standings: readonly Standing[]): string {
  const { members, currency } = agreement;
  const amounts = (what: keyof Standing): string =>
    members
      .map(({ group, name }, i) => `${group}/${name}: ${decimal(standings[i]?.[what] ?? 0n, currency.decimals)}`)
      .join(", ");
  return `  - expect: { net: { ${amounts("net")} }, locked: { ${amounts("locked")} }, free: { ${amounts("free")} } }\n`;
}

function writeAction(agreement: Agreement, step: Action, dice: Dice): string {
  const { cohorts, clauses, currency } = agreement;
  const amount = ({ party, amount: minor }: PartyAmount): string =>
    `${party.text}: ${decimal(minor, currency.decimals)}`;
  const where = ({ clause, cohort }: { clause: number; cohort: number }): string => {
    const { id, payoffs } = clauses[clause] ?? { id: "", payoffs: new Map<number, unknown>() };
    const only = payoffs.size === 1 && payoffs.has(cohort);
    return `clause: ${id}${only && dice.chance(50) ? "" : `, cohort: ${cohorts[cohort]?.id ?? ""}`}`;
  };
  switch (step.type) {
    case "at":
      return formatDay(step.day);
    case "fund":
      return `{ ${step.payments.map(amount).join(", ")} }`;
    case "enrol": {
      const indexed = step.indexed === null ? "" : `, indexed: ${formatDay(step.indexed)}`;
      return `{ cohort: ${cohorts[step.cohort]?.id ?? ""}, patients: ${step.patients}${indexed} }`;
    }
    case "report": {
      const name = METRICS.find(({ id }) => id === clauses[step.clause]?.metric?.id);
      const value = (raw: bigint): string =>
        name === undefined ? raw.toString() : writeValue(name, currency.decimals, raw, dice);
      const start = `{ ${where(step)}${step.as === null ? "" : `, as: ${step.as}`}`;
      if (step.kind === "wager") return `${start}${step.value === null ? "" : `, value: ${value(step.value)}`} }`;
      const outcomes = step.outcomes.map((one) => `{ value: ${value(one.value)}, patients: ${one.patients} }`);
      return `${start}, outcomes: [${outcomes.join(", ")}], notEvaluable: ${step.notEvaluable} }`;
    }
    case "settle":
      return step.target === "report" ? `{ report: ${step.report} }` : `{ ${where(step)} }`;
    case "challenge":
      return `{ report: ${step.report}, by: ${step.by.text} }`;
    case "rule":
      return `{ report: ${step.report}, uphold: ${step.uphold} }`;
    case "lapse":
      return `{ ${where(step)} }`;
    case "withdraw":
      return `{ ${amount(step)} }`;
    case "expect":
      throw new RangeError("expectations are written from standings");
  }
}
