import { expect } from "chai";

import type { Metric } from "../../terms/model.ts";
import { readTerms, type ReadTerms } from "../../terms/read.ts";
import { said } from "./sheet.ts";

/** A sheet with these metrics and, for each name, a clause that pays on it. */
function metrics(definitions: string, use: { patient?: string[]; cohort?: string[] } = {}): ReadTerms {
  const clause = (type: string) => (metric: string, k: number) =>
    `  ${type}-${k}: { type: ${type}, metric: ${metric}, due: 1y, from: payer, to: provider, pays: [{ pays: 0 }, { atLeast: 1, pays: 5 }], notEvaluable: 0 }\n`;
  const clauses = [...(use.patient ?? []).map(clause("milestone")), ...(use.cohort ?? []).map(clause("wager"))];
  const indented = definitions
    .trim()
    .split("\n")
    .map((line) => `  ${line.trim()}\n`);
  return readTerms(`outcomes: 1
title: Own metrics
currency: { code: EUR, decimals: 2 }
parties: { payer: [{ name: P }], provider: [{ name: Q }] }
oracle: { reportWithin: 30d, grace: 30d }
metrics:
${indented.join("")}cohorts: { all: { price: 10, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 5 } }
clauses:
  fee: { type: milestone, due: enrolment, from: payer, to: provider, pays: 1 }
${clauses.join("")}`);
}

const metric = (result: ReadTerms, id: string): Metric => {
  expect(said(result)).to.deep.equal([]);
  const found = result.agreement?.metrics.get(id);
  if (found === undefined) throw new Error(`no metric ${id}`);
  return found;
};

const REFUSED: readonly (readonly [title: string, definitions: string, path: string, message: string])[] = [
  ["a built-in name", "pfs: { unit: d }", "metrics.pfs", "a built-in metric"],
  ["an unknown key", "m: { percnt: true }", "metrics.m.percnt", 'did you mean "percent"?'],
  ["two kinds", "m: { percent: true, money: true }", "metrics.m.money", 'found "money" beside "percent"'],
  ["two sources", "m: { all: [alive], any: [alive] }", "metrics.m.any", 'found "any" beside "all"'],
  ["seven decimals", "m: { decimals: 7 }", "metrics.m.decimals", "from 0 to 6"],
  ["decimals of money", "m: { money: true, decimals: 2 }", "metrics.m.decimals", "the kind fixes them"],
  ["another unit", "m: { unit: mo }", "metrics.m.unit", "expected d"],
  ["one level", "m: { levels: [low] }", "metrics.m.levels", "at least two"],
  ["a level twice", "m: { levels: [low, low] }", "metrics.m.levels[1]", "a second time"],
  [
    "a level that is a number",
    "m: { levels: [low, 2] }",
    "metrics.m.levels[1]",
    "a name for a level that is no number",
  ],
  ["an owner that is neither", "m: { of: hospital }", "metrics.m.of", "one of patient, cohort"],
  ["an unknown part", "m: { all: [alive, remission] }", "metrics.m.all[1]", 'found "remission", expected a metric'],
  ["a misspelt part", "m: { all: [alvie] }", "metrics.m.all[0]", 'did you mean "alive"?'],
  ["a part twice", "m: { any: [alive, alive] }", "metrics.m.any[1]", "a second time"],
  ["itself", "m: { all: [m] }", "metrics.m.all[0]", "the circle m → m"],
  [
    "a part that is not 0 or 1",
    "m: { all: [alive, pfs] }",
    "metrics.m.all[1]",
    'found "pfs" in days, expected a metric that is 0 or 1',
  ],
  ["a part in percent", "p: { percent: true }\nm: { any: [p] }", "metrics.m.any[0]", "in percent"],
  ["a part of three levels", "p: { levels: [a, b, c] }\nm: { any: [p] }", "metrics.m.any[0]", "0 or 1"],
  [
    "a part of a cohort in a metric of a patient",
    "m: { of: patient, any: [c] }\nc: { of: cohort }",
    "metrics.m.any[0]",
    "a metric of the cohort, expected a metric of the patient, as m is",
  ],
  [
    "what the contract knows as a part",
    "m: { difference: [mean-cost, outlay] }",
    "metrics.m.difference[1]",
    "which only the contract knows",
  ],
  [
    "more of them than there are",
    "m: { atLeast: 3, of-these: [alive, complication] }",
    "metrics.m.atLeast",
    "from 1 to 2",
  ],
  ["of-these without atLeast", "m: { of-these: [alive] }", "metrics.m.of-these", 'found "of-these" without "atLeast"'],
  ["atLeast without of-these", "m: { atLeast: 1 }", "metrics.m.of-these", "found nothing"],
  ["when without value", "m: { when: alive }", "metrics.m.when", '"value" beside it'],
  ["unless without a stop", "m: { metric: pfs }", "metrics.m.unless", "found nothing"],
  [
    "a difference of three",
    "m: { difference: [cost, cost2, units] }\ncost2: { money: true }",
    "metrics.m.difference",
    "found 3 metrics, expected two",
  ],
  [
    "a difference of two units",
    "m: { difference: [pfs, cost] }",
    "metrics.m.difference[1]",
    "expected the unit of pfs: days with 0 decimals",
  ],
  [
    "a difference of two precisions",
    "a: { decimals: 1 }\nm: { difference: [a, units] }",
    "metrics.m.difference[1]",
    "the unit of a",
  ],
  [
    "a difference of levels",
    "m: { difference: [best-response, b] }\nb: { levels: [x, y] }",
    "metrics.m.difference[1]",
    "which levels are not",
  ],
  [
    "a kind other than the parts'",
    "m: { percent: true, all: [alive] }",
    "metrics.m.percent",
    "it is in 0 or 1, with 0 decimals",
  ],
  [
    "a code without a system",
    "m: { observation: { codes: [4548-4], take: last } }",
    "metrics.m.observation.codes[0]",
    "system|code",
  ],
  [
    "an unknown take",
    "m: { observation: { codes: [a|b], take: median } }",
    "metrics.m.observation.take",
    "one of first, last, min, max, mean",
  ],
  ["a rule without a version", "m: { rule: ventilation }", "metrics.m.rule", "name@version"],
];

