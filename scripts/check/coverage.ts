/**
 * Runs the contracts' tests on instrumented contracts and fails when they reach less than 95 % of the lines, or of the
 * outcomes of conditions: each condition of an `if`, a loop, a ternary, `&&` or `||` is to be true once and false once.
 * `catch` has no condition and is measured by its lines. Mocks are not measured.
 *
 * It works on a copy of the project, because TypeChain's types carry the bytecode that tests deploy: in place, they and the
 * artifacts would stay instrumented. Arguments replace the test files that run.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { readCoverage } from "../branches/measure.ts";
import { coverageReport } from "../branches/report.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COPY = join(ROOT, "build", "coverage");
const RESULT = join(ROOT, "coverage");

rmSync(COPY, { recursive: true, force: true });
rmSync(RESULT, { recursive: true, force: true });
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
for (const file of listed.toString().split("\0")) {
  // Solidity's own tests are not run here, and take longest to compile. A file that was removed and not committed yet is
  // still listed.
  if (file === "" || /^test\/.*\.sol$/.test(file) || !existsSync(join(ROOT, file))) continue;
  mkdirSync(dirname(join(COPY, file)), { recursive: true });
  cpSync(join(ROOT, file), join(COPY, file));
}
symlinkSync(join(ROOT, "node_modules"), join(COPY, "node_modules"));

const files = process.argv.slice(2);
const tests =
  files.length > 0 ? files : globSync("test/{contracts,contracts/hostile,adapters}/*.test.ts", { cwd: COPY }).sort();
const hardhat = join(ROOT, "node_modules", ".bin", "hardhat");
const run = spawnSync(hardhat, ["test", "mocha", "--coverage", ...tests], { cwd: COPY, stdio: "inherit" });

if (!existsSync(join(COPY, "coverage", "lcov.info"))) {
  console.error("nothing was measured");
  process.exit(1);
}
cpSync(join(COPY, "coverage"), RESULT, { recursive: true });
const { text, problems } = coverageReport(readCoverage(RESULT));
console.log(text);
for (const problem of problems) console.error(problem);
if (run.status !== 0) console.error("the tests failed");
process.exitCode = run.status !== 0 || problems.length > 0 ? 1 : 0;
