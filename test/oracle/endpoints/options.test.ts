import { expect } from "chai";

import { OptionError, ownDefault, resolveOptions } from "../../../oracle/endpoints/options.ts";
import { explain } from "../../../terms/explain.ts";
import { optionsByName, optionsFor } from "../../../terms/endpoint-options.ts";
import { ENDPOINT_OPTIONS, type EndpointOption } from "../../../terms/endpoint-table.ts";
import { BUILT_IN_METRICS, builtInMetrics } from "../../../terms/metrics.ts";
import type { EndpointOptions, Metric } from "../../../terms/model.ts";
import { readTerms } from "../../../terms/read.ts";
import { readFileSync } from "node:fs";

const metrics = builtInMetrics({ code: "EUR", decimals: 2 });
const rows: readonly EndpointOption[] = ENDPOINT_OPTIONS;

describe("the table of endpoint options", () => {
  it("is for metrics that there are", () => {
    for (const row of rows) {
      for (const id of row.metrics) expect([...BUILT_IN_METRICS, "observation"], row.name).to.include(id);
    }
  });

  it("has one row an option and metric, of one kind by name", () => {
    for (const [name, of] of optionsByName()) {
      expect(new Set(of.map(({ kind }) => kind)).size, name).to.equal(1);
      const named = of.flatMap(({ metrics: ids }) => ids);
      expect(new Set(named).size, name).to.equal(named.length);
    }
  });

  it("has defaults that a term sheet could state", () => {
    for (const { name, default: value, choices } of rows) {
      if (value === null) continue;
      if (choices) expect(choices, name).to.include(value);
      expect(() => resolveOptions({ [name]: value }), name).not.to.throw();
    }
  });

  it("gives the oracle its defaults", () => {
    const { window, assessEvery, rules, newTherapy, missing, sameDay, maxNe, serious, minEvaluable, codes, horizon } =
      resolveOptions({});
    expect({ window, assessEvery, rules, newTherapy, missing, sameDay, maxNe, serious, codes, horizon }).to.deep.equal({
      window: 28,
      assessEvery: 56,
      rules: "treatment-policy",
      newTherapy: null,
      missing: null,
      sameDay: null,
      maxNe: 1,
      serious: false,
      codes: null,
      horizon: null,
    });
    expect(minEvaluable).to.deep.equal({ digits: 80n, scale: 0 });
    expect(ownDefault("missing", "complete-remission")).to.equal("failure");
    expect(ownDefault("missing", "remission-maintained")).to.equal("not-evaluable");
    expect(ownDefault("missing", "complication-rate")).to.equal("exclude");
    expect(ownDefault("sameDay", "hba1c")).to.equal("lowest");
    expect(ownDefault("sameDay", "observation")).to.equal(null);
  });

  const refused: [EndpointOptions, string][] = [
    [{ windw: "28d" }, "endpoint.windw: found an unknown option, expected one of window, rules, "],
    [{ constructor: "28d" }, "endpoint.constructor: found an unknown option"],
    [{ window: "28" }, 'endpoint.window: found "28", expected a duration'],
    [{ window: -1 }, "endpoint.window: found -1"],
    [{ window: 1.5 }, "endpoint.window: found 1.5"],
    [{ grade: "three" }, 'endpoint.grade: found "three", expected a whole number'],
    [{ serious: "yes" }, 'endpoint.serious: found "yes", expected true or false'],
    [{ missing: "ignore" }, "expected one of failure, not-evaluable, exclude"],
    [{ discount: "3.5" }, "expected a percentage"],
    [{ discount: "101%" }, "expected a percentage"],
    [{ discount: "-1%" }, "expected a percentage"],
    [{ codes: "4548-4" }, "expected codes written system|code"],
    [{ below: "7,0" }, "expected a decimal"],
    [{ grade: "a3" }, "expected a whole number"],
    [{ grade: "3a" }, "expected a whole number"],
    [{ grade: "1234567" }, "expected a whole number"],
    [{ minEvaluable: "80" }, "expected a percentage"],
    [{ minEvaluable: "100.01%" }, "expected a percentage"],
    [{ codes: "urn:a|1,4548-4" }, "expected codes written system|code"],
  ];
  for (const [given, message] of refused) {
    it(`refuses ${JSON.stringify(given)}`, () => expect(() => resolveOptions(given)).to.throw(OptionError, message));
  }

  it("reads what a person would write", () => {
    const { serious, causal, grade, minStable, minEvaluable, codes } = resolveOptions({
      serious: "false",
      causal: "true",
      grade: "12",
      minStable: "6w",
      minEvaluable: "100%",
      codes: "urn:a|1,urn:b|2",
    });
    expect({ serious, causal, grade, minStable, minEvaluable, codes }).to.deep.equal({
      serious: false,
      causal: true,
      grade: 12,
      minStable: 42,
      minEvaluable: { digits: 100n, scale: 0 },
      codes: ["urn:a|1", "urn:b|2"],
    });
    expect(ownDefault("missing", "a metric without the option")).to.equal(null);
    expect(new OptionError("x").name).to.equal("OptionError");
  });

  it("gives each metric its own options, and one made of others theirs", () => {
    const own = (id: string, source: Metric["source"]): Metric => ({
      ...(metrics.get("alive") as Metric),
      id,
      source,
      builtIn: false,
    });
    const value = own("v", { type: "observation", codes: ["urn:a|1"], take: "last" });
    const whole = own("w", { type: "all", of: ["v", "remission-maintained", "complete-remission"] });
    const rule = own("r", { type: "rule", name: "death", version: "1" });
    const known = new Map([...metrics, ["v", value], ["w", whole], ["r", rule]]);
    const names = (metric: Metric | undefined): string[] => optionsFor(metric as Metric, known).map(({ name }) => name);
    expect(names(metrics.get("hba1c"))).to.deep.equal(["window", "sameDay", "codes"]);
    expect(names(metrics.get("cost"))).to.deep.equal(["window", "codes"]);
    expect(names(value)).to.deep.equal(["window", "sameDay", "lookBack"]);
    expect(names(whole)).to.include.members(["window", "sameDay", "missing", "confirm", "assessEvery"]);
    expect(names(whole)).not.to.include("grade");
    expect(names(rule)).to.include.members(["grade", "valueSet", "rules"]);
    expect(names(metrics.get("attainment-rate"))).to.include.members(["metric", "below", "sameDay", "valueSet"]);
  });
});

