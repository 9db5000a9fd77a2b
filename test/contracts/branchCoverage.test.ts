import { expect } from "chai";

import { instrumentBranches } from "../../scripts/branches/instrument.ts";
import { readLines, type Coverage } from "../../scripts/branches/measure.ts";
import { coverageReport } from "../../scripts/branches/report.ts";

const source = (statement: string) => `contract C {
    // Bytes and characters differ: β
    function f(uint256 a, bool b) external pure returns (uint256 r) {
        ${statement}
    }
}
`;

const file = (missedLines: number, missedOutcomes: number): Coverage => ({
  path: "contracts/C.sol",
  lines: 100,
  missedLines: Array.from({ length: missedLines }, (_, i) => i + 1),
  outcomes: 100,
  missedOutcomes: Array.from({ length: missedOutcomes }, () => ({ line: 7, condition: "a > b", never: true })),
});

describe("Branch coverage", () => {
  for (const [statement, conditions] of [
    ["if (a > 1) r = 2;", ["a > 1"]],
    ["if (a > 1 && (b || a == 0)) r = 2;", ["a > 1", "b", "a == 0"]],
    ["r = !b ? 1 : 2;", ["!b"]],
    ["while (a < 5) ++a;", ["a < 5"]],
    ["for (uint256 i = 0; i < a; ++i) r += i;", ["i < a"]],
    ["b = a > 1 || b;", ["a > 1", "b"]],
    ["r = a + 1;", []],
  ] as const) {
    it(`given ${statement}, when it is instrumented, then ${conditions.length} conditions tell where they go`, () => {
      const text = source(statement);
      const { text: instrumented, branches } = instrumentBranches("C.sol", text, text);
      expect(branches.map(({ condition }) => condition)).to.deep.equal(conditions);
      for (const { line, condition, whenTrue, whenFalse } of branches) {
        expect(line).to.equal(4);
        expect(instrumented).to.include(`_taken(${condition}, 0x${whenTrue}, 0x${whenFalse})`);
        expect(whenTrue).to.not.equal(whenFalse);
      }
      expect(instrumented.includes("function _taken")).to.equal(conditions.length > 0);
    });
  }

  it("given instrumented code with another number of conditions, when it is read, then it is refused", () => {
    expect(() => instrumentBranches("C.sol", source("if (b) r = 1;"), source("r = 1;"))).to.throw(
      "number of conditions",
    );
  });

  it("given a tracefile, when it is read, then each line of each file has its count", () => {
    const lines = readLines(
      "TN:\nSF:a.sol\nDA:3,1\nDA:4,0\nLH:1\nLF:2\nend_of_record\nSF:b.sol\nDA:1,7\nend_of_record\n",
    );
    expect([...lines].map(([path, counts]) => [path, [...counts]])).to.deep.equal([
      [
        "a.sol",
        [
          [3, 1],
          [4, 0],
        ],
      ],
      ["b.sol", [[1, 7]]],
    ]);
  });

  it("given 95 per cent of lines and of outcomes, when they are reported, then that is enough", () => {
    expect(coverageReport([file(5, 5)]).problems).to.deep.equal([]);
  });

  it("given fewer, when they are reported, then each lies under the floor, and every gap is named", () => {
    const { text, problems } = coverageReport([file(6, 6)]);
    expect(problems).to.deep.equal(["lines: 94.00 %, the floor is 95 %", "branches: 94.00 %, the floor is 95 %"]);
    expect(text).to.include("contracts/C.sol:6 never ran").and.to.include("contracts/C.sol:7 never true: a > b");
  });

  it("given nothing that was measured, when it is reported, then that is a problem", () => {
    expect(coverageReport([]).problems).to.deep.equal(["no contract was measured"]);
  });
});
