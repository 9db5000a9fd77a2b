/**
 * The options of `endpoint`: how the oracle computes a clause's metric where the clinical rules leave a choice to the
 * contract. One closed table: validation, the oracle's defaults, the flags of `endpoint`, and what `explain` and the
 * documents say of them come from here. They are part of what is signed, so a default never changes within a version of
 * the rules.
 */

import { VALUE_SETS } from "../oracle/endpoints/eq5d/valueSets.ts";

export type OptionKind = "duration" | "percent" | "decimal" | "count" | "flag" | "text" | "codes" | "choice";

export interface EndpointOption {
  readonly name: string;
  /** duration: days as a number · percent, decimal: text as written · count: a number · codes: joined by commas. */
  readonly kind: OptionKind;
  readonly choices?: readonly string[];
  /** Built-in metrics that it is for, and `observation`: the agreement's own metrics that are measured values. */
  readonly metrics: readonly string[];
  /** The value that holds when it is left out, as a term sheet would write it; null when none does. */
  readonly default: string | null;
  /** Nothing can be computed without it: an oracle refuses to start. */
  readonly needed?: true;
  /** Texts that it can be. */
  readonly known?: readonly string[];
  /** What holds when it is left out, in words, where no value says it. */
  readonly otherwise?: string;
  readonly meaning: string;
  /** The default rests on general knowledge, not on a source that the clinical rules cite. */
  readonly unverified?: true;
}

/** Stands in `metrics` for the agreement's own metrics that are measured values. */
export const OBSERVATION = "observation";

const RESPONSE = ["complete-remission", "remission-maintained", "response-maintained", "best-response"];
const MAINTAINED = ["remission-maintained", "response-maintained"];
const EVENTS = ["complication", "major-illness", "complication-rate"];
const GIVEN = ["units", "duration"];
const RATES = ["complication-rate", "attainment-rate"];
/** Built-in metrics whose result is looked for around the due day. */
export const AROUND_DUE: readonly string[] = ["pfs", ...MAINTAINED, "hba1c", "qaly-gain", "duration"];

/** Days around a due day in which a result counts for it. */
export const DEFAULT_WINDOW = 28;

