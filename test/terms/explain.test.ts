import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";

import { chances } from "../../terms/explain/chance.ts";
import { funding } from "../../terms/explain/funding.ts";
import { renderText } from "../../terms/explain/text.ts";
import { span } from "../../terms/explain/words.ts";
import { explain } from "../../terms/explain.ts";
import { builtInMetrics } from "../../terms/metrics.ts";
import type { Agreement, Metric } from "../../terms/model.ts";
import { readTerms } from "../../terms/read.ts";

const folder = new URL("../../scenarios/", import.meta.url);

function agreementOf(name: string, change: (source: string) => string = (source) => source): Agreement {
  const { agreement } = readTerms(change(readFileSync(new URL(`${name}.yaml`, folder), "utf8")));
  if (agreement === null) throw new Error(`${name} has problems`);
  return agreement;
}

/** The text on one line, so that where it wraps does not matter. */
const flat = (name: string, change?: (source: string) => string): string =>
  renderText(explain(agreementOf(name, change))).replace(/\s+/g, " ");

const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  "nsclc-pfs-guarantee": [
    "Provincial medical insurance fund pays Targeted therapy company CNY 150,000 (100% of the price).",
    "assessed 183 days (about 6 months) after the patient's treatment began. It depends on pfs",
    "below 183 days Targeted therapy company pays Provincial medical insurance fund CNY 75,000 (50% of the price)",
    "183 days or more nobody pays",
    "can't be evaluated Targeted therapy company pays Provincial medical insurance fund CNY 75,000",
    "One patient assessed differently moves at most CNY 75,000; 120 patients at most CNY 9,000,000.",
    "once 60 days have passed since the due day, anyone can have it lapse",
    "window: 28d (a result counts for a due day when it is dated at most this long before or after it) [not verified",
    "rules: treatment-policy",
    "manufacturer/Targeted therapy company +18,000,000 9,000,000 0 +9,000,000",
    "payer/Provincial medical insurance fund −18,000,000 0 18,000,000 −18,000,000",
    "There is no challenge window: a report moves the money in the moment it arrives. Nothing is ever pending",
    "No party has to authorise enrolments",
  ],
  "silence-and-dispute": [
    "A report moves no money for 7 days. Within them a party can challenge it, against a bond of USD 10,000",
    "The arbiter (Clinical review board) rules on a challenged report.",
    "With no ruling within 30 days of the challenge, the report can be settled as it stands and the bond goes back.",
    "no Gene therapy company pays Health plan USD 1,600,000 (80% of the price)",
    "can't be evaluated Gene therapy company pays Health plan USD 800,000 (40% of the price)",
  ],
  "robotic-surgery-performance": [
    "below 5% Provincial medical insurance fund pays Tertiary hospital CNY 2,000",
    "5% up to 10% nobody pays",
    "above 10% Tertiary hospital pays Provincial medical insurance fund CNY 2,000",
    "settled 90 days (about 3 months) after the cohort closes (2027-04-01). The amounts are for each patient enrolled.",
    "Among 300 patients one patient is 0.333 percentage points.",
    'Just above 10% the payment jumps by CNY 600,000 with 300 patients (from "5% up to 10%" to "above 10%").',
    "true rate below 5% 5% up to 10% above 10%",
  ],
  "attainment-rate": [
    "each percentage point more moves the payment by CNY 25.00 in favour of County hospital; nobody pays at 80%",
    "The payment has no jump",
    "Each of the cohorts 2026, 2027, for all 1,000 patients (CNY):",
  ],
  "spending-cap": [
    "The amounts are totals for the cohort. It depends on outlay",
    "Nobody needs to report: once due and every other clause of the cohort has ended, anyone can have it settled.",
    "manufacturer/Targeted therapy company +50,000 25,000 8,000,000",
    "manufacturer/Targeted therapy company +20,000,000 18,000,000 0 +2,000,000",
  ],
  "layered-payers": [
    "payer: Charity fund, carries 10% of what the group pays and gets",
    "The payer group pays Rare disease company CNY 777,777.77 (100% of the price).",
    "payer/Charity fund −77,777.78 0",
  ],
  "tiered-response-price": [
    "progressive, stable nobody pays",
    "partial Provincial medical insurance fund pays Cell therapy company CNY 300,000 (60% of the price)",
  ],
  "automatic-payout": [
    "manufacturer: Maker; paid out automatically",
    "In b: result payment below 50% Maker pays Sickness fund EUR 900 (90% of the price)",
  ],
};

/** Doubles, which Hardhat's `closeTo` does not take. */
function expectNear(found: number | undefined, expected: number, within: number): void {
  expect(Math.abs((found ?? NaN) - expected), `${found} is not ${expected}`).to.be.below(within);
}

