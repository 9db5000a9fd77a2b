/** A clause's `endpoint` as the endpoints read it: every option of the table, the stated ones parsed, the others at their default. */

import { durationDays } from "../../terms/calendar.ts";
import { parseDecimal, type Decimal } from "../../terms/decimal.ts";
import { optionOf, optionsByName } from "../../terms/endpoint-options.ts";
import type { EndpointOption, OptionName } from "../../terms/endpoint-table.ts";
import type { EndpointOptions } from "../../terms/model.ts";

export type { OptionName } from "../../terms/endpoint-table.ts";

export type RuleSet = "treatment-policy" | "fda" | "rwpfs";

/**
 * Options as stated or by default; durations in days, percentages in percentage points. Null: nothing was stated, and what
 * then holds is the metric's own affair (`ownDefault` where it is a value).
 */
export interface ResolvedOptions {
  readonly window: number;
  readonly rules: RuleSet;
  readonly assessEvery: number;
  readonly tolerance: number;
  readonly maxGap: number;
  readonly deathWindow: number;
  readonly maxFollowUp: number | null;
  readonly newTherapy: "ignore" | "censor" | "event" | null;
  readonly evaluator: string | null;
  readonly evidence: "any" | "imaging";
  readonly conditions: readonly string[] | null;
  readonly confirm: number | null;
  readonly maxNe: number;
  readonly residual: boolean;
  readonly responding: boolean;
  readonly minStable: number;
  readonly missing: "failure" | "not-evaluable" | "exclude" | null;
  readonly horizon: number | null;
  readonly minAtRisk: number | null;
  readonly minEvaluable: Decimal;
  readonly metric: string | null;
  readonly below: Decimal | null;
  readonly atLeast: Decimal | null;
  readonly sameDay: "lowest" | "highest" | "mean" | null;
  readonly lookBack: number;
  readonly valueSet: string | null;
  readonly comparator: string;
  readonly deathPath: "linear" | "last";
  readonly discount: Decimal;
  readonly grade: number | null;
  readonly serious: boolean;
  readonly causal: boolean;
  readonly riskWindow: number | null;
  readonly allowedGap: number;
  readonly codes: readonly string[] | null;
}

/** Fails to compile when the table and the type name different options. */
const sameNames: [keyof ResolvedOptions, OptionName] extends [OptionName, keyof ResolvedOptions] ? true : never = true;
void sameNames;

/** An option that is unknown, has no valid value or is missing: the message says which, what was found and what was expected. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

const OPTIONS = optionsByName();

/** The default of an option whose default differs between metrics. */
export function ownDefault<N extends "missing" | "sameDay">(name: N, metric: string): ResolvedOptions[N] {
  const row = optionOf(name, metric);
  return row?.default == null ? null : (read(name, [row], row.default) as ResolvedOptions[N]);
}

/** What holds where nothing is stated: the default on which all metrics agree, else null. */
const DEFAULTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  [...OPTIONS].map(([name, rows]) => {
    const [first, ...others] = rows.map((row) => row.default);
    const same = first !== null && first !== undefined && others.every((other) => other === first);
    return [name, same ? read(name, rows, first) : null];
  }),
);

/**
 * Fills in the defaults. Values as the resolved agreement has them (durations as whole days, codes joined by commas) or as a
 * person would write them (`28d`).
 * @throws OptionError naming the option, what was found and what was expected
 */
export function resolveOptions(given: EndpointOptions): ResolvedOptions {
  const resolved: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given)) {
    const rows = (OPTIONS as ReadonlyMap<string, readonly EndpointOption[]>).get(name);
    if (rows === undefined) {
      throw new OptionError(
        `endpoint.${name}: found an unknown option, expected one of ${[...OPTIONS.keys()].join(", ")}`,
      );
    }
    resolved[name] = read(name, rows, value);
  }
  return resolved as unknown as ResolvedOptions;
}

const CODE = /^[^\s|,]+\|[^\s|,]+$/;

function read(name: string, rows: readonly EndpointOption[], value: string | number | boolean): unknown {
  const text = String(value);
  const fail = (expected: string): never => {
    throw new OptionError(`endpoint.${name}: found ${JSON.stringify(value)}, expected ${expected}`);
  };
  const whole = typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
  switch (rows[0]?.kind) {
    case "duration":
      return whole ?? durationDays(text) ?? fail("a duration such as 28d");
    case "count":
      return whole ?? (/^\d{1,6}$/.test(text) ? Number(text) : fail("a whole number"));
    case "choice": {
      const choices = [...new Set(rows.flatMap((row) => row.choices ?? []))];
      return choices.includes(text) ? text : fail(`one of ${choices.join(", ")}`);
    }
    case "flag":
      return text === "true" ? true : text === "false" ? false : fail("true or false");
    case "percent": {
      const points = text.endsWith("%") ? parseDecimal(text.slice(0, -1)) : null;
      const most = 100n * 10n ** BigInt(points?.scale ?? 0);
      return points !== null && points.digits >= 0n && points.digits <= most
        ? points
        : fail("a percentage from 0% to 100%, such as 80%");
    }
    case "decimal":
      return parseDecimal(text) ?? fail("a decimal such as 7.0");
    case "codes": {
      const codes = text.split(",");
      return codes.every((code) => CODE.test(code)) ? codes : fail("codes written system|code, joined by commas");
    }
    case "text":
    case undefined:
      return text;
  }
}