describe("explain", () => {
  const sheet = readFileSync(new URL("../../../scenarios/nsclc-pfs-guarantee.yaml", import.meta.url), "utf8");
  function defaults(metric: string, change: (sheet: string) => string = (text) => text): readonly string[] {
    const changed = change(
      sheet.replace("metric: pfs", `metric: ${metric}`).replace("{ atLeast: 6mo, pays: 0 }", "{ atLeast: 1, pays: 0 }"),
    );
    const { agreement, problems } = readTerms(changed);
    if (agreement === null) throw new Error(JSON.stringify(problems));
    return explain(agreement).clauses.at(-1)?.defaults ?? [];
  }
  const marked = (lines: readonly string[]): string[] =>
    lines.filter((line) => line.includes("not verified against a published source"));

  it("marks every default, and every fixed rule, that rests on no cited source", () => {
    for (const { name, metrics: ids, unverified, default: value } of rows) {
      const metric = ids.find((id) => metrics.get(id)?.of === "patient");
      if (!unverified || metric === undefined || value === null) continue;
      expect(
        marked(defaults(metric)).map((line) => line.split(":")[0]),
        `${name} of ${metric}`,
      ).to.include(name);
    }
    expect(marked(defaults("hba1c")).join(" ")).to.include("0.09148");
  });

  it("marks no default that has a source", () => {
    expect(marked(defaults("qaly-gain")).map((line) => line.split(":")[0])).to.deep.equal(["window"]);
    expect(marked(defaults("pfs")).join(" ")).not.to.include("rules:");
  });

  it("says what the parts of a metric of the agreement's own leave at their default", () => {
    const own = defaults("m", (text) =>
      text.replace("  cohorts:", "  metrics: { m: { all: [alive, complication] } }\n  cohorts:"),
    );
    expect(own.join("\n")).to.include("riskWindow: events count to the due day").and.to.include("window: 28d");
  });
});

