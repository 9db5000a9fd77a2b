import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { readScenario } from "../../runner/story.ts";
import { renderText } from "../../terms/explain/text.ts";
import { explain } from "../../terms/explain.ts";
import { readTerms } from "../../terms/read.ts";
import { SHEET } from "./sheet.ts";

const folder = new URL("../../scenarios/", import.meta.url);
const sources = [SHEET, ...readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"))];

/** What people and programs get wrong: characters, words of the grammar, and values of another kind. */
const pieces = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom(
    "~",
    "null",
    "[]",
    "{}",
    "-1",
    "1e9",
    "0x1",
    "50%",
    "-0",
    "payer",
    "enrolment",
    "*a",
    "&a",
    "!!map",
    "<<",
    "__proto__",
    "constructor",
    "\n",
    "\t",
    ": ",
    "- ",
    "{ ",
    "]",
  ),
);

interface Edit {
  readonly at: number;
  readonly drop: number;
  readonly piece: string;
}

const edited = fc
  .record({
    source: fc.constantFrom(...sources),
    edits: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(6), piece: pieces }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ source, edits }) =>
    edits.reduce((text, { at, drop, piece }: Edit) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + piece + text.slice(start + drop);
    }, source),
  );

describe("terms/read on files that went wrong", function () {
  this.timeout(60_000);

  it("answers with an agreement or with problems of one line each, and never throws", () => {
    fc.assert(
      fc.property(edited, (source) => {
        const { agreement, problems } = readTerms(source);
        expect(agreement === null).to.equal(problems.length > 0);
        for (const { message, path } of problems) {
          // eslint-disable-next-line no-control-regex -- what must not reach a terminal
          expect(message + path).not.to.match(/[\u0000-\u001f]/);
          expect(message.length + path.length).to.be.lessThan(1_500);
        }
        if (agreement !== null) expect(renderText(explain(agreement))).to.contain("What is paid");
      }),
      { numRuns: 500 },
    );
  });

  it("does the same for a story", () => {
    fc.assert(
      fc.property(edited, (source) => {
        const { story, problems } = readScenario(source);
        expect(story === null).to.equal(problems.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});
