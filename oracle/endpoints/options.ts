/**
 * The options of the endpoints, in one table: what a clause may write under `endpoint`, and what holds when it writes
 * nothing. They are part of what is signed, so a default never changes within a version of the rules.
 */

import { durationDays } from "../../terms/calendar.ts";
import type { EndpointOptions } from "../../terms/model.ts";

interface Days {
  readonly type: "days";
  readonly default: number | null;
}
interface Count {
  readonly type: "count";
  readonly default: number;
}
interface Choice {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default: string | null;
}
interface Flag {
  readonly type: "flag";
  readonly default: boolean;
}
interface Text {
  readonly type: "text";
  readonly default: string | null;
}

export type OptionSpec = (Days | Count | Choice | Flag | Text) & { readonly description: string };

export const RULE_SETS = ["treatment-policy", "fda", "rwpfs"] as const;
export type RuleSet = (typeof RULE_SETS)[number];

export const ENDPOINT_OPTIONS = {
  rules: {
    type: "choice",
    choices: RULE_SETS,
    default: "treatment-policy",
    description: "which events and absences end progression-free survival",
  },
  window: { type: "days", default: 28, description: "days around the due date in which a result counts for it" },
  assessEvery: { type: "days", default: 56, description: "interval between planned assessments" },
  tolerance: { type: "days", default: 14, description: "days by which an assessment may be late" },
  maxGap: { type: "days", default: 90, description: "rwpfs: longest time without a visit that is no gap" },
  deathWindow: {
    type: "days",
    default: 30,
    description: "rwpfs: days after the end of follow-up in which a death counts",
  },
  maxFollowUp: { type: "days", default: null, description: "rwpfs: follow-up after which every patient is censored" },
  evaluator: { type: "text", default: null, description: "whose assessments count; needed when several people read" },
  evidence: {
    type: "choice",
    choices: ["any", "imaging"],
    default: "any",
    description: "what an assessment must rest on",
  },
  confirm: { type: "days", default: null, description: "a response counts when seen again at least this much later" },
  maxNe: {
    type: "count",
    default: 1,
    description: "assessments not evaluable between a response and its confirmation",
  },
  residual: {
    type: "flag",
    default: false,
    description: "complete remission with residual abnormalities counts as complete",
  },
  responding: {
    type: "flag",
    default: false,
    description: "an improvement that is not graded counts as a partial response",
  },
  minStable: {
    type: "days",
    default: 42,
    description: "earliest day at which stable disease counts as a best response",
  },
  missing: {
    type: "choice",
    choices: ["failure", "not-evaluable"],
    default: null,
    description: "what no adequate assessment means: complete-remission failure, maintained responses not-evaluable",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof ENDPOINT_OPTIONS;

/** Options with every default filled in; durations in days. */
export interface ResolvedOptions {
  readonly rules: RuleSet;
  readonly window: number;
  readonly assessEvery: number;
  readonly tolerance: number;
  readonly maxGap: number;
  readonly deathWindow: number;
  readonly maxFollowUp: number | null;
  readonly evaluator: string | null;
  readonly evidence: "any" | "imaging";
  readonly confirm: number | null;
  readonly maxNe: number;
  readonly residual: boolean;
  readonly responding: boolean;
  readonly minStable: number;
  readonly missing: "failure" | "not-evaluable" | null;
}

/** An option that is unknown or has no valid value: the message says which, what was found and what was expected. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/**
 * Fills in the defaults. Durations may be whole days or text such as `28d`.
 * @throws OptionError naming the option, what was found and what was expected
 */
export function resolveOptions(given: EndpointOptions): ResolvedOptions {
  const resolved: Record<string, unknown> = {};
  const specs: Readonly<Record<string, OptionSpec>> = ENDPOINT_OPTIONS;
  for (const [name, spec] of Object.entries(specs)) resolved[name] = spec.default;
  for (const [name, value] of Object.entries(given)) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) {
      throw new OptionError(
        `endpoint.${name}: found an unknown option, expected one of ${Object.keys(specs).join(", ")}`,
      );
    }
    resolved[name] = read(name, spec, value);
  }
  return resolved as unknown as ResolvedOptions;
}

function read(name: string, spec: OptionSpec, value: string | number | boolean): unknown {
  const fail = (expected: string): never => {
    throw new OptionError(`endpoint.${name}: found ${JSON.stringify(value)}, expected ${expected}`);
  };
  const whole = typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
  switch (spec.type) {
    case "days":
      return whole ?? durationDays(String(value)) ?? fail("a duration such as 28d");
    case "count":
      return whole ?? (/^\d{1,6}$/.test(String(value)) ? Number(value) : fail("a whole number"));
    case "choice":
      return spec.choices.includes(String(value)) ? value : fail(`one of ${spec.choices.join(", ")}`);
    case "flag":
      return typeof value === "boolean"
        ? value
        : value === "true"
          ? true
          : value === "false"
            ? false
            : fail("true or false");
    case "text":
      return String(value);
  }
}
