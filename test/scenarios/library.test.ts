import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";

import { runStory } from "../../runner/run.ts";
import type { Story } from "../../runner/step.ts";
import { readScenario } from "../../runner/story.ts";
import { createWorld, type World } from "../../runner/world.ts";
import { Reference } from "./reference.ts";

const folder = new URL("../../scenarios/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

function read(name: string): Story {
  const { story, problems } = readScenario(readFileSync(new URL(name, folder), "utf8"));
  expect(problems).to.deep.equal([]);
  if (story === null) throw new Error(`${name} has no story`);
  return story;
}

describe("scenarios", () => {
  let world: World;
  before(async () => (world = await createWorld()));
  after(() => world.close());

  it("are twenty-four or more", () => expect(files).to.have.length.at.least(24));

  for (const file of files) {
    it(`${file} ends as its steps expect, on the chain`, async () => {
      const { failures } = await runStory(world, read(file));
      expect(failures).to.deep.equal([]);
    });

    it(`${file} ends as its steps expect, worked out by hand`, () => {
      const story = read(file);
      const reference = new Reference(story.agreement);
      for (const step of story.steps) {
        expect(reference.play(step), `step ${step.number}`).to.equal(step.fails);
        if (step.type !== "expect") continue;
        const standings = reference.standings();
        for (const what of ["net", "locked", "free"] as const) {
          for (const { party, amount } of step[what]) {
            const found = standings
              .slice(party.first, party.first + party.count)
              .reduce((sum, standing) => sum + standing[what], 0n);
            expect(found, `step ${step.number}: ${what} ${party.text}`).to.equal(amount);
          }
        }
      }
    });
  }
});
