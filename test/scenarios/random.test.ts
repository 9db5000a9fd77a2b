import { expect } from "chai";
import fc from "fast-check";

import { runStory } from "../../runner/run.ts";
import { REFUSALS, type Refusal } from "../../runner/step.ts";
import { readScenario } from "../../runner/story.ts";
import { createWorld, type World } from "../../runner/world.ts";
import { Dice } from "./dice.ts";
import { drawSheet } from "./sheets.ts";
import { drawStory, type DrawnStory } from "./stories.ts";

/** More, for a deep run: STORIES=2000; SEED=… draws others. */
const STORIES = Number(process.env["STORIES"] ?? 40);
const SEED = Number(process.env["SEED"] ?? 20_260_101);
const STEPS = 45;
/** A story takes about half a second. */
const MILLISECONDS_A_STORY = 3_000;

/** A report's sums are added up from values that lie in their tier: a scenario can't tell of others. */
const UNREACHABLE: readonly Refusal[] = ["SumOutsideTier"];

describe("scenarios, drawn at random", () => {
  let world: World;
  const accepted = new Map<string, number>();
  const refused = new Map<string, number>();
  before(async () => (world = await createWorld()));
  after(() => world.close());

  function count({ steps }: DrawnStory): void {
    for (const { action, fails } of steps) {
      const counts = fails === null ? accepted : refused;
      const name = fails ?? (action.type === "settle" ? `settle ${action.target}` : action.type);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }

  it(`${STORIES} end as worked out by hand, step by step`, async function () {
    this.timeout(STORIES * MILLISECONDS_A_STORY);
    const property = fc.asyncProperty(fc.gen(), async (g) => {
      const dice = new Dice((n) => g(evenly, n));
      const sheet = drawSheet(dice);
      const read = readScenario(`scenario: Drawn\nterms:\n${sheet}steps: [{ at: +0d }]\n`);
      if (read.story === null) throw new Error(`${read.problems.map(said).join("\n")}\n${sheet}`);
      const drawn = drawStory(sheet, read.story.agreement, dice, STEPS);
      const { story, problems } = readScenario(drawn.source);
      if (story === null) throw new Error(`${problems.map(said).join("\n")}\n${drawn.source}`);
      const told = story.steps.filter(({ type }) => type !== "expect");
      expect(told).to.deep.equal(
        // Where a step stands in the file is the reader's to tell.
        drawn.steps.map(({ action, fails }, i) => ({ ...action, fails, number: told[i]?.number, line: told[i]?.line })),
      );
      const { failures } = await runStory(world, story);
      if (failures.length > 0) {
        throw new Error(`${failures.map(({ step, message }) => `step ${step}: ${message}`).join("\n")}\n${drawn.source}`);
      }
      count(drawn);
    });
    await fc.assert(property, { numRuns: STORIES, seed: SEED, endOnFailure: process.env["SHRINK"] === undefined });
  });

  it("meet every refusal that a scenario can name, and every call goes through often", () => {
    const missing = REFUSALS.filter((name) => !UNREACHABLE.includes(name) && !refused.has(name));
    expect(missing, "refusals never met").to.deep.equal([]);
    const calls = ["enrol", "report", "settle report", "settle clause", "challenge", "rule", "lapse", "withdraw"];
    const rare = calls.filter((call) => (accepted.get(call) ?? 0) < STORIES / 8);
    expect(rare, "calls that hardly ever went through").to.deep.equal([]);
  });

  after(() => {
    if (process.env["COUNTS"] !== undefined) console.log(accepted, refused);
  });
});

/** Every number below `n` as often as any other. */
const evenly = (n: number): fc.Arbitrary<number> => fc.noBias(fc.nat({ max: n - 1 }));

const said = ({ path, message }: { path: string; message: string }): string => `${path}: ${message}`;
