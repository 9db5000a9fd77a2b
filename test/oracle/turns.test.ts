import { expect } from "chai";

import type { Place } from "../../oracle/report/messages.ts";
import { rankFor, Turns } from "../../oracle/turns.ts";

const place = (number: number): Place => ({ kind: "enrolment", clause: null, cohort: 0, number });
const operators = ["0xC", "0xA", "0xB"];

describe("turns", () => {
  it("give every operator another rank, and the first rank to another with every number", () => {
    for (const number of [1, 2, 3]) {
      expect(operators.map((own) => rankFor(place(number), own, operators)).sort()).to.deep.equal([0, 1, 2]);
    }
    const firsts = [1, 2, 3].map((number) => operators.find((own) => rankFor(place(number), own, operators) === 0));
    expect(new Set(firsts).size).to.equal(3);
  });

  it("put somebody who is no member last", () => {
    expect(rankFor(place(1), "0xD", operators)).to.equal(3);
  });

  it("let the second wait as many passes as it was told to", () => {
    const second = operators.find((own) => rankFor(place(1), own, operators) === 1) ?? "";
    const turns = new Turns(2);
    const passes = [1, 2, 3].map(() => turns.isMine(place(1), second, operators));
    expect(passes).to.deep.equal([false, false, true]);
  });
});
