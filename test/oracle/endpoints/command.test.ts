import { expect } from "chai";

import { outcomepay, type Ended } from "../../cli/outcomepay.ts";
import { withFiles } from "../support.ts";

/** Three patients: one with every kind of record, one whose records can't be used, one lost from sight. */
const FILES = {
  "source.yaml": `
kind: csv
path: .
files:
  patients: { path: patients.csv, columns: { patient: id, index: start, death: died, lastAlive: seen } }
  labs: { path: labs.csv, columns: { patient: id, date: d, code: loinc, value: v, unit: u } }
  therapies: { path: therapies.csv, columns: { patient: id, start: d, code: c, units: n } }
  eq5d: { path: eq5d.csv, columns: { patient: id, date: d, state: profile } }
  events: { path: events.csv, columns: { patient: id, date: d, code: c, grade: g, serious: s } }
  costs: { path: costs.csv, columns: { patient: id, date: d, amount: a, currency: c } }
`,
  "patients.csv":
    "id,start,died,seen\np1,2025-01-01,,2025-12-01\np2,2025-01-01,,2025-12-01\np3,2025-01-01,,2025-02-01\n",
  "labs.csv":
    "id,d,loinc,v,u\np1,2025-06-20,59261-8,53,mmol/mol\np1,2025-01-02,4548-4,9.1,%\np1,2025-06-30,X,2.5,g/L\np2,2025-06-20,4548-4,53,%\n",
  "therapies.csv": "id,d,c,n\np1,2025-01-01,A,2\np1,2025-01-22,A,2.5\np2,2025-01-01,A,\np3,2025-01-01,A,1\n",
  "eq5d.csv": "id,d,profile\np1,2025-01-01,11112\np1,2025-07-03,11111\np2,2025-01-01,11111\n",
  "events.csv": "id,d,c,g,s\np1,2025-03-01,I63,3,true\np2,2025-03-01,I10,1,false\n",
  "costs.csv": "id,d,a,c\np1,2025-03-01,100.10,EUR\np1,2025-04-01,0.005,EUR\np2,2025-03-01,7,USD\n",
  "terms.yaml": `
outcomes: 1
title: Every metric of a patient
currency: { code: EUR, decimals: 2 }
parties:
  payer: [{ name: Fund }]
  manufacturer: [{ name: Maker }]
oracle: { reportWithin: 60d, grace: 28d }
metrics:
  protein: { decimals: 1, observation: { codes: ["urn:lab|X"], take: last, unit: g/L } }
  dead: { rule: death@1 }
  ill-and-dead: { all: [complication, dead] }
cohorts:
  all: { population: All, price: 1000, opens: 2025-01-01, closes: 2026-01-01, enrolWithin: 60d, maxPatients: 9 }
clauses:
${[
  ["hba1c", "7", ""],
  ["qaly-gain", "0.01", ", endpoint: { valueSet: EQ-5D-5L/Germany@2018 }"],
  ["complication", "1", ", endpoint: { grade: 2 }"],
  ["major-illness", "1", ', endpoint: { codes: ["http://hl7.org/fhir/sid/icd-10|I63"] }'],
  ["cost", "50", ""],
  ["units", "2", ""],
  ["duration", "20d", ""],
  ["protein", "1", ""],
  ["ill-and-dead", "1", ""],
]
  .map(
    ([metric, start, endpoint]) =>
      `  c-${metric}: { type: milestone, metric: ${metric}, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 10 }, { atLeast: ${start}, pays: 0 }], notEvaluable: 5${endpoint} }`,
  )
  .join("\n")}
`,
};

interface Row {
  readonly patient: string;
  readonly value: string | null;
  readonly notEvaluable: string | null;
}

function run(...args: string[]): Promise<Ended> {
  return withFiles(FILES, (folder) => outcomepay(args, {}, folder));
}

/** What `endpoint` prints for each patient, by 6 months. */
async function values(metric: string, ...flags: string[]): Promise<string[]> {
  const args = ["--source", "source.yaml", "--as-of", "2025-12-31", "--due", "6mo", "--json"];
  const { status: code, stdout: out, stderr: err } = await run("endpoint", metric, ...args, ...flags);
  expect(code, err).to.equal(0);
  const { patients } = JSON.parse(out) as { patients: Row[] };
  return patients.map(({ value, notEvaluable }) => value ?? notEvaluable ?? "");
}

describe("endpoint command, for every metric of a patient on a CSV source", function () {
  this.timeout(60_000);

  for (const [metric, flags, expected] of [
    ["hba1c", [], ["7.00", "unusable-result", "no-result"]],
    ["qaly-gain", ["--value-set", "EQ-5D-5L/Germany@2018"], ["0.0075", "no-result", "no-baseline"]],
    ["complication", ["--grade", "2"], ["1", "0", "unknown-at-due"]],
    ["cost", ["--currency", "EUR"], ["100.10", "other-currency", "unknown-at-due"]],
    ["units", ["--tiers", "2,9"], ["4", "1", "unknown-at-due"]],
    ["duration", ["--allowed-gap", "21d"], ["22", "1", "unknown-at-due"]],
  ] as const) {
    it(`${metric} ${flags.join(" ")}: ${expected.join(", ")}`, async () =>
      expect(await values(metric, ...flags)).to.deep.equal(expected));
  }

  it("says what a metric needs, as a flag", async () => {
    const source = ["--source", "source.yaml", "--as-of", "2025-12-31", "--due", "6mo"];
    const missing = await run("endpoint", "qaly-gain", ...source);
    expect(missing.status).to.equal(2);
    expect(missing.stderr).to.include("qaly-gain needs --value-set: one of EQ-5D-5L/Australia@2023");
    const odd = await run("endpoint", "cost", ...source, "--currency", "euro");
    expect(odd.status).to.equal(2);
    expect(odd.stderr).to.include("--currency: found euro, expected a code such as EUR");
    const tiers = await run("endpoint", "hba1c", ...source, "--tiers", "7.005");
    expect(tiers.status).to.equal(2);
    expect(tiers.stderr).to.include('--tiers: found "7.005"');
  });

  it("evaluates an agreement on all of them at once", async () => {
    const {
      status: code,
      stdout: out,
      stderr: err,
    } = await run(
      ...["evaluate", "--terms", "terms.yaml", "--source", "source.yaml", "--as-of", "2025-12-31", "--json"],
    );
    expect(code, err).to.equal(0);
    const { clauses } = JSON.parse(out) as {
      clauses: { clause: string; due: number; tallies: { patients: number }[]; notEvaluable: Record<string, number> }[];
    };
    const found = clauses.map(({ clause, due, tallies, notEvaluable }) => [
      clause,
      due,
      ...tallies.map(({ patients }) => patients),
      notEvaluable,
    ]);
    expect(found).to.deep.equal([
      ["c-hba1c", 3, 0, 1, { "no-result": 1, "unusable-result": 1 }],
      ["c-qaly-gain", 3, 1, 0, { "no-baseline": 1, "no-result": 1 }],
      ["c-complication", 3, 1, 1, { "unknown-at-due": 1 }],
      ["c-major-illness", 3, 1, 1, { "unknown-at-due": 1 }],
      ["c-cost", 3, 0, 1, { "other-currency": 1, "unknown-at-due": 1 }],
      ["c-units", 3, 1, 1, { "unknown-at-due": 1 }],
      ["c-duration", 3, 1, 1, { "unknown-at-due": 1 }],
      ["c-protein", 3, 0, 1, { "no-result": 2 }],
      ["c-ill-and-dead", 3, 2, 0, { "unknown-at-due": 1 }],
    ]);
  });
});
