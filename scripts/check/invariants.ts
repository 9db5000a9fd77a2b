/**
 * The invariants' long campaign, in two processes: fails when one of them does, when the agreements had fewer than a million
 * calls in all, or when a function of theirs went through fewer than ten thousand times. `test/invariant/README.md` says what
 * holds.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CALLS = 1_000_000;
const SUCCESSES = 10_000;
const PROCESSES = 2;

const root = fileURLToPath(new URL("../..", import.meta.url));
const counts = new URL("../../cache/invariant-calls.csv", import.meta.url);

/** Names of the functions, in the order in which their successes are written. */
function countedFunctions(): string[] {
  const source = readFileSync(new URL("../../test/invariant/Counted.sol", import.meta.url), "utf8");
  return [...source.matchAll(/\(names\[\d+\], s\[\d+\]\) = \("(\w+)"/g)].map(([, name = ""]) => name);
}

async function campaign(): Promise<boolean> {
  const hardhat = ["--no-typechain", "test", "solidity", "--no-compile", "--test-profile", "deep"];
  // SOLIDITY_SEED=0x… with the command below repeats a run.
  const env = { ...process.env, SOLIDITY_SEED: `0x${randomBytes(32).toString("hex")}` };
  console.log(`SOLIDITY_SEED=${env.SOLIDITY_SEED}`);
  const child = spawn("hardhat", [...hardhat, "test/invariant/Agreement.t.sol"], { cwd: root, env, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}

rmSync(counts, { force: true });
const passed = await Promise.all(Array.from({ length: PROCESSES }, campaign));

// The runner repeats its last run for the report: its line comes twice.
const runs = [...new Set(readFileSync(counts, "utf8").trim().split("\n"))].map((line) => line.split(",").map(Number));
const names = ["calls", ...countedFunctions()];
const totals = names.map((name, i) => ({
  name,
  times: runs.reduce((sum, run) => sum + (run[i] ?? NaN), 0),
  atLeast: i === 0 ? CALLS : SUCCESSES,
}));
console.log(`${runs.length} runs; calls, and how often each function went through:`);
for (const { name, times } of totals) console.log(`${name.padEnd(20)} ${times.toLocaleString("en").padStart(10)}`);
const short = totals.filter(({ times, atLeast }) => !(times >= atLeast));
for (const { name, times, atLeast } of short) console.error(`${name}: found ${times}, expected at least ${atLeast}`);
if (short.length > 0 || passed.includes(false)) process.exitCode = 1;
