import { join } from "node:path";

import { expect } from "chai";

import { estimatesAt } from "../../../oracle/survival/estimates.ts";
import { kaplanMeier, type Curve } from "../../../oracle/survival/kaplanMeier.ts";
import { quantile } from "../../../oracle/survival/quantile.ts";
import type { IntervalKind } from "../../../oracle/survival/interval.ts";
import { mergeNearTimes } from "../../../oracle/survival/timefix.ts";
import { fixture, readCsv } from "../support.ts";
import { analyses, differences, near, observations, type Fit, type Row } from "./support.ts";

const KINDS: readonly (readonly [IntervalKind, string])[] = [
  ["log-log", "loglog"],
  ["log", "log"],
  ["plain", "plain"],
];

function curveOf(rows: readonly Row[]): Curve {
  const [fixed] = mergeNearTimes([observations(rows)]);
  if (fixed === undefined) throw new RangeError("no group");
  return kaplanMeier(fixed);
}

const list = (values: readonly number[] | number): readonly number[] =>
  typeof values === "number" ? [values] : values;

/** Everything in which a curve differs from R's, in words. */
function compare(curve: Curve, fit: Fit): string[] {
  const problems: string[] = [];
  if (curve.n !== fit.n || curve.events !== fit.events) problems.push(`n ${curve.n}, events ${curve.events}`);
  const { time, atRisk, events, censored } = curve.table;
  const columns = { time, n_risk: atRisk, n_event: events, n_censor: censored, surv: curve.survival };
  for (const [name, found] of Object.entries(columns)) {
    const expected = list(fit.curve[name as keyof Fit["curve"]]);
    if (expected.length !== found.length || expected.some((value, i) => !near(value, found[i] ?? null))) {
      problems.push(`${name}: ${found.join(" ")}, R has ${expected.join(" ")}`);
    }
  }
  const lastCensored = (censored.at(-1) ?? 0) > 0;
  for (const [kind, name] of KINDS) {
    const found = estimatesAt(
      curve,
      fit.points.map(({ t }) => t),
      kind,
    );
    fit.points.forEach((point, i) => {
      const estimate = found[i];
      if (estimate === undefined) problems.push(`nothing at ${point.t}`);
      else problems.push(...differences(estimate, point, name, lastCensored));
    });
    for (const [p, q] of [
      [0.25, "q25"],
      [0.5, "q50"],
      [0.75, "q75"],
    ] as const) {
      const { estimate, lower, upper } = quantile(curve, p, kind);
      const expected = fit.quantiles[name]?.[q] ?? [];
      if (![estimate, lower, upper].every((value, k) => near(value, expected[k] ?? null))) {
        problems.push(`${kind} ${q}: ${estimate} ${lower} ${upper}, R has ${JSON.stringify(expected)}`);
      }
    }
  }
  return problems;
}

describe("Kaplan–Meier against R", () => {
  for (const [analysis, file, time, status, event, by] of [
    ["lung_all", "lung", "time", "status", "2", null],
    ["lung_sex", "lung", "time", "status", "2", "sex"],
    ["veteran_trt", "veteran", "time", "status", "1", "trt"],
    ["ovarian_rx", "ovarian", "futime", "fustat", "1", "rx"],
  ] as const) {
    it(`${analysis}: every number of the curve, three intervals and three quantiles`, function () {
      const { km } = analyses(this, "reference.json")[analysis] ?? { km: {} };
      const rows = readCsv(join(fixture(this, "survival"), "csv", `${file}.csv`));
      expect(Object.keys(km)).to.have.length(by === null ? 1 : 2);
      for (const [group, fit] of Object.entries(km)) {
        const own = rows.filter((row) => by === null || `${by}=${row[by]}` === group);
        const curve = curveOf(own.map((row) => ({ time: Number(row[time]), event: row[status] === event })));
        expect(compare(curve, fit), group).to.deep.equal([]);
      }
    });
  }

  it("edge cases: ties, S = 0, time 0, delayed entry, near-equal times, one patient", function () {
    for (const [name, { input, km }] of Object.entries(analyses(this, "edge_cases.json"))) {
      if (input === undefined || name === "negative_time") continue;
      const status = list(input.status);
      for (const [group, fit] of Object.entries(km)) {
        const rows = list(input.time).flatMap((time, i): Row[] => {
          if (input.group !== undefined && `group=${input.group[i]}` !== group) return [];
          const entry = input.start?.[i];
          return [{ time, event: status[i] === 1, ...(entry === undefined ? {} : { entry }) }];
        });
        expect(compare(curveOf(rows), fit), `${name} ${group}`).to.deep.equal([]);
      }
    }
  });
});
