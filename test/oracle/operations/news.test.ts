import { expect } from "chai";

import { newsOf } from "../../../oracle/operations/news.ts";
import { eventAt } from "../../../oracle/pass/event.ts";

const waits = (detail: string) => eventAt("report", { clause: 1, cohort: 0, number: 1 }, { result: "waiting", detail });

describe("what a pass says", () => {
  it("is news unless the pass before said it, and again after a pass that did not", () => {
    const news = newsOf();
    const told = (...details: string[]): boolean[] => news(details.map(waits)).map(({ isNew }) => isNew);
    expect(told("held back")).to.deep.equal([true]);
    expect(told("held back", "2 of 3")).to.deep.equal([false, true]);
    expect(told("2 of 3")).to.deep.equal([false]);
    expect(told("held back")).to.deep.equal([true]);
  });
});