/** A row for each option, and for each group of metrics in which it has another default or other choices. */
export const ENDPOINT_OPTIONS = [
  {
    name: "window",
    kind: "duration",
    metrics: [...AROUND_DUE, OBSERVATION],
    default: `${DEFAULT_WINDOW}d`,
    meaning: "a result counts for a due day when it is dated at most this long before or after it",
    unverified: true,
  },
  {
    name: "window",
    kind: "duration",
    metrics: ["complete-remission", "best-response"],
    default: `${DEFAULT_WINDOW}d`,
    meaning:
      "a response by the due day may be confirmed until this long after it; with missing: not-evaluable, the last assessment may be this old on it",
    unverified: true,
  },
  {
    name: "window",
    kind: "duration",
    metrics: ["alive", ...EVENTS, "cost", "units", "mean-cost"],
    default: `${DEFAULT_WINDOW}d`,
    meaning: "a sign of life at most this long before the due day shows that the patient was observed until then",
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
    metrics: ["pfs", ...MAINTAINED],
    default: "8w",
    meaning: "time between planned assessments",
    unverified: true,
  },
  {
    name: "tolerance",
    kind: "duration",
    metrics: ["pfs", ...MAINTAINED],
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
    name: "maxFollowUp",
    kind: "duration",
    metrics: ["pfs"],
    default: null,
    meaning: "time after which every patient is censored (rwpfs)",
  },
  {
    name: "newTherapy",
    kind: "choice",
    choices: ["ignore", "censor", "event"],
    metrics: ["pfs", ...RESPONSE],
    default: null,
    otherwise: "ignore; under rules fda censor",
    meaning:
      "what another treatment of the disease means: nothing, the end of what counts, or a failure on its first day",
  },
  {
    name: "evaluator",
    kind: "text",
    metrics: ["pfs", ...RESPONSE],
    default: null,
    meaning: "whose assessments count, such as INVESTIGATOR; needed when several people read",
  },
  {
    name: "evidence",
    kind: "choice",
    choices: ["any", "imaging"],
    metrics: ["pfs", ...RESPONSE],
    default: "any",
    meaning: "what an assessment must rest on",
  },
  {
    name: "conditions",
    kind: "codes",
    metrics: ["pfs", ...RESPONSE],
    default: null,
    otherwise: "the cohort's condition, or the patient's only cancer",
    meaning: "the disease that an assessment must be about, system|code",
  },
  {
    name: "confirm",
    kind: "duration",
    metrics: RESPONSE,
    default: null,
    meaning: "a response counts when a second one confirms it after at least this long",
  },
  {
    name: "maxNe",
    kind: "count",
    metrics: RESPONSE,
    default: "1",
    meaning: "assessments not evaluable that may lie between a response and its confirmation",
    unverified: true,
  },
  {
    name: "residual",
    kind: "flag",
    metrics: RESPONSE,
    default: "false",
    meaning: "a complete remission with residual abnormalities counts as complete",
  },
  {
    name: "responding",
    kind: "flag",
    metrics: ["response-maintained", "best-response"],
    default: "false",
    meaning: "an improvement that is not graded counts as a partial response",
  },
  {
    name: "minStable",
    kind: "duration",
    metrics: ["best-response"],
    default: "42d",
    meaning: "earliest day at which stable disease counts as a best response",
  },
  {
    name: "missing",
    kind: "choice",
    choices: ["failure", "not-evaluable"],
    metrics: ["complete-remission"],
    default: "failure",
    meaning: "what no adequate assessment near the due day means",
  },
  {
    name: "missing",
    kind: "choice",
    choices: ["failure", "not-evaluable"],
    metrics: MAINTAINED,
    default: "not-evaluable",
    meaning: "what no adequate assessment near the due day means",
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
    name: "horizon",
    kind: "duration",
    metrics: ["survival", ...RATES, "mean-cost"],
    default: null,
    otherwise: "the clause's due",
    meaning: "time after each patient's index day at which she is looked at",
  },
  {
    name: "minAtRisk",
    kind: "count",
    metrics: ["survival"],
    default: null,
    meaning: "with fewer patients still observed at the horizon, the cohort is not evaluable",
  },
  {
    name: "minEvaluable",
    kind: "percent",
    metrics: [...RATES, "mean-cost"],
    default: "80%",
    meaning: "with a smaller share of patients evaluable, the cohort is not evaluable",
  },
  {
    name: "metric",
    kind: "text",
    metrics: ["attainment-rate"],
    default: null,
    needed: true,
    meaning: "what the target is set for: a metric of the patient",
  },
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
    name: "sameDay",
    kind: "choice",
    choices: ["lowest", "highest", "mean"],
    metrics: [OBSERVATION],
    default: null,
    otherwise: "the one issued last, else their mean",
    meaning: "which of several results of one day counts, for a first or last value",
  },
  {
    name: "lookBack",
    kind: "duration",
    metrics: [OBSERVATION],
    default: "0d",
    meaning:
      "a first value may be this much older than the treatment: the newest that is, else the first after it began",
  },
  {
    name: "valueSet",
    kind: "text",
    metrics: ["qaly-gain"],
    known: [...VALUE_SETS.keys()],
    default: null,
    needed: true,
    meaning: "value set of the questionnaire, such as EQ-5D-5L/England@2018",
  },
  {
    name: "comparator",
    kind: "text",
    metrics: ["qaly-gain"],
    default: "baseline",
    meaning: "what the gain is measured against: the patient's own baseline carried forward, or a number of QALYs",
  },
  {
    name: "deathPath",
    kind: "choice",
    choices: ["linear", "last"],
    metrics: ["qaly-gain"],
    default: "linear",
    meaning: "quality of life between the last answer and a death: falls in a straight line to 0, or stays until then",
  },
  {
    name: "discount",
    kind: "percent",
    metrics: ["qaly-gain"],
    default: "0%",
    meaning: "discount a year, continuously by (1 + rate)^−years",
  },
  { name: "grade", kind: "count", metrics: EVENTS, default: null, meaning: "lowest CTCAE grade that counts" },
  { name: "serious", kind: "flag", metrics: EVENTS, default: "false", meaning: "only serious events count" },
  {
    name: "causal",
    kind: "flag",
    metrics: EVENTS,
    default: "false",
    meaning: "only events attributed to the treatment count",
  },
  {
    name: "riskWindow",
    kind: "duration",
    metrics: EVENTS,
    default: null,
    otherwise: "events count to the due day",
    meaning: "events count up to this long after the last treatment",
  },
  {
    name: "allowedGap",
    kind: "duration",
    metrics: ["duration"],
    default: "30d",
    meaning: "administrations at most this far apart are one time on treatment; a longer gap is not",
    unverified: true,
  },
  {
    name: "codes",
    kind: "codes",
    metrics: ["major-illness"],
    default: null,
    needed: true,
    meaning: "diagnoses, procedures, stays and adverse events that count, system|code",
  },
  {
    name: "codes",
    kind: "codes",
    metrics: ["complication", "complication-rate"],
    default: null,
    otherwise: "every adverse event, and nothing else",
    meaning: "events of any kind that count, system|code",
  },
  {
    name: "codes",
    kind: "codes",
    metrics: ["hba1c"],
    default: null,
    otherwise: "the LOINC codes of the clinical rules, without the estimate of 97506-0",
    meaning: "results that count, system|code",
  },
  {
    name: "codes",
    kind: "codes",
    metrics: ["pfs", ...RESPONSE, "cost", ...GIVEN, "mean-cost"],
    default: null,
    otherwise: "all",
    meaning: "records that count, system|code",
  },
] as const satisfies readonly EndpointOption[];

export type OptionName = (typeof ENDPOINT_OPTIONS)[number]["name"];

/**
 * What a rule fixes without a source that the clinical rules cite; no option changes it within a version of the rules.
 */
export const UNVERIFIED_RULES: Readonly<Record<string, readonly string[]>> = {
  hba1c: [
    "a result in mmol/mol is converted by NGSP % = 0.09148 × mmol/mol + 2.152, rounded half up to 2 decimals",
    "only results from 3 to 20 %, or 9 to 195 mmol/mol, are taken for HbA1c",
  ],
};
