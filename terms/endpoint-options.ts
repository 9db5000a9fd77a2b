/**
 * The options of `endpoint`: how the oracle computes a clause's metric where the clinical rules leave a choice to the
 * contract. One closed table: validation, defaults and what `explain` says of them come from here.
 */

import { BUILT_IN_METRICS } from "./metrics.ts";
import type { Metric } from "./model.ts";

export interface EndpointOption {
  readonly name: string;
  /** duration: days as a number · percent, decimal: text as written · count: a number · codes: joined by commas. */
  readonly kind: "duration" | "percent" | "decimal" | "count" | "flag" | "text" | "codes" | "choice";
  readonly choices?: readonly string[];
  /** Built-in metrics that it is for. Metrics of the agreement's own may be built from any of them and take every option. */
  readonly metrics: readonly string[];
  /** What holds when it is left out, in words; null when nothing does. */
  readonly default: string | null;
  readonly meaning: string;
  /** The default rests on general knowledge, not on a source that the clinical rules cite. */
  readonly unverified?: true;
}

const RESPONSE = ["complete-remission", "remission-maintained", "response-maintained", "best-response"];
const AROUND_DUE = ["pfs", "remission-maintained", "response-maintained", "hba1c", "qaly-gain", "attainment-rate"];
const EVENTS = ["complication", "major-illness", "complication-rate"];
const RATES = ["complication-rate", "attainment-rate"];
const MEASURED = BUILT_IN_METRICS.filter((id) => id !== "enrolled" && id !== "outlay");

/** Days around a due day in which a result counts for it. */
export const DEFAULT_WINDOW = 28;

export const ENDPOINT_OPTIONS: readonly EndpointOption[] = [
  {
    name: "window",
    kind: "duration",
    metrics: [...AROUND_DUE, ...RESPONSE.filter((id) => !AROUND_DUE.includes(id)), "alive"],
    default: `${DEFAULT_WINDOW}d`,
    meaning: "a result counts for a due day when it is dated at most this long before or after it",
    unverified: true,
  },
  {
    name: "rules",
    kind: "choice",
    choices: ["treatment-policy", "fda", "rwpfs"],
    metrics: ["pfs"],
    default: "treatment-policy",
    meaning: "what ends the observation of a patient before a progression or death",
  },
  {
    name: "assessEvery",
    kind: "duration",
    metrics: ["pfs"],
    default: "8w",
    meaning: "time between planned assessments",
    unverified: true,
  },
  {
    name: "tolerance",
    kind: "duration",
    metrics: ["pfs"],
    default: "14d",
    meaning: "days that two planned assessments may slip before they count as missed",
    unverified: true,
  },
  {
    name: "maxGap",
    kind: "duration",
    metrics: ["pfs"],
    default: "90d",
    meaning: "longest time without records (rwpfs)",
  },
  {
    name: "deathWindow",
    kind: "duration",
    metrics: ["pfs"],
    default: "30d",
    meaning: "a death so soon after the observation ended still counts (rwpfs)",
  },
  {
    name: "newTherapy",
    kind: "choice",
    choices: ["ignore", "censor", "event"],
    metrics: ["pfs", ...RESPONSE],
    default: "ignore",
    meaning: "what another treatment of the disease means",
  },
  {
    name: "confirm",
    kind: "duration",
    metrics: RESPONSE,
    default: null,
    meaning: "a response counts when a second one confirms it after at least this long",
  },
  {
    name: "evaluator",
    kind: "text",
    metrics: ["pfs", ...RESPONSE],
    default: null,
    meaning: "whose assessments count, such as INVESTIGATOR",
  },
  {
    name: "horizon",
    kind: "duration",
    metrics: ["survival"],
    default: "the clause's due",
    meaning: "time after a patient's index day at which survival is estimated",
  },
  {
    name: "minAtRisk",
    kind: "count",
    metrics: ["survival"],
    default: null,
    meaning: "with fewer patients still observed at the horizon, the cohort is not evaluable",
  },
  {
    name: "missing",
    kind: "choice",
    choices: ["failure", "exclude"],
    metrics: ["attainment-rate"],
    default: "failure",
    meaning: "how a patient without an outcome counts",
  },
  {
    name: "missing",
    kind: "choice",
    choices: ["failure", "exclude"],
    metrics: ["complication-rate"],
    default: "exclude",
    meaning: "how a patient without an outcome counts",
  },
  {
    name: "minEvaluable",
    kind: "percent",
    metrics: RATES,
    default: "80%",
    meaning: "with a smaller share of patients evaluable, the cohort is not evaluable",
  },
  { name: "metric", kind: "text", metrics: ["attainment-rate"], default: null, meaning: "what the target is set for" },
  {
    name: "below",
    kind: "decimal",
    metrics: ["attainment-rate"],
    default: null,
    meaning: "reached when under this value",
  },
  {
    name: "atLeast",
    kind: "decimal",
    metrics: ["attainment-rate"],
    default: null,
    meaning: "reached from this value on",
  },
  {
    name: "sameDay",
    kind: "choice",
    choices: ["lowest", "highest", "mean"],
    metrics: ["hba1c"],
    default: "lowest",
    meaning: "which of several results of one day counts",
  },
  {
    name: "valueSet",
    kind: "text",
    metrics: ["qaly-gain"],
    default: null,
    meaning: "value set of the questionnaire, id@version",
  },
  {
    name: "comparator",
    kind: "text",
    metrics: ["qaly-gain"],
    default: "baseline",
    meaning: "what the gain is measured against: baseline, or a number of QALYs",
  },
  {
    name: "deathPath",
    kind: "choice",
    choices: ["linear", "last"],
    metrics: ["qaly-gain"],
    default: "linear",
    meaning: "quality of life between the last answer and a death",
  },
  { name: "discount", kind: "percent", metrics: ["qaly-gain"], default: "0%", meaning: "discount a year" },
  { name: "grade", kind: "count", metrics: EVENTS, default: null, meaning: "lowest CTCAE grade that counts" },
  { name: "serious", kind: "flag", metrics: EVENTS, default: null, meaning: "only serious events count" },
  {
    name: "riskWindow",
    kind: "duration",
    metrics: EVENTS,
    default: null,
    meaning: "events count up to this long after the last treatment",
    unverified: true,
  },
  {
    name: "causal",
    kind: "flag",
    metrics: EVENTS,
    default: "false",
    meaning: "only events attributed to the treatment count",
  },
  { name: "codes", kind: "codes", metrics: MEASURED, default: null, meaning: "codes that count, system|code" },
  {
    name: "conditions",
    kind: "codes",
    metrics: MEASURED,
    default: null,
    meaning: "the disease that the records must be about",
  },
];

/** Metrics whose result is looked for around the due day, so that the default window matters. */
export function looksAroundDue(metric: Metric): boolean {
  return AROUND_DUE.includes(metric.id) || (!metric.builtIn && metric.source?.type === "observation");
}

/** The options that a metric takes, each name once. */
export function optionsFor(metric: Metric): readonly EndpointOption[] {
  if (metric.builtIn) return ENDPOINT_OPTIONS.filter(({ metrics }) => metrics.includes(metric.id));
  return ENDPOINT_OPTIONS.filter(({ name }, k) => ENDPOINT_OPTIONS.findIndex((other) => other.name === name) === k);
}