describe("terms/metrics", () => {
  for (const [title, definitions, path, message] of REFUSED) {
    it(`refuses ${title}`, () => {
      const result = metrics(definitions);
      expect(said(result)).to.have.length(1);
      expect(result.problems[0]?.path).to.equal(path);
      expect(result.problems[0]?.message).to.contain(message);
    });
  }

  it("reports a longer circle once, where it closes", () => {
    const result = metrics("a: { all: [b] }\nb: { any: [c] }\nc: { all: [a] }", { patient: ["a"] });
    expect(said(result)).to.deep.equal([
      "metrics.c.all[0]: found the circle a → b → c → a, expected a metric that does not depend on itself",
    ]);
  });

  it("blames a broken metric once, not what is made of it or paid by it", () => {
    const result = metrics("a: { unit: kg }\nb: { difference: [a, pfs] }", { patient: ["a", "b"] });
    expect(result.problems.map(({ path }) => path)).to.deep.equal(["metrics.a.unit"]);
  });

  it("refuses a metric that a milestone and a wager both need", () => {
    const result = metrics("m: { definition: any }", { patient: ["m"], cohort: ["m"] });
    expect(said(result)).to.deep.equal([
      'clauses.wager-0.metric: found "m", a metric of the patient, expected a metric of the cohort (of: cohort), as a wager is assessed once for the cohort',
    ]);
  });

  it("refuses a metric of a cohort on a milestone", () => {
    const result = metrics("m: { of: cohort }", { patient: ["m"] });
    expect(result.problems.map(({ path }) => path)).to.deep.equal(["clauses.milestone-0.metric"]);
  });

  it("takes patient or cohort from the clauses, for the parts too", () => {
    const result = metrics("whole: { any: [part, other] }\npart: {}\nother: { statement: other }", {
      cohort: ["whole"],
    });
    expect(["whole", "part", "other"].map((id) => metric(result, id).of)).to.deep.equal(["cohort", "cohort", "cohort"]);
  });

  it("takes patient or cohort from the parts when no clause says", () => {
    const result = metrics("d: { difference: [mean-cost, c] }\nc: { money: true }\nlone: { percent: true }");
    expect(["d", "c", "lone"].map((id) => metric(result, id).of)).to.deep.equal(["cohort", "cohort", "patient"]);
  });

  for (const [definition, expected] of [
    [
      "{ percent: true, definition: protein }",
      { kind: "percent", unit: "percent", decimals: 4, definition: "protein", source: null },
    ],
    ["{ percent: true, decimals: 2 }", { kind: "percent", decimals: 2 }],
    ["{ money: true }", { kind: "money", unit: "EUR", decimals: 2 }],
    ["{ unit: d }", { kind: "days", unit: "days", decimals: 0 }],
    ["{ levels: [low, mid, high] }", { kind: "level", levels: ["low", "mid", "high"], decimals: 0 }],
    ["{ decimals: 3 }", { kind: "number", unit: "number", decimals: 3 }],
    [
      "{ all: [alive, complication] }",
      { kind: "number", unit: "0 or 1", source: { type: "all", of: ["alive", "complication"] } },
    ],
    [
      "{ atLeast: 2, of-these: [alive, complication, major-illness] }",
      { unit: "0 or 1", source: { type: "atLeast", count: 2, of: ["alive", "complication", "major-illness"] } },
    ],
    [
      "{ metric: hba1c, unless: [complication] }",
      { kind: "percent", decimals: 2, source: { type: "unless", metric: "hba1c", stops: ["complication"] } },
    ],
    [
      "{ value: best-response, when: alive }",
      {
        kind: "level",
        levels: ["progressive", "stable", "partial", "complete"],
        source: { type: "when", value: "best-response", condition: "alive" },
      },
    ],
    [
      "{ difference: [pfs, duration] }",
      { kind: "days", source: { type: "difference", minuend: "pfs", subtrahend: "duration" } },
    ],
    ["{ difference: [alive, complication] }", { kind: "number", unit: "number" }],
    ["{ statement: figures }", { source: { type: "statement", name: "figures" } }],
    ["{ rule: ventilation@1 }", { source: { type: "rule", name: "ventilation", version: "1" } }],
    [
      '{ decimals: 2, observation: { codes: ["http://loinc.org|33358-3"], take: min } }',
      { decimals: 2, source: { type: "observation", codes: ["http://loinc.org|33358-3"], take: "min" } },
    ],
  ] as const) {
    it(`resolves ${definition}`, () => {
      const result = metrics(`m: ${definition}`, { patient: ["m"] });
      if (definition.includes("levels") || definition.includes("best-response"))
        expect(result.problems).to.deep.equal([]);
      expect(metric(result, "m")).to.deep.include({
        id: "m",
        of: "patient",
        builtIn: false,
        knownTo: "oracle",
        ...expected,
      });
    });
  }

  it("takes whole numbers and two levels as conditions", () => {
    const result = metrics(
      "m: { all: [flag, answer, event] }\nflag: {}\nanswer: { levels: [no, yes] }\nevent: { rule: event@1 }",
      { patient: ["m"] },
    );
    expect(metric(result, "m").unit).to.equal("0 or 1");
  });
});
