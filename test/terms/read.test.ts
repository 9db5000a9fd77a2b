import { expect } from "chai";

import { readTerms } from "../../terms/read.ts";
import { CLAUSE_CASES } from "./clause-refusals.ts";
import { B, BONUS, CASES, type Replacement } from "./refusals.ts";
import { read, said, sheet, SHEET } from "./sheet.ts";

describe("terms/read", () => {
  it("reads the sheet that the cases vary", () => {
    const { agreement, problems } = readTerms(SHEET);
    expect(problems).to.deep.equal([]);
    expect(agreement?.cohorts.map(({ id, price }) => [id, price])).to.deep.equal([
      ["2027", 100_000n],
      ["2026", 15_000_050n],
    ]);
    expect(agreement?.members.map(({ name, share }) => [name, share])).to.deep.equal([
      ["Basic", 40_000_000n],
      ["Commercial", 60_000_000n],
      ["Maker", 100_000_000n],
      ["Hospital", 100_000_000n],
    ]);
    const [treatment, refund, bonus] = agreement?.clauses ?? [];
    expect(treatment).to.deep.include({ kind: "milestone", due: "enrolment", metric: null });
    expect(treatment?.from).to.deep.equal({ text: "payer", first: 0, count: 2 });
    expect(refund?.payoffs.get(1)).to.deep.equal({
      tiers: [
        { start: null, pays: 7_500_025n, slope: 0n },
        { start: 183n, pays: 0n, slope: 0n },
      ],
      notEvaluable: 7_500_025n,
    });
    // 10 CNY a percentage point is 1,000 minor units for 10,000 steps.
    expect(bonus?.payoffs.get(0)?.tiers).to.deep.equal([
      { start: null, pays: -10_000n, slope: 0n },
      { start: 800_000n, pays: 0n, slope: 100_000_000n },
      { start: 900_001n, pays: 10_000n, slope: 0n },
    ]);
  });

  for (const [part, cases] of Object.entries({ ...CASES, ...CLAUSE_CASES })) {
    describe(`refuses in ${part}`, () => {
      for (const [title, path, message, ...replacements] of cases) {
        it(title, () => {
          const result = read(...replacements);
          expect(result.agreement).to.equal(null);
          expect(said(result)).to.have.length(1);
          expect(result.problems[0]?.path).to.equal(path);
          expect(result.problems[0]?.message).to.contain(message);
          expect(result.problems[0]?.message).not.to.contain("\n");
        });
      }
    });
  }

  it("names the line", () => {
    const { problems } = read(["atLeast: 6mo", "atLeast: 6 months"]);
    expect(problems[0]?.line).to.equal(SHEET.split("\n").findIndex((line) => line.includes("refund:")) + 1);
  });

  it("reports every problem, each once, and nothing that follows from another", () => {
    const result = read(
      ["share: 60%", "share: 61%"],
      ["price: 1000,", "price: cheap,"],
      ["due: 6mo", "due: soon"],
      ["metric: survival", "metric: survivel"],
    );
    expect(result.problems.map(({ path }) => path)).to.deep.equal([
      "parties.payer",
      "cohorts.2027.price",
      "clauses.refund.due",
      "clauses.bonus.metric",
    ]);
  });

  it("reports a member that can't be read once, not in every clause that names it", () => {
    const result = read(["{ name: Maker }", "{ nmae: Maker }"]);
    expect(result.problems.map(({ path }) => path)).to.deep.equal([
      "parties.manufacturer[0].nmae",
      "parties.manufacturer[0].name",
    ]);
  });

  it("reports a forgotten metric once", () => {
    const wager = read(["metric: survival, ", ""]);
    expect(wager.problems.map(({ path }) => path)).to.deep.equal(["clauses.bonus.metric"]);
    const milestone = read(["metric: pfs, ", ""]);
    expect(milestone.problems.map(({ path }) => path)).to.deep.equal(["clauses.refund.pays"]);
    const amount = read(["metric: survival, ", ""], [BONUS, "pays: 5"]);
    expect(amount.problems.map(({ path }) => path)).to.deep.equal(["clauses.bonus.metric"]);
  });

  it("takes a scenario for its terms, with the scenario's paths", () => {
    const indented = sheet(["title: Guarantee", "title: Guarantee\nx: 1"]).replace(/^/gm, "  ");
    const { problems } = readTerms(`scenario: Story\nterms:\n${indented}\nsteps: []\n`);
    expect(problems.map(({ path, line }) => [path, line])).to.deep.equal([["terms.x", 5]]);
  });

  it("counts 64 clauses in a cohort as enough", () => {
    const more = (n: number): string =>
      Array.from(
        { length: n },
        (_, k) =>
          `  extra-${k}: { type: milestone, due: enrolment, cohorts: [2026], from: payer, to: provider, pays: 1 }\n`,
      ).join("");
    expect(readTerms(SHEET + more(61)).problems).to.deep.equal([]);
    expect(readTerms(SHEET + more(62)).problems.map(({ path }) => path)).to.deep.equal(["clauses.extra-61"]);
  });

  it("reads JSON, a byte order mark, aliases and performance as another word for wager", () => {
    const json = JSON.stringify({
      outcomes: 1,
      title: "J",
      currency: { code: "EUR", decimals: 2 },
      parties: { payer: [{ name: "P" }], provider: [{ name: "Q" }] },
      cohorts: { a: { price: "10", opens: "2026-01-01", closes: "2026-02-01", maxPatients: 5 } },
      clauses: {
        c: {
          type: "performance",
          metric: "enrolled",
          due: "1d",
          from: "payer",
          to: "provider",
          pays: [{ pays: "1%" }],
        },
      },
    });
    const { agreement, problems } = readTerms(`\uFEFF${json}`);
    expect(problems).to.deep.equal([]);
    expect(agreement?.clauses[0]).to.deep.include({ kind: "wager", basis: "patient" });
    expect(agreement?.clauses[0]?.payoffs.get(0)?.notEvaluable).to.equal(0n);
    const alias = read(
      ["from: payer, to: manufacturer, pays: 100%", "from: &p payer, to: manufacturer, pays: 100%"],
      ["to: payer, pays", "to: *p, pays"],
    );
    expect(alias.problems).to.deep.equal([]);
  });

  for (const [title, source, message] of [
    ["an empty file", "", "found an empty file, expected a term sheet"],
    ["a comment", "# nothing\n", "found an empty file"],
    ["a scalar", "hello", "a term sheet"],
    ["a list", "- a\n", "found a list, expected a term sheet"],
    ["nesting without end", "a: " + "[".repeat(200_000), "found nesting without end"],
    ["deep nesting", `a: ${"[".repeat(40)}${"]".repeat(40)}`, "too deep a nesting"],
    [
      "a bomb of aliases",
      [
        "a: &a [x,x,x,x,x,x,x,x,x]",
        ..."bcdefgh".split("").map((c, k) => `${c}: &${c} [${Array<string>(9).fill(`*${"abcdefg"[k]}`).join(",")}]`),
      ].join("\n"),
      "expected",
    ],
    ["an alias to itself", "a: &a [*a]", "expected"],
    ["many aliases", `a: &a 1\nb: [${"*a,".repeat(50_000)}]`, "found too many aliases, expected at most 500"],
    ["an alias before its anchor", "a: *b\nb: &b 1", "expected an anchor defined before it"],
    ["nesting by indentation", "- ".repeat(5_000), "found nesting without end"],
    ["a file of over 256,000 characters", "#".repeat(256_001), "at most 256000"],
  ] as const) {
    it(`answers ${title} with one line`, () => {
      const { problems, agreement } = readTerms(source);
      expect(agreement).to.equal(null);
      expect(problems).to.have.length(1);
      expect(problems[0]?.message).to.contain(message);
    });
  }

  describe("warns, and accepts", () => {
    const warned = (...replacements: Replacement[]): string[] => {
      const { agreement, warnings } = read(...replacements);
      expect(agreement).not.to.equal(null);
      return warnings.map(({ path, message }) => `${path}: ${message}`);
    };
    it("parties without an address", () =>
      expect(warned().join("\n")).to.contain("parties: not yet bound to an address: payer/Basic"));
    it("a default window longer than grace", () =>
      expect(warned(["grace: 30d", "grace: 27d"]).join("\n")).to.contain(
        "clauses.refund: pfs counts results up to 28 days",
      ));
    it("no time to report", () =>
      expect(warned(["reportWithin: 60d, ", ""]).join("\n")).to.contain("oracle.reportWithin is 0 days"));
    it("an arbiter with nothing to rule on", () =>
      expect(warned(["grace: 30d", "grace: 30d, arbiter: Board"]).join("\n")).to.contain("nothing to rule on"));
    it("nothing about a window that fits", () => expect(warned().join("\n")).not.to.contain("window"));
  });

  it("resolves the rest of the oracle's terms", () => {
    const { agreement, problems } = read([
      "grace: 30d",
      `grace: 30d, reportEvery: 1mo, minCell: 5, authorisedBy: manufacturer, challengeWindow: 7d, challengeBond: 10000, arbiter: "${B.toLowerCase()}", ruleWithin: 2w`,
    ]);
    expect(problems).to.deep.equal([]);
    expect(agreement?.oracle).to.deep.equal({
      address: null,
      reportWithin: 60,
      reportEvery: 30,
      grace: 30,
      minCell: 5,
      authorisedBy: 2,
      challengeWindow: 7,
      challengeBond: 1_000_000n,
      arbiter: { name: null, address: B },
      ruleWithin: 14,
    });
  });

  it("keeps endpoint options as signed: durations in days, codes and percentages as text", () => {
    const { agreement, problems } = read(
      ["due: 6mo", "due: 6mo, endpoint: { rules: fda, window: 4w, assessEvery: 8w, codes: [a|1, b|2] }"],
      ["metric: survival", "metric: complication-rate, endpoint: { minEvaluable: 66.7%, grade: 3, serious: true }"],
    );
    expect(problems).to.deep.equal([]);
    expect(agreement?.clauses[1]?.endpoint).to.deep.equal({
      rules: "fda",
      window: 28,
      assessEvery: 56,
      codes: "a|1,b|2",
    });
    expect(agreement?.clauses[2]?.endpoint).to.deep.equal({ minEvaluable: "66.7%", grade: 3, serious: true });
  });
});
