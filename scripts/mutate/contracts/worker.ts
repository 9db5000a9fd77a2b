/**
 * Runs mutants one after the other in one process, inside the copy that holds them. Which tests call a mutated function is
 * recorded once; only they are run, up to the first that fails. The result of each is appended to a file, so
 * that a new process goes on where this one ended: after a test that hung, what it left running could disturb the next.
 */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

import { AGAIN, type Plan, type Result } from "./result.ts";
import { activate, record, takeReached } from "./switch.ts";
import { loadTests, TimeOut, type TestCase } from "./tests.ts";

interface Reach {
  readonly title: string;
  readonly milliseconds: number;
  /** The first mutants of the functions that it calls. */
  readonly mutants: readonly number[];
}

/** Tests that can't be killers: the switches cost gas that four of them count, and the last takes minutes with them. */
const LEFT_OUT = [
  "A token that returns a flood of data, settles at a bounded cost",
  "A token that reverts with a flood of data, settles at a bounded cost",
  "A token that eats gas on a payout can't stop a settlement: the other side is paid",
  "A token that eats gas on a payout can't be helped by who sends the call with little gas: that is refused",
  "Payoff and Book, against the engine in TypeScript agree on 3000 reports, values and locks",
];

/** Beyond ten times what a test took without a mutant, and this, it hangs. */
const PATIENCE = 15_000;

// Tests that measure gas leave themselves out.
process.env["HARDHAT_COVERAGE"] = "true";
const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Plan;
process.on("unhandledRejection", () => {
  // What a failed test left behind.
});

const tests = new Map(
  (await loadTests(plan.files)).filter(({ title }) => !LEFT_OUT.includes(title)).map((test) => [test.title, test]),
);
const reach = existsSync(plan.reach) ? (JSON.parse(readFileSync(plan.reach, "utf8")) as Reach[]) : await recordReach();
interface Killer extends Reach {
  readonly test: TestCase;
  readonly reached: ReadonlySet<number>;
  /** Its place in its suite, the quick ones first. */
  readonly rank: number;
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
for (const { id, first } of plan.mutants) {
  if (done.has(id)) continue;
  if (plan.deadline !== null && Date.now() > plan.deadline) break;
  const result = await judge(id, first);
  appendFileSync(plan.results, `${JSON.stringify(result)}\n`);
  if (result.status === "timeout") process.exit(AGAIN);
}
process.exit(0);

/** Every test once, unmutated: which functions each calls. Without a clean baseline there is nothing to measure. */
async function recordReach(): Promise<Reach[]> {
  const found: Reach[] = [];
  const failures: string[] = [];
  await record();
  for (const [title, test] of tests) {
    takeReached();
    const start = performance.now();
    await test.run(40 * PATIENCE).catch((error: unknown) => failures.push(`${title}: ${String(error)}`));
    found.push({ title, milliseconds: Math.round(performance.now() - start), mutants: takeReached() });
  }
  if (failures.length > 0) throw new Error(`without a mutant these fail:\n${failures.join("\n")}`);
  found.sort((a, b) => a.milliseconds - b.milliseconds);
  writeFileSync(plan.reach, JSON.stringify(found));
  return found;
}

/** What tests share is set up unmutated: one quick test of each suite does it. */
async function warmUp(): Promise<void> {
  await activate(0);
  const suites = new Set<string>();
  for (const { test } of known) {
    if (suites.has(test.suite)) continue;
    suites.add(test.suite);
    await test.run(10 * PATIENCE);
  }
}

async function judge(id: number, first: number): Promise<Result> {
  const start = performance.now();
  const killsOf = ({ title }: Killer): number => kills.get(`${first} ${title}`) ?? 0;
  // What killed others in the function comes first; then one of each suite, before a second of any.
  const candidates = known
    .filter(({ reached }) => reached.has(first))
    .sort((a, b) => killsOf(b) - killsOf(a) || a.rank - b.rank || a.milliseconds - b.milliseconds);
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
    if (plan.budget !== null && performance.now() - start > plan.budget) break;
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

function killersOf(reach: readonly Reach[]): Killer[] {
  const seen = new Map<string, number>();
  return reach.flatMap((entry) => {
    const test = tests.get(entry.title);
    if (test === undefined) return [];
    const rank = seen.get(test.suite) ?? 0;
    seen.set(test.suite, rank + 1);
    return [{ ...entry, test, reached: new Set(entry.mutants), rank }];
  });
}

async function passesUnmutated(test: TestCase): Promise<boolean> {
  await activate(0);
  return test.run(10 * PATIENCE).then(
    () => true,
    () => false,
  );
}
