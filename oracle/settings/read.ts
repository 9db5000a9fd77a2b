/** Reads an operator's settings and reports every problem at once. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import type { z } from "zod";

import { rowsOf } from "./rows.ts";
import { settings } from "./table.ts";

/** Files are absolute. */
export type OracleConfig = z.infer<typeof settings>;

/** Every problem of the settings, each with its path, what was found and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Files in it are relative to the file itself. @throws ConfigError */
export function readConfig(path: string): OracleConfig {
  let document: unknown;
  try {
    document = parse(readFileSync(path, "utf8"), { prettyErrors: false });
  } catch (error) {
    throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseConfig(document, dirname(resolve(path)));
}

/** @param base Folder that files are relative to. @throws ConfigError */
export function parseConfig(document: unknown, base: string): OracleConfig {
  const result = settings.safeParse(document);
  if (!result.success) throw new ConfigError(result.error.issues.map((issue) => explain(issue, document)).join("\n"));
  const { rpc, rpcQuorum } = result.data;
  if (rpcQuorum !== undefined && rpcQuorum > rpc.length) {
    throw new ConfigError(`rpcQuorum: found ${rpcQuorum}, expected at most the ${rpc.length} of rpc`);
  }
  return withFiles(result.data, base) as OracleConfig;
}

const ROWS = rowsOf(settings);
const FILES = new Set(ROWS.filter(({ file }) => file === true).map(({ name }) => name));
const HIDDEN = ROWS.filter(({ sensitive }) => sensitive === true).map(({ name }) => name);

/** Memory is no file. */
const MEMORY = ":memory:";

function withFiles(value: unknown, base: string, name = ""): unknown {
  if (typeof value === "string") return FILES.has(name) && value !== MEMORY ? resolve(base, value) : value;
  if (Array.isArray(value)) return value.map((item) => withFiles(item, base, `${name}[]`));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withFiles(item, base, name === "" ? key : `${name}.${key}`)]),
  );
}

function explain(issue: z.core.$ZodIssue, document: unknown): string {
  const path = issue.path.map(String).join(".");
  const name = issue.path.reduce<string>(
    (so, key) => (typeof key === "number" ? `${so}[]` : so === "" ? String(key) : `${so}.${String(key)}`),
    "",
  );
  // What stands there may be a secret, put there by mistake: as a value, or as the name of a key.
  const hidden = HIDDEN.some((above) => name === above || name.startsWith(`${above}.`));
  const where = path === "" ? "(the file)" : path;
  if (issue.code === "unrecognized_keys") {
    const keys = hidden ? "" : ` ${issue.keys.join(", ")}`;
    return `${where}: found unknown keys${keys}, expected ${namesBelow(name).join(", ")}`;
  }
  let found: unknown = document;
  for (const key of issue.path) {
    found = typeof found === "object" && found !== null ? (found as Record<PropertyKey, unknown>)[key] : undefined;
  }
  const shown = found === undefined ? "nothing" : hidden ? "something else" : JSON.stringify(found);
  return `${where}: found ${shown}, expected ${issue.message}`;
}

/** `web3signer` is no row of its own, but what stands below it is. */
function namesBelow(name: string): string[] {
  const start = name === "" ? "" : `${name}.`;
  const below = ROWS.filter((row) => row.name.startsWith(start)).map((row) => row.name.slice(start.length));
  return [...new Set(below.map((rest) => rest.replace(/[.[].*$/, "")))];
}
