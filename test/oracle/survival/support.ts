/** R's answers, and rows as the estimator takes them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Estimate } from "../../../oracle/survival/estimates.ts";
import type { Observations } from "../../../oracle/survival/tabulate.ts";
import { fixture } from "../support.ts";

interface Point {
  readonly t: number;
  readonly beyond_last: boolean;
  readonly n_risk: number;
  readonly surv: number;
  readonly se: number | null;
  readonly ci: Readonly<Record<string, readonly [number | null, number | null]>>;
}

type Quantiles = Readonly<Record<"q25" | "q50" | "q75", readonly (number | null)[]>>;

export interface Fit {
  readonly n: number;
  readonly events: number;
  readonly max_time: number;
  readonly quantiles: Readonly<Record<string, Quantiles>>;
  readonly points: readonly Point[];
  readonly curve: Readonly<Record<"time" | "n_risk" | "n_event" | "n_censor" | "surv", readonly number[] | number>>;
}

export interface Analysis {
  readonly input?: {
    readonly time: readonly number[] | number;
    readonly status: readonly number[] | number;
    readonly start?: readonly number[];
    readonly group?: readonly string[];
  };
  readonly km: Readonly<Record<string, Fit>>;
}

/** The analyses of a file of the survival fixtures. */
export function analyses(test: Mocha.Context, file: string): Readonly<Record<string, Analysis>> {
  const all = JSON.parse(readFileSync(join(fixture(test, "survival"), file), "utf8")) as Record<string, Analysis>;
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== "meta"));
}

export interface Row {
  readonly time: number;
  readonly event: boolean;
  readonly entry?: number;
}

/** Without an entry in the first row there is none. */
export function observations(rows: readonly Row[]): Observations {
  return {
    exits: Float64Array.from(rows, ({ time }) => time),
    events: Float64Array.from(
      rows.filter(({ event }) => event),
      ({ time }) => time,
    ),
    entries: rows[0]?.entry === undefined ? null : Float64Array.from(rows, ({ entry }) => entry ?? 0),
  };
}

/** What differs by more than 1e-9 of R's point, in words; empty when nothing does. */
export function differences(found: Estimate, expected: Point, kind: string, lastCensored: boolean): string[] {
  const estimable = !(expected.beyond_last && lastCensored);
  const [lower, upper] = expected.ci[kind] ?? [null, null];
  const wanted = {
    nRisk: expected.n_risk,
    survival: estimable ? expected.surv : null,
    se: estimable ? expected.se : null,
    lower: estimable ? lower : null,
    upper: estimable ? upper : null,
  };
  const problems = found.estimable === estimable ? [] : [`estimable ${found.estimable}`];
  for (const [name, value] of Object.entries(wanted)) {
    const got = found[name as keyof typeof wanted];
    if (!near(got, value)) problems.push(`t=${found.t} ${name}: ${got}, R has ${value}`);
  }
  return problems;
}

export function near(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9;
}