describe("terms check", () => {
  const sheet = readFileSync(new URL("../../../scenarios/qaly-value-price.yaml", import.meta.url), "utf8");
  const check = (endpoint: string) =>
    readTerms(sheet.replace("pays: 40% }], notEvaluable: 0 }", `pays: 40% }], notEvaluable: 0${endpoint} }`));

  it("warns of a clause that no oracle can compute", () => {
    const { agreement, warnings } = check("");
    expect(agreement).not.to.equal(null);
    expect(warnings.map(({ message }) => message).join("\n")).to.include("can't be computed without endpoint.valueSet");
    const stated = check(", endpoint: { valueSet: EQ-5D-5L/China@2017 }");
    expect(stated.problems).to.deep.equal([]);
    expect(stated.warnings.map(({ message }) => message).join("\n")).not.to.include("valueSet");
  });

  it("refuses a value set that nobody published", () => {
    const { agreement, problems } = check(", endpoint: { valueSet: EQ-5D-5L/China@2019 }");
    expect(agreement).to.equal(null);
    expect(problems[0]?.message).to.include('did you mean "EQ-5D-5L/China@2017"?');
  });

  it("knows what an attainment rate is of, and what that needs", () => {
    const rate = readFileSync(new URL("../../../scenarios/attainment-rate.yaml", import.meta.url), "utf8");
    const of = (endpoint: string) =>
      readTerms(rate.replace("notEvaluable: -2000 }", `notEvaluable: -2000, endpoint: { ${endpoint} } }`));
    const warnings = (endpoint: string): string =>
      of(endpoint)
        .warnings.map(({ message }) => message)
        .join("\n");
    expect(warnings("minEvaluable: 70%")).to.include("can't be computed without endpoint.metric");
    expect(warnings("metric: qaly-gain, atLeast: 0.5")).to.include("without endpoint.valueSet");
    expect(warnings("metric: hba1c, below: 7.0, horizon: 6mo"))
      .to.include("counts results up to 28 days")
      .and.not.to.include("can't be computed");
    expect(of("metric: hba1c, below: 7.0, sameDay: mean").problems).to.deep.equal([]);
    expect(of("metric: hba1d, below: 7.0").problems[0]?.message).to.include('did you mean "hba1c"?');
    expect(of("metric: survival, atLeast: 50").problems[0]?.message).to.include("expected a metric of the patient");
    const { agreement } = of("metric: hba1c, below: 7.0");
    const defaults = agreement === null ? [] : (explain(agreement).clauses.at(-1)?.defaults ?? []);
    expect(defaults.join("\n")).to.include("sameDay: lowest").and.to.include("0.09148");
  });

  it("takes a unit for plain numbers that are measured, and for nothing else", () => {
    const own = (metric: string) => readTerms(sheet.replace("  cohorts:", `  metrics: { x: ${metric} }\n  cohorts:`));
    const { agreement, problems } = own('{ observation: { codes: ["a|b"], take: last, unit: "g/L" } }');
    expect(problems).to.deep.equal([]);
    expect(agreement?.metrics.get("x")?.source).to.deep.equal({
      type: "observation",
      codes: ["a|b"],
      take: "last",
      unit: "g/L",
    });
    const percent = own('{ percent: true, observation: { codes: ["a|b"], take: last, unit: "g/L" } }');
    expect(percent.problems[0]?.message).to.include('found a unit beside "percent"');
    const bare = own('{ observation: { codes: ["a|b"], take: last } }').agreement?.metrics.get("x")?.source;
    expect(bare).to.deep.equal({ type: "observation", codes: ["a|b"], take: "last" });
  });
});
