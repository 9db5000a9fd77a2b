/** Sources: one YAML file says where the records are and how to read them. Every problem is reported with its path. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { csv } from "./csv/config.ts";
import { fhirFiles } from "./fhir/config.ts";
import { fhirServer } from "./server/config.ts";
import { SourceError } from "./shared.ts";

export { SourceError } from "./shared.ts";

const config = z.discriminatedUnion("kind", [csv, fhirFiles, fhirServer]);

export type SourceConfig = z.infer<typeof config>;

/** A validated source; relative paths in it are relative to `base`. */
export interface Source {
  readonly config: SourceConfig;
  readonly base: string;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  // A user and password in a URL, put there by mistake.
  const shown = JSON.stringify(value).replace(/\/\/[^/@"\s]*@/g, "//…@");
  return shown.length > 60 ? `${shown.slice(0, 57)}…` : shown;
}

/** One problem of a document: its path, what was found and what was expected. */
export function explain(issue: z.core.$ZodIssue, document: unknown): string {
  let found: unknown = document;
  for (const key of issue.path)
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  const path = issue.path.length === 0 ? "the document" : issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return `${path}: found unknown ${issue.keys.join(", ")}, expected only known keys`;
  const expected = issue.message.replace(/^Invalid input: /, "").replace(/, received .*$/, "");
  // What stands where a secret's place should be may be the secret itself.
  const hidden = issue.path[0] === "auth" && issue.path.length > 1 && found !== undefined && issue.path[1] !== "type";
  return `${path}: found ${hidden ? "something else" : show(found)}, ${expected.startsWith("expected") ? expected : `expected ${expected}`}`;
}

/**
 * Validates a source that has been read already. Scalars are text.
 * @throws SourceError naming every problem
 */
export function parseSource(document: unknown, base: string, name = "source"): Source {
  const result = config.safeParse(document);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${name}: ${explain(issue, document)}`);
    throw new SourceError(problems.join("\n"));
  }
  return { config: result.data, base };
}

/**
 * Reads and validates a source file. Numbers, dates and `NA` stay the text that was written.
 * @throws SourceError when it can't be read or is not valid
 */
export function readSource(file: string): Source {
  return parseSource(readYaml(file), dirname(resolve(file)), file);
}

/**
 * Reads a YAML file whose scalars stay text.
 * @throws SourceError when it can't be read or is no YAML
 */
export function readYaml(file: string, name = file): unknown {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    throw new SourceError(`${name}: can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return parse(content, { schema: "failsafe", prettyErrors: true });
  } catch (error) {
    throw new SourceError(`${name}: no valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
