/**
 * Fails when a part of a document that comes from code is stale, or the clinical rules leave out a metric or a reason.
 * With `--write` it writes what is stale instead.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { format, resolveConfig } from "prettier";

import { COHORT_REASONS } from "../../oracle/endpoints/cohort.ts";
import { REASONS } from "../../oracle/endpoints/endpoint.ts";
import { ruleNames } from "../../oracle/endpoints/rules.ts";
import { BUILT_IN_METRICS } from "../../terms/metrics.ts";
import { generatedSections } from "../docs/clinicalRules.ts";
import { withSection } from "../docs/section.ts";

const DOCUMENT = fileURLToPath(new URL("../../docs/clinical-rules.md", import.meta.url));

const before = readFileSync(DOCUMENT, "utf8");
const problems: string[] = [];
let fresh = before;
for (const [name, content] of generatedSections()) {
  const next = withSection(fresh, name, content);
  if (next === null) problems.push(`docs/clinical-rules.md has no section ${name}`);
  fresh = next ?? fresh;
}
fresh = await format(fresh, { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT });
if (process.argv.includes("--write")) writeFileSync(DOCUMENT, fresh);
else if (fresh !== before)
  problems.push("docs/clinical-rules.md is stale: run `npx tsx scripts/check/documents.ts --write`");

for (const name of new Set([...BUILT_IN_METRICS, ...REASONS, ...COHORT_REASONS, ...ruleNames()])) {
  if (!fresh.includes(`\`${name}\``)) problems.push(`docs/clinical-rules.md says nothing of ${name}`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}
