import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";

import { parseDay } from "../../terms/calendar.ts";
import { readScenario } from "../../runner/story.ts";
import type { Step } from "../../runner/step.ts";
import { readTerms } from "../../terms/read.ts";
import { said, sheet } from "./sheet.ts";

const folder = new URL("../../scenarios/", import.meta.url);
const scenarios = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

const story = (...steps: readonly string[]): ReturnType<typeof readScenario> => {
  const terms = sheet([
    "{ above: 90%, pays: 100 }], notEvaluable: 0 }\n",
    "{ above: 90%, pays: 100 }], notEvaluable: 0, cohorts: [2026] }\n",
  ]);
  return readScenario(
    `scenario: Story\nterms:\n${terms.replace(/^(?=.)/gm, "  ")}steps:\n${steps.map((step) => `  - ${step}\n`).join("")}`,
  );
};

const steps = (...texts: readonly string[]): readonly Step[] => {
  const result = story(...texts);
  expect(said(result)).to.deep.equal([]);
  if (result.story === null) throw new Error("no story");
  return result.story.steps;
};

const PAYER = { text: "payer", first: 0, count: 2 };
const BASIC = { text: "payer/Basic", first: 0, count: 1 };

describe("runner/story", () => {
  it("finds the library of scenarios", () => expect(scenarios).to.have.length.at.least(24));

  for (const name of scenarios) {
    it(`reads ${name} without a problem`, () => {
      const source = readFileSync(new URL(name, folder), "utf8");
      const result = readScenario(source);
      expect(said(result)).to.deep.equal([]);
      expect(said(readTerms(source))).to.deep.equal([]);
      expect(result.story?.steps).to.have.length((source.match(/^ {2}- \w+:/gm) ?? []).length);
      expect(result.story?.steps.filter(({ fails }) => fails !== null)).to.have.length(
        (source.match(/^ +fails:/gm) ?? []).length,
      );
    });
  }

  it("counts the clock from the earliest opening, and from the last `at`", () => {
    const days = steps("at: +1d", "at: 2026-03-01", "fund: { payer: 1 }", "at: +91d", "at: +0d").map((step) =>
      step.type === "at" ? step.day : null,
    );
    expect(days).to.deep.equal(["2026-01-02", "2026-03-01", "", "2026-05-31", "2026-05-31"].map(parseDay));
  });

  it("resolves money to minor units and parties to runs of members", () => {
    const [fund, expected] = steps(
      'fund: { payer: 12000000, "payer/Basic": 0.01 }',
      "expect: { net: { payer: -7920000.50 }, locked: { payer/Basic: 0 }, free: { manufacturer: 1 } }",
    );
    expect(fund).to.deep.include({
      type: "fund",
      number: 1,
      fails: null,
      payments: [
        { party: PAYER, amount: 1_200_000_000n },
        { party: BASIC, amount: 1n },
      ],
    });
    expect(expected).to.deep.include({
      type: "expect",
      net: [{ party: PAYER, amount: -792_000_050n }],
      locked: [{ party: BASIC, amount: 0n }],
    });
  });

  it("resolves ids whatever their YAML type, to positions in the file's order", () => {
    expect(
      steps("enrol: { cohort: 2026, patients: 10 }", 'enrol: { cohort: "2027", patients: 0, indexed: 2027-01-28 }'),
    ).to.deep.equal([
      { number: 1, line: 21, fails: null, type: "enrol", cohort: 1, patients: 10, indexed: null },
      { number: 2, line: 22, fails: null, type: "enrol", cohort: 0, patients: 0, indexed: parseDay("2027-01-28") },
    ]);
  });

  it("resolves a milestone's report to values and patients", () => {
    const [step] = steps(
      "report: { clause: refund, cohort: 2026, as: first, outcomes: [{ value: 6mo, patients: 7 }, { value: 30, patients: 2 }], notEvaluable: 1 }",
    );
    expect(step).to.deep.include({
      type: "report",
      kind: "milestone",
      clause: 1,
      cohort: 1,
      as: "first",
      outcomes: [
        { value: 183n, patients: 7 },
        { value: 30n, patients: 2 },
      ],
      notEvaluable: 1,
    });
  });

  it("resolves a wager's report in the one cohort that it has, not evaluable without a value", () => {
    const [some, none, elsewhere] = steps(
      "report: { clause: bonus, value: 85% }",
      "report: { clause: bonus }",
      "report: { clause: bonus, cohort: 2027, value: 85% }\n    fails: ClauseNotInCohort",
    );
    expect(some).to.deep.include({ kind: "wager", clause: 2, cohort: 1, as: null, value: 850_000n });
    expect(none).to.deep.include({ kind: "wager", value: null });
    expect(elsewhere).to.deep.include({ cohort: 0, fails: "ClauseNotInCohort" });
  });

  it("resolves what follows a report", () => {
    const [, challenge, rule, settle, lapse, clause, withdraw] = steps(
      "report: { clause: bonus, as: r, value: 85% }",
      "challenge: { report: r, by: payer }",
      "rule: { report: r, uphold: false }",
      "settle: { report: r }",
      "lapse: { clause: refund, cohort: 2027 }",
      "settle: { clause: bonus }",
      "withdraw: { manufacturer: 500 }",
    );
    expect(challenge).to.deep.include({ type: "challenge", report: "r", by: { text: "payer", first: 0, count: 1 } });
    expect(rule).to.deep.include({ type: "rule", report: "r", uphold: false });
    expect(settle).to.deep.include({ type: "settle", target: "report", report: "r" });
    expect(lapse).to.deep.include({ type: "lapse", clause: 1, cohort: 0 });
    expect(clause).to.deep.include({ type: "settle", target: "clause", clause: 2, cohort: 1 });
    expect(withdraw).to.deep.include({
      type: "withdraw",
      party: { text: "manufacturer", first: 2, count: 1 },
      amount: 50_000n,
    });
  });

  it("lets a report that was refused leave its name to another", () => {
    expect(
      steps(
        "report: { clause: bonus, as: r }\n    fails: NotYetDue",
        "report: { clause: bonus, as: r }",
        "settle: { report: r }",
      ),
    ).to.have.length(3);
  });

  it("reads a report of a clause without a metric, which the contract refuses", () => {
    const [step] = steps(
      "report: { clause: treatment, cohort: 2026, outcomes: [{ value: 1, patients: 1 }] }\n    fails: ReportedByContract",
    );
    expect(step).to.deep.include({ kind: "milestone", outcomes: [{ value: 1n, patients: 1 }] });
  });

  for (const [title, path, message, ...texts] of [
    ["an unknown action", "steps[0].pay", "found the unknown key", "pay: { payer: 1 }"],
    [
      "two actions",
      "steps[0].fund",
      "found fund beside at, expected one action a step",
      "{ at: 2026-02-01, fund: { payer: 1 } }",
    ],
    ["no action", "steps[0]", "found no action", "{ fails: CohortFull }"],
    [
      "a clock that goes back",
      "steps[1].at",
      "found 2026-01-31, expected 2026-02-01 or later",
      "at: 2026-02-01",
      "at: 2026-01-31",
    ],
    ["a start before the earliest opening", "steps[0].at", "the clock never goes back", "at: 2025-12-31"],
    ["a time without a unit", "steps[0].at", 'found "+91"', "at: +91"],
    ["an unknown party", "steps[0].fund.guarantor", "expected a party", "fund: { guarantor: 1 }"],
    [
      "an unknown member",
      "steps[0].expect.net.payer/Charity",
      "expected a party",
      "expect: { net: { payer/Charity: 1 } }",
    ],
    ["money below a minor unit", "steps[0].fund.payer", "a whole number of minor units", "fund: { payer: 0.001 }"],
    ["a negative deposit", "steps[0].fund.payer", "not negative", "fund: { payer: -1 }"],
    ["an unknown clause", "steps[0].report.clause", 'did you mean "bonus"?', "report: { clause: bonsu, value: 1% }"],
    [
      "an unknown cohort",
      "steps[0].enrol.cohort",
      'found "2028", expected a cohort: one of 2027, 2026',
      "enrol: { cohort: 2028, patients: 1 }",
    ],
    ["no cohort where there are two", "steps[0].enrol.cohort", "found nothing", "enrol: { patients: 1 }"],
    ["no cohort for a clause in two", "steps[0].lapse.cohort", "found nothing", "lapse: { clause: refund }"],
    [
      "a value that the metric does not have",
      "steps[0].report.value",
      "expected a percentage",
      "report: { clause: bonus, value: high }",
    ],
    [
      "a value for a milestone",
      "steps[0].report.value",
      "value for the milestone",
      "report: { clause: refund, cohort: 2026, value: 6mo }",
    ],
    [
      "outcomes for a wager",
      "steps[0].report.outcomes",
      "outcomes for the wager",
      "report: { clause: bonus, outcomes: [{ value: 1, patients: 1 }] }",
    ],
    [
      "no patients with a value",
      "steps[0].report.outcomes[0].patients",
      "from 1 to",
      "report: { clause: refund, cohort: 2026, outcomes: [{ value: 1, patients: 0 }] }",
    ],
    ["a report nobody made", "steps[0].settle.report", "a report of an earlier step", "settle: { report: first }"],
    [
      "a report that was refused",
      "steps[1].settle.report",
      "a report of an earlier step",
      "report: { clause: bonus, as: r }\n    fails: NotYetDue",
      "settle: { report: r }",
    ],
    [
      "a name twice",
      "steps[1].report.as",
      'found "r" a second time',
      "report: { clause: bonus, as: r }",
      "report: { clause: bonus, as: r }",
    ],
    ["both ways to settle", "steps[0].settle.clause", "clause beside report", "settle: { report: r, clause: bonus }"],
    [
      "a refusal that does not exist",
      "steps[0].fails",
      'did you mean "CohortFull"?',
      "enrol: { cohort: 2026, patients: 1 }\n    fails: CohortFul",
    ],
    ["a refusal of the clock", "steps[0].fails", "found fails on at", "at: 2026-02-01\n    fails: NotYetDue"],
    [
      "a withdrawal by a group of two",
      "steps[0].withdraw.payer",
      "a group of 2, expected one member: one of payer/Basic, payer/Commercial",
      "withdraw: { payer: 1 }",
    ],
    [
      "a withdrawal by two",
      "steps[0].withdraw",
      "found 2 accounts, expected one",
      "withdraw: { manufacturer: 1, provider: 1 }",
    ],
    ["an empty expectation", "steps[0].expect", "found nothing expected", "expect: {}"],
    [
      "neither true nor false",
      "steps[1].rule.uphold",
      "one of true, false",
      "report: { clause: bonus, as: r }",
      "rule: { report: r, uphold: maybe }",
    ],
  ] as const) {
    it(`refuses ${title}`, () => {
      const result = story(...texts);
      expect(result.story).to.equal(null);
      expect(said(result)).to.have.length(1);
      expect(result.problems[0]?.path).to.equal(path);
      expect(result.problems[0]?.message).to.contain(message);
    });
  }

  it("says nothing of the steps when the terms have a problem", () => {
    const { problems } = readScenario(`scenario: S\nterms: { outcomes: 2 }\nsteps: [{ fund: { payer: 1 } }]`);
    expect(problems.every(({ path }) => path.startsWith("terms."))).to.equal(true);
    expect(problems.map(({ path }) => path))
      .to.include("terms.outcomes")
      .and.include("terms.clauses");
  });
});
