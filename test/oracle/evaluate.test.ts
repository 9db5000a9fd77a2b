import { expect } from "chai";

import { evaluate } from "../../oracle/evaluate.ts";
import { parseDay } from "../../terms/calendar.ts";
import { agreementOf, patient, recordsOf, SHEET } from "./fixture.ts";

const day = (text: string): number => parseDay(text) ?? 0;
const agreement = agreementOf(SHEET);
const records = recordsOf([
  patient("A", day("2026-01-10"), 183),
  patient("B", day("2026-01-12"), 90),
  patient("C", day("2026-01-11"), null),
  patient("D", day("2026-06-01"), 200),
  patient("E", day("2027-01-01"), 200),
]);

describe("evaluate", () => {
  const found = evaluate(agreement, records, day("2026-08-11"));

  it("counts patients of the cohort by the as-of date", () => {
    expect(found.asOf).to.equal("2026-08-11");
    expect(found.enrolled).to.have.length(1);
    expect(found.enrolled[0]).to.include({ cohort: "2026", patients: 4, indexed: "2026-06-01" });
  });

  it("assesses those that are due, each from her own index day", () => {
    const refund = found.clauses.find(({ clause }) => clause === "refund");
    expect(refund).to.deep.include({
      due: 3,
      tallies: [
        { from: null, patients: 1, sum: "0" },
        { from: "183", patients: 1, sum: "0" },
      ],
      notEvaluable: { "no-adequate-assessment": 1 },
      value: null,
    });
  });

  it("gives a wager's value in the metric's unit once it is due", () => {
    const before = found.clauses.find(({ clause }) => clause === "bonus");
    expect(before).to.include({ due: 0, value: null, root: null });
    const [bonus] = evaluate(agreement, records, day("2028-02-01"), { clauseId: "bonus" }).clauses;
    expect(bonus).to.include({ due: 4, value: "66.6666" });
  });

  it("gives other roots with another secret, and the same with the same", () => {
    const again = evaluate(agreement, records, day("2026-08-11"));
    expect(again).to.deep.equal(found);
    const secret = evaluate(agreement, records, day("2026-08-11"), { secret: new Uint8Array(32).fill(1) });
    expect(secret.enrolled[0]?.root).not.to.equal(found.enrolled[0]?.root);
  });
});
