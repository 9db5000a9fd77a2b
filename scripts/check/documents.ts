/**
 * Fails when a document, or a part of one, that comes from code is stale, or one that must be complete leaves something
 * out: a metric, a reason, an error. With `--write` it writes what is stale instead.
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
import { errorSections, kindsOfError } from "../docs/errors.ts";
import { refutationGas } from "../docs/refutationGas.ts";
import { withSection } from "../docs/section.ts";

const RULES = "docs/clinical-rules.md";
const ERRORS = "docs/errors.md";
const PROTOCOL = "docs/protocol.md";
const SECURITY = "SECURITY.md";
const problems: string[] = [];

/** By path from the project's root: the document as it should be, from what stands there. */
const documents: Readonly<Record<string, (before: string) => string | Promise<string>>> = {
  [RULES]: withRules,
  [ERRORS]: withErrors,
  "docs/openapi.json": openApiDocument,
  [PROTOCOL]: (before) => withSections(PROTOCOL, before, [["gas of refutations", refutationGas()]], []),
  "docs/settings.md": settingsMarkdown,
  [SECURITY]: (before) => withSections(SECURITY, before, [["access", accessMarkdown()]], []),
};

for (const [path, write] of Object.entries(documents)) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const fresh = await format(await write(before), { ...(await resolveConfig(file)), filepath: file });
  if (process.argv.includes("--write")) writeFileSync(file, fresh);
  else if (fresh !== before) problems.push(`${path} is stale: run \`npm run docs\``);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

function withRules(before: string): string {
  const names = new Set([...BUILT_IN_METRICS, ...REASONS, ...COHORT_REASONS, ...ruleNames()]);
  return withSections(RULES, before, generatedSections(), names);
}

function withErrors(before: string): string {
  return withSections(ERRORS, before, errorSections(), kindsOfError());
}

/** @param names Each must stand in the document. */
function withSections(
  path: string,
  before: string,
  sections: Iterable<readonly [name: string, content: string]>,
  names: Iterable<string>,
): string {
  let fresh = before;
  for (const [name, content] of sections) {
    const next = withSection(fresh, name, content);
    if (next === null) problems.push(`${path} has no section ${name}`);
    fresh = next ?? fresh;
  }
  for (const name of names) if (!fresh.includes(`\`${name}\``)) problems.push(`${path} says nothing of ${name}`);
  return fresh;
}
