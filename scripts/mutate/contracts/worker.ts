/**
 * Runs mutants one after the other in one process, inside the copy that holds them. Which tests call a mutated function is
 * recorded once; only they are run, up to the first that fails. The result of each is appended to a file, so
 * that a new process goes on where this one ended: after a test that hung, what it left running could disturb the next.
 */

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

import { AGAIN, type Plan, type Result } from "./result.ts";
import { activate, record, takeReached } from "./switch.ts";
import { loadTests, TimeOut, type TestCase } from "./tests.ts";

interface Reach {
  readonly title: string;
  /** Digest of its file. */
  readonly source: string;
  readonly milliseconds: number;
  /** The first mutants of the functions that it calls. */
  readonly mutants: readonly number[];
}

/** Takes minutes with the switches. */
const TOO_LONG = "Payoff and Book, against the engine in TypeScript agree on 3000 reports, values and locks";

/** Of the tests, how many may fail without a mutant: those that hold gas to a bound, of which the switches take some. */
const UNFIT = 0.05;

/** Tests that a mutant meets whatever its budget. */
const LEAST = 10;

/** Beyond ten times what a test took without a mutant, and this, it hangs. */
const PATIENCE = 15_000;

// Tests that measure gas leave themselves out.
process.env["HARDHAT_COVERAGE"] = "true";
const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Plan;
process.on("unhandledRejection", () => {
  // What a failed test left behind.
});

const tests = new Map(
  (await loadTests(plan.files)).filter(({ title }) => title !== TOO_LONG).map((test) => [test.title, test]),
);
const reach = await readReach();
interface Killer extends Reach {
  readonly test: TestCase;
  readonly reached: ReadonlySet<number>;
  /** Its place in its suite, the quick ones first. */
  readonly rank: number;
  /** What it is called, and its file. */
  readonly text: string;
}

const known = killersOf(reach);
/** Kills of a test in a function, by both. */
const kills = new Map<string, number>();
await warmUp();
const done = new Set(
  existsSync(plan.results)
    ? readFileSync(plan.results, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as Result).id)
    : [],
);
for (const mutant of plan.mutants) {
  if (done.has(mutant.id)) continue;
  if (plan.deadline !== null && Date.now() > plan.deadline) break;
  const result = await judge(mutant);
  appendFileSync(plan.results, `${JSON.stringify(result)}\n`);
  if (result.status === "timeout") process.exit(AGAIN);
}
process.exit(0);

/**
 * Which functions each test calls, unmutated; recorded once, and anew for the tests of a file that changed. One that fails
 * then reaches nothing; with many of those there is nothing to measure.
 */
async function readReach(): Promise<Reach[]> {
  const sources = new Map(plan.files.map((file) => [file, digestOf(file)]));
  const sourceOf = ({ file }: TestCase): string => sources.get(file) ?? "";
  const before = existsSync(plan.reach) ? (JSON.parse(readFileSync(plan.reach, "utf8")) as Reach[]) : [];
  const found = before.filter(({ title, source }) => {
    const test = tests.get(title);
    return test !== undefined && sourceOf(test) === source;
  });
  const recorded = new Set(found.map(({ title }) => title));
  let unfit = 0;
  await record();
  for (const [title, test] of tests) {
    if (recorded.has(title)) continue;
    takeReached();
    const start = performance.now();
    const passes = await test.run(40 * PATIENCE).then(
      () => true,
      (error: unknown) => {
        console.error(`left out, since it fails without a mutant: ${title}: ${String(error)}`);
        unfit += 1;
        return false;
      },
    );
    const milliseconds = Math.round(performance.now() - start);
    const reached = takeReached();
    found.push({ title, source: sourceOf(test), milliseconds, mutants: passes ? reached : [] });
  }
  if (unfit > UNFIT * tests.size) throw new Error(`without a mutant ${unfit} of ${tests.size} tests fail`);
  found.sort((a, b) => a.milliseconds - b.milliseconds);
  writeFileSync(plan.reach, JSON.stringify(found));
  return found;
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
}

/** What tests share is set up unmutated: one quick test of each file does it. */
async function warmUp(): Promise<void> {
  await activate(0);
  const files = new Set<string>();
  for (const { test } of known) {
    if (files.has(test.file)) continue;
    files.add(test.file);
    await test.run(10 * PATIENCE);
  }
}

async function judge({ id, first, where }: Plan["mutants"][number]): Promise<Result> {
  const start = performance.now();
  const killsOf = ({ title }: Killer): number => kills.get(`${first} ${title}`) ?? 0;
  // What killed others in the function comes first, then what has its name; and one of each suite before a second of any.
  const words = wordsOf(where);
  const affinityOf = ({ text }: Killer): number => words.filter((word) => text.includes(word)).length;
  const candidates = known
    .filter(({ reached }) => reached.has(first))
    .sort(
      (a, b) =>
        killsOf(b) - killsOf(a) || affinityOf(b) - affinityOf(a) || a.rank - b.rank || a.milliseconds - b.milliseconds,
    );
  let ran = 0;
  const result = (status: Result["status"], rest: Partial<Result> = {}): Result => ({
    id,
    status,
    tests: candidates.length,
    ran,
    milliseconds: Math.round(performance.now() - start),
    ...rest,
  });
  if (candidates.length === 0) return result("unreached");
  await activate(id);
  for (const candidate of candidates) {
    const { title, test, milliseconds } = candidate;
    if (plan.budget !== null && ran >= LEAST && performance.now() - start > plan.budget) break;
    ran += 1;
    try {
      await test.run(10 * milliseconds + PATIENCE);
    } catch (error) {
      const message = error instanceof Error ? error.message.slice(0, 200) : "a rejection without an error";
      if (error instanceof TimeOut) return result("timeout", { by: title, message });
      // The same test right after, unmutated: had it failed for another reason, it would fail again.
      if (!(await passesUnmutated(test))) process.exit(AGAIN);
      kills.set(`${first} ${title}`, killsOf(candidate) + 1);
      return result("killed", { by: title, message });
    }
  }
  return result("survived");
}

/** The beginnings of the words in a function's name. */
function wordsOf(where: string): string[] {
  return where
    .split(/[^A-Za-z]+|(?=[A-Z])/)
    .filter((word) => word.length > 3)
    .map((word) => word.slice(0, 5).toLowerCase());
}

function killersOf(reach: readonly Reach[]): Killer[] {
  const seen = new Map<string, number>();
  return reach.flatMap((entry) => {
    const test = tests.get(entry.title);
    if (test === undefined || entry.mutants.length === 0) return [];
    const rank = seen.get(test.suite) ?? 0;
    seen.set(test.suite, rank + 1);
    return [
      {
        ...entry,
        test,
        reached: new Set(entry.mutants),
        rank,
        text: `${test.title} ${basename(test.file)}`.toLowerCase(),
      },
    ];
  });
}

async function passesUnmutated(test: TestCase): Promise<boolean> {
  await activate(0);
  return test.run(10 * PATIENCE).then(
    () => true,
    () => false,
  );
}
