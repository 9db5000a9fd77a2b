/**
 * Mutation testing of the endpoints: `npm run mutate:endpoints [-- FILE…]`. Fails under 90 % of mutants killed, and when
 * docs/mutation-endpoints.md leaves a survivor unexplained. A cache in build/stryker spares a second run what has not changed;
 * `--force` runs it all again; `--static` adds the mutants of what runs when a file is loaded, which need a process each.
 */

import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

import { Stryker } from "@stryker-mutator/core";

import { disagreements, nameOf } from "./strykerSurvivors.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENT = "docs/mutation-endpoints.md";
const MUTATED = "oracle/endpoints";
const WORK = "build/stryker";
const FIXTURES = "../shared";

process.chdir(ROOT);
const given = process.argv.slice(2);
const files = given.filter((one) => !one.startsWith("--"));

/** Beside the endpoints' own tests, those that hold them to published data. Tests that start processes are left out. */
const specs = [
  ...globSync("test/oracle/{cohort,endpoints}/*.test.ts").filter((path) => !path.endsWith("/command.test.ts")),
  ...["pfs", "pharmaverse", "rwpfs", "survival-and-response"].map((name) => `test/oracle/${name}.test.ts`),
].sort();

if (!existsSync(FIXTURES)) {
  console.error(
    `no ${FIXTURES}: the tests that need its fixtures would be skipped, and mutants survive that they kill`,
  );
  process.exit(2);
}
// What a test finds in `../shared` it finds there in the copy that Stryker makes, too.
mkdirSync(WORK, { recursive: true });
rmSync(`${WORK}/shared`, { force: true });
symlinkSync(relative(WORK, FIXTURES), `${WORK}/shared`);

const results = await new Stryker({
  mutate: files.length > 0 ? files : [`${MUTATED}/**/*.ts`],
  testRunner: "mocha",
  mochaOptions: { spec: specs },
  coverageAnalysis: "perTest",
  concurrency: 2,
  plugins: ["@stryker-mutator/*", fileURLToPath(new URL("strykerErrorTexts.ts", import.meta.url))],
  ignorers: ["error-texts"],
  // Node runs TypeScript without looking at its types.
  disableTypeChecks: false,
  ignorePatterns: ["artifacts", "bench", "build", "cache", "coverage", "typechain-types"],
  tempDirName: WORK,
  incremental: true,
  incrementalFile: `${WORK}/incremental.json`,
  force: given.includes("--force"),
  ignoreStatic: !given.includes("--static"),
  reporters: ["clear-text", "html", "json", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportMutants: false, reportTests: false },
  htmlReporter: { fileName: `${WORK}/report.html` },
  jsonReporter: { fileName: `${WORK}/report.json` },
  allowConsoleColors: false,
  thresholds: { break: 90 },
  // Beyond one and a half times what the tests take: a busy machine is no endless loop.
  timeoutMS: 15_000,
}).runMutationTest();

/** Names of the mutants that ended in one of these ways. */
const named = (...ends: readonly string[]): string[] =>
  results
    .filter(({ status }) => ends.includes(status))
    .map((mutant) => nameOf(mutant, relative(MUTATED, mutant.fileName), readFileSync(mutant.fileName, "utf8")));
const document = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, "utf8") : "";
const problems = disagreements(named("Survived", "NoCoverage"), named("Timeout"), document);
// A run of some files says nothing of the others.
const told = files.length > 0 ? problems.filter((one) => one.startsWith("not explained")) : problems;
if (told.length > 0) {
  console.error([`${DOCUMENT}:`, ...told.sort()].join("\n"));
  process.exitCode = 1;
}
