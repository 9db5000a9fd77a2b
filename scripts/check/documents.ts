/**
 * Fails when a document, or a part of one, that comes from code is stale, or the clinical rules leave out a metric or a
 * reason. With `--write` it writes what is stale instead.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { format, resolveConfig } from "prettier";

import { accessMarkdown } from "../../oracle/api/access.ts";
import { openApiDocument } from "../../oracle/api/openapi.ts";
import { COHORT_REASONS } from "../../oracle/endpoints/cohort.ts";
import { REASONS } from "../../oracle/endpoints/endpoint.ts";
import { ruleNames } from "../../oracle/endpoints/rules.ts";
import { settingsMarkdown } from "../../oracle/settings/markdown.ts";
import { BUILT_IN_METRICS } from "../../terms/metrics.ts";
import { generatedSections } from "../docs/clinicalRules.ts";
import { refutationGas } from "../docs/refutationGas.ts";
import { withSection } from "../docs/section.ts";

const RULES = "docs/clinical-rules.md";
const PROTOCOL = "docs/protocol.md";
const GAS = "gas of refutations";
const problems: string[] = [];

/** By path from the project's root: the document as it should be, from what stands there. */
const documents: Readonly<Record<string, (before: string) => string | Promise<string>>> = {
  [RULES]: withRules,
  "docs/openapi.json": openApiDocument,
  [PROTOCOL]: withGas,
  "docs/settings.md": settingsMarkdown,
  "docs/who-sees-what.md": accessMarkdown,
};

for (const [path, write] of Object.entries(documents)) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const fresh = await format(await write(before), { ...(await resolveConfig(file)), filepath: file });
  if (process.argv.includes("--write")) writeFileSync(file, fresh);
  else if (fresh !== before) problems.push(`${path} is stale: run \`npx tsx scripts/check/documents.ts --write\``);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

function withRules(before: string): string {
  let fresh = before;
  for (const [name, content] of generatedSections()) {
    const next = withSection(fresh, name, content);
    if (next === null) problems.push(`${RULES} has no section ${name}`);
    fresh = next ?? fresh;
  }
  for (const name of new Set([...BUILT_IN_METRICS, ...REASONS, ...COHORT_REASONS, ...ruleNames()])) {
    if (!fresh.includes(`\`${name}\``)) problems.push(`${RULES} says nothing of ${name}`);
  }
  return fresh;
}

function withGas(before: string): string {
  const fresh = withSection(before, GAS, refutationGas());
  if (fresh === null) problems.push(`${PROTOCOL} has no section ${GAS}`);
  return fresh ?? before;
}