describe("terms/explain", () => {
  for (const [name, sentences] of Object.entries(SENTENCES)) {
    it(`says what matters of ${name}`, () => {
      const text = flat(name);
      for (const sentence of sentences) expect(text).to.contain(sentence);
    });
  }

  it("names who authorises enrolments", () => {
    const text = flat("nsclc-pfs-guarantee", (source) =>
      source.replace("reportWithin: 60d", "reportWithin: 60d, authorisedBy: payer"),
    );
    expect(text).to.contain("Enrolments need the signature of Provincial medical insurance fund too");
    expect(text).not.to.contain("No party has to authorise");
  });

  it("explains metrics of the agreement's own, and payments that count patients", () => {
    const text = flat("nsclc-pfs-guarantee", (source) =>
      source
        .replace("  cohorts:", "  metrics: { held: { all: [alive, complete-remission] } }\n  cohorts:")
        .replace("metric: pfs", "metric: held")
        .replace("atLeast: 6mo", "atLeast: 1")
        .replace(
          "  clauses:",
          "  clauses:\n    volume: { type: wager, metric: enrolled, due: 0d, from: manufacturer, to: payer, pays: [{ pays: 0 }, { atLeast: 100, pays: 50 }] }",
        ),
    );
    expect(text).to.contain("It depends on held (yes when all of alive, complete-remission). The oracle reports it.");
    expect(text).to.contain("At 100 patients the payment jumps by CNY 5,000 with 100 patients");
    expect(text).to.contain("settled when the cohort closes (2022-01-01)");
  });

  it("leaves out defaults that the terms replace", () => {
    const text = flat("nsclc-pfs-guarantee", (source) =>
      source
        .replace("reportWithin: 60d", "reportWithin: 60d, grace: 14d")
        .replace("notEvaluable: 50% }", "notEvaluable: 50%, endpoint: { window: 14d, rules: rwpfs } }"),
    );
    expect(text).not.to.contain("window: 28d");
    expect(text).not.to.contain("rules: treatment-policy");
    expect(text).to.contain("maxGap: 90d");
  });

  for (const name of readdirSync(folder).map((file) => file.replace(".yaml", ""))) {
    it(`explains ${name} in full, without a number that went wrong`, () => {
      const agreement = agreementOf(name);
      const explanation = explain(agreement);
      const text = renderText(explanation);
      expect(text).not.to.match(/NaN|undefined|null|Infinity|\[object/);
      expect(text.split("\n").filter((line) => [...line].length > 140)).to.deep.equal([]);
      for (const { id } of agreement.clauses) expect(text).to.contain(`. ${id}\n`);
      for (const member of agreement.members) expect(text).to.contain(member.name);
      expect(JSON.parse(JSON.stringify(explanation))).to.deep.equal(explanation);
    });
  }

  it("gives the parties of every cohort opposite flows at enrolment", () => {
    for (const file of readdirSync(folder)) {
      for (const { rows } of funding(agreementOf(file.replace(".yaml", "")))) {
        expect(rows.reduce((sum, { atEnrolment }) => sum + atEnrolment, 0n)).to.equal(0n);
        for (const { mustBring, locked, atEnrolment } of rows) expect(mustBring + atEnrolment >= locked).to.equal(true);
      }
    }
  });

  it("finds the deposit that the scenarios find", () => {
    const rows = funding(agreementOf("innovation-fund"))[0]?.rows ?? [];
    expect(rows.find(({ group }) => group === "guarantor")?.mustBring).to.equal(7_000_000_000n);
  });

  it("says how long a time is", () => {
    expect([0, 1, 30, 90, 91, 183, 180, 365, 731].map(span)).to.deep.equal([
      "on the same day",
      "1 day",
      "30 days",
      "90 days (about 3 months)",
      "91 days (about 3 months)",
      "183 days (about 6 months)",
      "180 days",
      "365 days (about 1 year)",
      "731 days (about 2 years)",
    ]);
  });
});

describe("terms/explain/chance", () => {
  const rate = builtInMetrics({ code: "CNY", decimals: 2 }).get("complication-rate") as Metric;
  const tiers = (...percents: number[]) => ({
    tiers: [null, ...percents].map((start) => ({
      start: start === null ? null : BigInt(start * 10_000),
      pays: 0n,
      slope: 0n,
    })),
    notEvaluable: 0n,
  });

  it("agrees with a binomial worked by hand", () => {
    // 2 patients, threshold 50%: below it only 0 of 2.
    const at = chances(rate, tiers(50), 2).find((row) => row.rate === 48);
    expectNear(at?.tiers[0], 0.52 ** 2, 1e-12);
    expectNear(at?.tiers[1], 1 - 0.52 ** 2, 1e-12);
  });

  it("adds up to one, for few patients and for many", () => {
    for (const patients of [1, 7, 300, 20_000, 20_001, 5_000_000]) {
      for (const row of chances(rate, tiers(5, 10), patients)) {
        expectNear(
          row.tiers.reduce((a, b) => a + b, 0),
          1,
          1e-6,
        );
      }
    }
  });

  it("passes from the binomial to the normal without a step", () => {
    const exact = chances(rate, tiers(50), 20_000);
    const near = chances(rate, tiers(50), 20_001);
    exact.forEach((row, k) => expectNear(near[k]?.tiers[1], row.tiers[1] ?? NaN, 0.01));
  });

  it("looks a few points around each threshold, inside 0% and 100%", () => {
    expect(chances(rate, tiers(3, 99), 10).map((row) => row.rate)).to.deep.equal([1, 3, 5, 8, 94, 97, 99]);
  });
});
