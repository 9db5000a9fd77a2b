/**
 * Proves the claims of `test/proofs` with z3, and fails when one does not hold, or when `docs/proofs.md` does not say what
 * was found. With `--write` it writes that page instead.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { format, resolveConfig } from "prettier";

import { proofsMarkdown, resultOf } from "./prove/document.ts";
import { GAPS } from "./prove/gaps.ts";
import { prove } from "./prove/modelChecker.ts";
import { source, SPECIFICATIONS } from "./prove/specifications.ts";
import { z3Version } from "./prove/z3.ts";

const PAGE = "docs/proofs.md";

const problems: string[] = [];
if (z3Version() === null) {
  console.error("there is no z3: on Debian, `apt-get install z3`");
  process.exit(2);
}
const findings = (await Promise.all(SPECIFICATIONS.map((path) => prove(path, source)))).flat();
for (const finding of findings) {
  const result = resultOf(finding);
  console.log(`${result}: ${finding.contract}.${finding.name}, ${finding.checks} checks`);
  if (result !== "proved") {
    problems.push(`${finding.name} is ${result}`, ...finding.refuted, ...finding.unproved);
  }
}
for (const path of GAPS.flatMap(({ coveredBy }) => coveredBy)) {
  if (!existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url))))
    problems.push(`${path} covers a gap and is gone`);
}

const file = fileURLToPath(new URL(`../${PAGE}`, import.meta.url));
const before = existsSync(file) ? readFileSync(file, "utf8") : "";
const fresh = await format(proofsMarkdown(findings), { ...(await resolveConfig(file)), filepath: file });
if (process.argv.includes("--write")) writeFileSync(file, fresh);
else if (fresh !== before) problems.push(`${PAGE} is stale: run \`npm run prove -- --write\``);

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}
