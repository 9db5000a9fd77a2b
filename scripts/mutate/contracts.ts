/**
 * Mutation testing of the contracts: small faults are put into a copy of them, one at a time, and some test should fail.
 *
 *     npm run mutate:contracts -- [--sample N] [--seed N] [--only TEXT] [--minutes N] [--budget N] [--again] [--list]
 *
 * Without `--sample` all mutants run, in random order; `--only` keeps those whose `file:line` holds the text, and then
 * prints each; `--list` prints them without running any; `--minutes` stops after that time; `--budget` gives up on a mutant after so many seconds
 * of tests that pass. Results are kept beside the
 * copy, and a run goes on where the last one ended as long as the contracts are the same; `--again` tries the survivors of
 * earlier runs anew, with the tests as they are now.
 *
 * Maintained tools do not fit. Gambit, vertigo-rs, universalmutator and slither-mutate come from PyPI, crates.io or GitHub;
 * none is on npm, from where this project gets all that it needs. SuMo (`@morenabarboni/sumo`, npm) compiles
 * each mutant anew, as they all do: with the IR pipeline that is two minutes for each of three and a half thousand.
 * Here one compilation serves all ("mutant schemata": R. Untch, J. Offutt, M. J. Harrold, ISSTA 1993).
 */

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { makeCopy } from "./contracts/copy.ts";
import type { Mutant } from "./contracts/mutant.ts";
import { summaryOf, told } from "./contracts/summary.ts";
import { generator, sampleOf, shuffled } from "./contracts/sample.ts";
import { AGAIN, type Plan, type Result } from "./contracts/result.ts";

/** Those that measure gas and bytecode, which mutants change, leave themselves out. */
const TESTS = ["test/contracts/*.test.ts", "test/contracts/hostile/*.test.ts"];
/** They reach no mutant; and those of coverage load the compiler, which ends the process when a promise fails unawaited. */
const NOT_TESTS = /\/(mocks|branchCoverage)\.test\.ts$/;

const { values: options } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "20260101" },
    only: { type: "string" },
    minutes: { type: "string" },
    budget: { type: "string" },
    list: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
  },
});

const { folder, mutants } = makeCopy(process.cwd());
console.error(`${mutants.length} mutants in ${folder}`);
const results = join(folder, "results.jsonl");
const chosen = choose();
if (options.list) for (const mutant of chosen) console.log(told(mutant));
else {
  if (options.again) forgetSurvivors();
  run(chosen.map(({ id, first, where }) => ({ id, first, where })));
  report();
}

function choose(): readonly Mutant[] {
  const seed = Number(options.seed);
  const { only } = options;
  const kept = only === undefined ? mutants : mutants.filter(({ file, line }) => `${file}:${line}`.includes(only));
  const random = generator(seed);
  return options.sample === undefined ? shuffled(kept, random) : sampleOf(kept, Number(options.sample), seed);
}

/** Processes one after another, until each mutant has its result. */
function run(chosen: Plan["mutants"]): void {
  const files = TESTS.flatMap((pattern) => globSync(pattern, { cwd: folder }))
    .filter((path) => !NOT_TESTS.test(path))
    .toSorted()
    .map((path) => join(folder, path));
  const plan: Plan = {
    files,
    mutants: chosen,
    reach: join(folder, "reach.json"),
    results,
    deadline: options.minutes === undefined ? null : Date.now() + Number(options.minutes) * 60_000,
    budget: options.budget === undefined ? null : Number(options.budget) * 1000,
  };
  const path = join(folder, "plan.json");
  writeFileSync(path, JSON.stringify(plan));
  let before = -1;
  for (;;) {
    const { status } = spawnSync(process.execPath, ["scripts/mutate/contracts/worker.ts", path], {
      cwd: folder,
      stdio: "inherit",
    });
    if (status === 0) return;
    const count = readResults().size;
    if (status !== AGAIN || count === before) throw new Error("the run of mutants ended with an error");
    before = count;
  }
}

function readResults(): Map<number, Result> {
  const lines = existsSync(results) ? readFileSync(results, "utf8").split("\n") : [];
  return new Map(
    lines
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Result)
      .map((result) => [result.id, result]),
  );
}

function forgetSurvivors(): void {
  const kept = [...readResults().values()].filter(({ status }) => status === "killed" || status === "timeout");
  writeFileSync(results, kept.map((result) => `${JSON.stringify(result)}\n`).join(""));
}

function report(): void {
  const found = readResults();
  console.log(summaryOf(chosen, found));
}
