/** A wager of one clause, and the people that it is about. */

import type { CohortOutcome } from "../../../oracle/outcomes.ts";
import type { PatientRecord, Statement } from "../../../oracle/record.ts";
import { outcomesOf } from "../../../oracle/records.ts";
import { parseDecimal } from "../../../terms/decimal.ts";
import type { Agreement } from "../../../terms/model.ts";
import { agreementOf } from "../fixture.ts";
import { on, record, type Facts } from "../support.ts";

/** The index day of `record`: 2024-10-04. */
export const T0 = 20_000;
export const AS_OF = on("2030-01-01");

export interface Asked {
  readonly metric: string;
  /** As a term sheet has them. */
  readonly endpoint?: string;
  readonly due?: string;
  readonly metrics?: string;
  /** Where the second tier starts. */
  readonly cut?: string;
  readonly statements?: readonly Statement[];
  /** Enrolled patients who are not in the records. */
  readonly missing?: number;
}

export function agreed({ metric, endpoint = "", due = "1y", metrics = "", cut = "50" }: Asked): Agreement {
  return agreementOf(`outcomes: 1
title: Wager
currency: { code: EUR, decimals: 2 }
parties: { payer: [{ name: P }], manufacturer: [{ name: M }] }
oracle: { reportWithin: 60d }
${metrics === "" ? "" : `metrics: { ${metrics} }`}
cohorts:
  a: { population: All, price: 1000, opens: 2024-01-01, closes: 2025-01-01, maxPatients: 1000 }
clauses:
  w: { type: wager, metric: ${metric}, due: ${due}, from: payer, to: manufacturer, pays: [{ pays: 0 }, { atLeast: ${cut}, pays: 1 }], notEvaluable: 0${endpoint === "" ? "" : `, endpoint: { ${endpoint} }`} }
`);
}

export function wager(asked: Asked, records: readonly PatientRecord[]): CohortOutcome & { readonly values: string[] } {
  const agreement = agreed(asked);
  const outcomes = outcomesOf(agreement, records, [], asked.statements ?? []);
  const [clause] = agreement.clauses;
  const [cohort] = agreement.cohorts;
  const payoff = clause?.payoffs.get(0);
  if (clause === undefined || cohort === undefined || payoff === undefined) throw new RangeError("no wager");
  const subjects = outcomes.patients.map((patient) => ({ patient, indexDay: T0 }));
  const found = outcomes.wager(subjects, asked.missing ?? 0, clause, cohort, payoff, AS_OF);
  const values = subjects.map(({ patient }) => {
    const part = found.parts.get(patient)?.outcome;
    return part === undefined ? "none" : text(part);
  });
  return { ...found, values };
}

export const text = (outcome: { value: bigint } | { notEvaluable: string }): string =>
  "value" in outcome ? outcome.value.toString() : outcome.notEvaluable;

/** The cohort's value as an integer, or the reason. */
export const value = (asked: Asked, records: readonly PatientRecord[]): string => text(wager(asked, records).outcome);

let number = 0;
export const person = (facts: Facts, more: Partial<PatientRecord> = {}): PatientRecord => {
  const id = `p${number++}`;
  return record(facts, { identifier: { system: "", value: id }, id: `Patient/${id}`, ...more });
};
export const people = (n: number, facts: Facts, more: Partial<PatientRecord> = {}): PatientRecord[] =>
  Array.from({ length: n }, () => person(facts, more));

export const stated = (name: string, amount: string, more: Partial<Statement> = {}): Statement => ({
  name,
  value: parseDecimal(amount) ?? { digits: 0n, scale: 0 },
  cohort: null,
  statedBy: "Auditor",
  documentSha256: "ab".repeat(32),
  id: `statement/${name}`,
  ...more,
});
