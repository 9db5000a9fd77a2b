/** The metrics that every agreement knows. What each measures, with its sources, stands in the clinical rules. */

import type { Agreement, Metric, MetricKind } from "./model.ts";
import { YES_NO } from "./values.ts";

interface Row {
  readonly id: string;
  readonly of: "patient" | "cohort";
  readonly kind: MetricKind;
  readonly unit?: string;
  readonly decimals?: number;
  readonly levels?: readonly string[];
  readonly definition: string;
  readonly knownTo?: "contract";
}

const yesNo = (id: string, definition: string): Row => ({
  id,
  of: "patient",
  kind: "number",
  unit: YES_NO,
  definition,
});
const money = (id: string, of: "patient" | "cohort", definition: string): Row => ({
  id,
  of,
  kind: "money",
  definition,
});
const rate = (id: string, definition: string): Row => ({ id, of: "cohort", kind: "percent", decimals: 4, definition });

const TABLE: readonly Row[] = [
  { id: "pfs", of: "patient", kind: "days", definition: "progression-free survival observed by the due date" },
  yesNo("complete-remission", "a first accepted complete response on or before the due date, before any progression"),
  yesNo(
    "remission-maintained",
    "a complete response, and no relapse, progression or death by the due date, confirmed by an assessment around it",
  ),
  yesNo(
    "response-maintained",
    "a response, and no relapse, progression or death by the due date, confirmed by an assessment around it",
  ),
  yesNo("alive", "alive at the due date"),
  yesNo("complication", "one or more complications by the due date"),
  yesNo("major-illness", "one or more major illnesses by the due date"),
  money("cost", "patient", "cost of the patient's care by the due date"),
  { id: "units", of: "patient", kind: "number", unit: "units", definition: "units used by the due date" },
  { id: "duration", of: "patient", kind: "days", definition: "days on treatment by the due date" },
  {
    id: "best-response",
    of: "patient",
    kind: "level",
    levels: ["progressive", "stable", "partial", "complete"],
    definition: "best response by the due date",
  },
  {
    id: "hba1c",
    of: "patient",
    kind: "percent",
    decimals: 2,
    definition: "last HbA1c (NGSP) in the window around the due date",
  },
  {
    id: "qaly-gain",
    of: "patient",
    kind: "number",
    unit: "QALY",
    decimals: 4,
    definition: "quality-adjusted life years gained by the due date, against baseline",
  },
  rate("survival", "share of patients alive, estimated by Kaplan–Meier"),
  rate("complication-rate", "share of patients with a complication"),
  rate("attainment-rate", "share of patients who reached the target"),
  money("mean-cost", "cohort", "mean cost a patient, as reported"),
  money("research-cost", "cohort", "cost of research, as stated"),
  money("procurement-saving", "cohort", "what procurement saved, as stated"),
  {
    id: "enrolled",
    of: "cohort",
    kind: "number",
    unit: "patients",
    definition: "patients enrolled in the cohort",
    knownTo: "contract",
  },
  {
    id: "outlay",
    of: "cohort",
    kind: "money",
    definition: "what the payers have paid, net, under this cohort's other clauses",
    knownTo: "contract",
  },
];

export const BUILT_IN_METRICS: readonly string[] = TABLE.map(({ id }) => id);

/** The built-in metrics by id; those in money take the agreement's currency. */
export function builtInMetrics(currency: { code: string; decimals: number }): ReadonlyMap<string, Metric> {
  return new Map(
    TABLE.map((row): [string, Metric] => {
      const { id, of, kind, definition, levels = [], knownTo = "oracle" } = row;
      const decimals = kind === "money" ? currency.decimals : (row.decimals ?? 0);
      const unit = row.unit ?? unitOf(kind, currency.code);
      return [id, { id, of, kind, unit, decimals, levels, definition, knownTo, source: null, builtIn: true }];
    }),
  );
}

/** Every metric of an agreement by id: the built-in ones and its own. */
export function knownMetrics({ currency, metrics }: Agreement): ReadonlyMap<string, Metric> {
  return new Map([...builtInMetrics(currency), ...metrics]);
}

/** The unit of a kind, in words. */
export function unitOf(kind: MetricKind, currency: string): string {
  const units = { days: "days", percent: "percent", money: currency, level: "level", number: "number" };
  return units[kind];
}
