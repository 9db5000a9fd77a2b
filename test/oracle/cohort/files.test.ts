import { join } from "node:path";

import { expect } from "chai";

import { evaluate } from "../../../oracle/evaluate.ts";
import { openRecords, outcomesOf } from "../../../oracle/records.ts";
import { withFiles } from "../support.ts";
import { AS_OF, agreed, type Asked } from "./wager.ts";

describe("a wager from files", () => {
  it("is evaluated from a registry's CSV", async () => {
    const patients = [
      "id,start,dead,seen",
      "A,2024-02-01,2024-08-01,",
      "B,2024-03-01,,2025-06-01",
      "C,2024-04-01,2025,2024-12-01",
      "D,2024-05-01,,2026-01-01",
      "E,2023-05-01,2023-06-01,",
    ].join("\n");
    const source = `kind: csv
path: .
dates: iso
files:
  patients: { path: p.csv, columns: { patient: id, index: start, death: dead, lastAlive: seen } }
`;
    const agreement = agreed({ metric: "survival", cut: "60%" });
    await withFiles({ "source.yaml": source, "p.csv": patients }, async (folder) => {
      const outcomes = await openRecords(agreement, join(folder, "source.yaml"), AS_OF);
      const found = evaluate(agreement, outcomes, AS_OF);
      expect(found.enrolled[0]).to.include({ patients: 4 });
      // One of four died within the year; C died in 2025, in or after her year: 50% or 75%.
      expect(found.clauses[0]).to.deep.include({ due: 4, value: null, notEvaluable: { "partial-date": 1 } });
      const lower = agreed({ metric: "survival", cut: "40%" });
      const records = outcomes.patients.map((one) => one.record);
      const [sure] = evaluate(lower, outcomesOf(lower, records, []), AS_OF).clauses;
      expect(sure).to.deep.include({ value: "50.0000", notEvaluable: {} });
    });
  });

  it("reads results, costs and statements from a registry's CSV", async () => {
    const source = `kind: csv
path: .
statements: { research-cost: research.yaml }
files:
  patients: { path: p.csv, columns: { patient: id, index: start, lastAlive: seen } }
  labs: { path: l.csv, columns: { patient: id, date: day, code: loinc, value: v, unit: u } }
  costs: { path: c.csv, columns: { patient: id, date: day, amount: a, currency: cur } }
`;
    const files = {
      "source.yaml": source,
      "p.csv": "id,start,seen\nA,2024-02-01,2025-06-01\nB,2024-03-01,2025-06-01\n",
      "l.csv": "id,day,loinc,v,u\nA,2025-01-30,4548-4,6.9,%\nB,2025-03-01,4548-4,53,%\n",
      "c.csv": "id,day,a,cur\nA,2024-06-01,100.01,EUR\nB,2024-06-01,200,EUR\nB,2026-06-01,999,EUR\n",
      "research.yaml": `value: 1200.50\ncurrency: EUR\nstatedBy: Auditor\ndocument: { sha256: "${"ab".repeat(32)}" }\n`,
    };
    const found = await withFiles(files, async (folder) => {
      const asked: Asked[] = [
        { metric: "attainment-rate", endpoint: "metric: hba1c, below: 7.0, minEvaluable: 50%" },
        { metric: "mean-cost", cut: "1" },
        { metric: "research-cost", cut: "1" },
      ];
      const values: (string | null | undefined)[] = [];
      for (const one of asked) {
        const agreement = agreed(one);
        const outcomes = await openRecords(agreement, join(folder, "source.yaml"), AS_OF);
        values.push(evaluate(agreement, outcomes, AS_OF).clauses[0]?.value);
      }
      return values;
    });
    // 53 % is no HbA1c: one of two is evaluable, and reached the target.
    expect(found).to.deep.equal(["50.0000", "150.00", "1200.50"]);
  });
});
