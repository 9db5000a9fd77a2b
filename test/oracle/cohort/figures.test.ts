import { expect } from "chai";

import type { Cost, Statement } from "../../../oracle/record.ts";
import { clausesWithoutRule } from "../../../oracle/records.ts";
import { parseDecimal } from "../../../terms/decimal.ts";
import { T0, agreed, people, person, stated, text, value, wager, type Asked } from "./wager.ts";

describe("mean cost", () => {
  const ask: Asked = { metric: "mean-cost", cut: "100" };
  const cost = (amount: string, days = 10, more: Partial<Cost> = {}): Cost => ({
    date: { first: T0 + days, last: T0 + days },
    codes: [],
    amount: parseDecimal(amount) ?? { digits: 0n, scale: 0 },
    currency: "EUR",
    id: `c${days}`,
    ...more,
  });

  it("is the exact mean over patients of the costs by the due date, rounded half to even once", () => {
    const records = [
      person({ alive: 400 }, { costs: [cost("10.01"), cost("90", 366)] }),
      person({ alive: 400 }, { costs: [cost("10"), cost("0.02", 365)] }),
    ];
    expect(value(ask, records)).to.equal("1002");
    expect(wager(ask, records).values).to.deep.equal(["1001", "1002"]);
  });

  it("is over the patients whose cost is known, when these are enough", () => {
    const known = people(4, { alive: 400 }, { costs: [cost("50")] });
    const foreign = person({ alive: 400 }, { costs: [cost("50", 10, { currency: "USD" })] });
    expect(value(ask, [...known, foreign])).to.equal("5000");
    expect(value({ ...ask, missing: 1 }, [...known, foreign])).to.equal("too-few-evaluable");
    expect(value(ask, [])).to.equal("no-patients");
  });

  it("is the stated one when there is a statement", () => {
    const found = wager({ ...ask, statements: [stated("mean-cost", "123.45")] }, [person({ alive: 400 })]);
    expect(text(found.outcome)).to.equal("12345");
    expect(found.evidence).to.deep.equal([`statement/mean-cost sha256:${"ab".repeat(32)}`]);
    expect(found.values).to.deep.equal(["none"]);
  });
});

describe("stated figures", () => {
  const ask: Asked = { metric: "research-cost", cut: "100" };

  it("are passed on with their document as evidence", () => {
    const found = wager({ ...ask, statements: [stated("research-cost", "1000.5"), stated("other", "1")] }, []);
    expect(text(found.outcome)).to.equal("100050");
    expect(found.evidence).to.have.length(1);
    expect(
      value({ ...ask, metric: "procurement-saving", statements: [stated("procurement-saving", "-2")] }, []),
    ).to.equal("-200");
  });

  it("count for their cohort alone", () => {
    const ours = stated("research-cost", "1", { cohort: "a" });
    const theirs = stated("research-cost", "2", { cohort: "b" });
    expect(value({ ...ask, statements: [theirs, ours] }, [])).to.equal("100");
    expect(value({ ...ask, statements: [theirs] }, [])).to.equal("no-statement");
  });

  it("are never chosen between, nor rounded", () => {
    const both = [stated("research-cost", "1"), stated("research-cost", "1", { cohort: "a", id: "other" })];
    expect(value({ ...ask, statements: both }, [])).to.equal("several-statements");
    expect(value({ ...ask, statements: [stated("research-cost", "1.005")] }, [])).to.equal("inexact-statement");
  });

  it("are never converted", () => {
    const inCurrency = (currency: string): string =>
      value({ ...ask, statements: [stated("research-cost", "1", { currency })] }, []);
    expect(inCurrency("EUR")).to.equal("100");
    expect(inCurrency("USD")).to.equal("unit-differs");
    const metrics = `share: { of: cohort, percent: true, definition: "x", statement: share }`;
    const inUnit = (more: Partial<Statement>): string =>
      value({ metric: "share", metrics, cut: "1%", statements: [stated("share", "12.5", more)] }, []);
    expect(inUnit({ unit: "%" })).to.equal("125000");
    expect(inUnit({ unit: "promille" })).to.equal("unit-differs");
    expect(inUnit({ currency: "EUR" })).to.equal("unit-differs");
  });
});

describe("metrics of the agreement's own, of a cohort", () => {
  const money = (name: string): string => `${name}: { of: cohort, money: true, definition: "x", statement: ${name} }`;

  it("are stated, or differences of what is", () => {
    const metrics = `${money("before")}, ${money("after")}, saved: { of: cohort, money: true, definition: "x", difference: [before, after] }`;
    const ask: Asked = { metric: "saved", metrics, cut: "1" };
    const statements = [stated("before", "10"), stated("after", "12.5")];
    const found = wager({ ...ask, statements }, []);
    expect(text(found.outcome)).to.equal("-250");
    expect(found.evidence).to.have.length(2);
    expect(value({ ...ask, statements: [stated("before", "10")] }, [])).to.equal("no-statement");
  });

  it("need the values themselves, not their tier, for a difference of rates", () => {
    const metrics = `target: { of: cohort, percent: true, definition: "x", statement: target }, gap: { of: cohort, percent: true, definition: "x", difference: [survival, target] }`;
    const ask: Asked = { metric: "gap", metrics, cut: "0%", statements: [stated("target", "80")] };
    const sure = [person({ death: [300, 365] }), ...people(9, { alive: 400 })];
    expect(value(ask, sure)).to.equal("100000");
    const open = [person({ death: [300, 400] }), ...people(9, { alive: 400 })];
    expect(value(ask, open)).to.equal("partial-date");
    expect(wager(ask, sure).values[0]).to.equal("731");
  });

  it("are worth nothing where a condition is not met", () => {
    const metrics = `met: { of: cohort, definition: "x", statement: met }, ${money("bonus")}, paid: { of: cohort, money: true, definition: "x", value: bonus, when: met }`;
    const ask: Asked = { metric: "paid", metrics, cut: "1" };
    expect(value({ ...ask, statements: [stated("bonus", "10"), stated("met", "1")] }, [])).to.equal("1000");
    expect(value({ ...ask, statements: [stated("bonus", "10"), stated("met", "0")] }, [])).to.equal("0");
    expect(value({ ...ask, statements: [stated("bonus", "10")] }, [])).to.equal("no-statement");
    expect(value({ ...ask, statements: [stated("bonus", "10"), stated("met", "2")] }, [])).to.equal("not-0-or-1");
  });

  it("have no rule without a source that can be computed for a cohort", () => {
    const missing = (metrics: string): string[] =>
      clausesWithoutRule(
        agreed({ metric: "own", metrics: `own: { of: cohort, definition: "x"${metrics} }`, cut: "1" }),
      ).map(({ id }) => id);
    expect(missing("")).to.deep.equal(["w"]);
    expect(missing(", rule: local@1")).to.deep.equal(["w"]);
    expect(missing(", statement: s")).to.deep.equal([]);
    expect(clausesWithoutRule(agreed({ metric: "survival", cut: "80%" }))).to.deep.equal([]);
  });
});
