/** Settings of one operator's process: one table from which come validation and the file's errors. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { getAddress, isAddress, parseUnits } from "ethers";
import { parse } from "yaml";
import { z } from "zod";

import { durationDays } from "../terms/calendar.ts";
import { isPostgres } from "./store/location.ts";

const address = z
  .string({ error: "an address" })
  .refine((text) => isAddress(text), { error: "an address" })
  .transform((text) => getAddress(text));
const file = z.string({ error: "a file" }).min(1, { error: "a file" });
/** Null: none. */
const fileOrNone = z.union([z.literal("none").transform(() => null), file], { error: "a file, or none" });
const url = z.url({ protocol: /^https?$/, error: "an http or https URL" });
const whole = (lowest: number, highest: number, unit: string) =>
  z
    .int({ error: `a whole number of ${unit}` })
    .min(lowest, { error: `${lowest} or more ${unit}` })
    .max(highest, {
      error: `at most ${highest} ${unit}`,
    });

/** Becomes wei. */
const gwei = z
  .union([z.number(), z.string()], { error: "an amount of gwei" })
  .transform(String)
  .refine((text) => /^\d{1,18}(\.\d{1,9})?$/.test(text), { error: "an amount of gwei with at most 9 decimals" })
  .transform((text) => parseUnits(text, "gwei"));
/** Days; null: never. */
const lapse = z
  .string({ error: "a duration such as 14d, or never" })
  .transform((text) => (text === "never" ? null : (durationDays(text) ?? undefined)))
  .refine((days): days is number | null => days !== undefined, { error: "a duration such as 14d, or never" });

const settings = z.strictObject({
  key: z
    .union([
      z.strictObject({ env: z.string().min(1) }),
      z.strictObject({ keystore: file, passwordEnv: z.string().min(1) }),
    ])
    .describe("the operator's key: the environment variable that holds it, or an encrypted keystore file"),
  peers: z.array(z.strictObject({ url, address })).default([]).describe("the other operators' nodes and addresses"),
  committee: address.optional().describe("who must be the agreement's oracle; any when left out"),
  rpc: z
    .union([url.transform((one) => [one]), z.array(url).min(1)], { error: "a URL or a list of URLs, http or https" })
    .describe("JSON-RPC of the chain: one server, or several that check each other"),
  rpcQuorum: whole(1, 100, "servers")
    .optional()
    .describe("how many of the servers must give the same answer; more than half of them when left out"),
  rpcTimeout: whole(1, 600, "seconds").default(20).describe("seconds until an answer of a server counts as lost"),
  chainId: whole(1, Number.MAX_SAFE_INTEGER, "(a chain id)")
    .optional()
    .describe("the chain that the servers must be of; any when left out"),
  agreement: address.describe("the agreement's contract"),
  terms: file.describe("the term sheet that the agreement was made from, with all addresses"),
  source: fileOrNone.describe("the source of the records; none: this node endorses nothing, it only keeps"),
  secret: fileOrNone.describe(
    "the agreement's secret: 32 bytes of hex, the same for all operators; none with no source",
  ),
  store: z
    .union([file, z.strictObject({ env: z.string().min(1) })], { error: "a file, or { env: NAME }" })
    .describe(
      "the operator's store: an SQLite file, or `{ env: NAME }` with a postgres:// URL in that environment variable",
    ),
  listen: z
    .strictObject({ host: z.string().default("127.0.0.1"), port: whole(0, 65_535, "ports").default(8080) })
    .prefault({})
    .describe("where other operators reach this node"),
  authorisations: file
    .optional()
    .describe(
      "folder shared with the authorising party: DIGEST.json is an enrolment to sign, DIGEST its signature in hex",
    ),
  poll: whole(1, 86_400, "seconds").default(60).describe("seconds between two passes"),
  peerTimeout: whole(1, 3_600, "seconds").default(60).describe("seconds that a peer has to compute and answer"),
  confirmations: whole(1, 1_000, "blocks").default(1).describe("blocks until a transaction counts as done"),
  stallAfter: whole(1, 86_400, "seconds")
    .default(120)
    .describe("seconds until a transaction is sent with a higher fee"),
  maxFee: gwei
    .optional()
    .describe("the most that a unit of gas may cost, in gwei; above it the node waits. No limit when left out"),
  fromBlock: whole(0, Number.MAX_SAFE_INTEGER, "blocks").default(0).describe("block of the agreement's creation"),
  logRange: whole(1, 10_000_000, "blocks").default(10_000).describe("blocks of which the RPC serves logs in one call"),
  validity: whole(1, 7, "days").default(1).describe("days after today on which an endorsement still counts"),
  keeper: z
    .strictObject({ lapse: lapse.default(0) })
    .prefault({})
    .describe("days after which this node lapses what nobody reported, counted from when the agreement allows it"),
  patience: whole(0, 1_000, "passes").default(3).describe("passes that each operator waits for the one before it"),
});

/** Files are absolute. */
export type OracleConfig = z.infer<typeof settings>;

/** Every problem of a configuration, each with its path, what was found and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Files in it are relative to the file itself. @throws ConfigError */
export function readConfig(path: string): OracleConfig {
  let document: unknown;
  try {
    document = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseConfig(document, dirname(resolve(path)));
}

/** @param base Folder that files are relative to. @throws ConfigError */
export function parseConfig(document: unknown, base: string): OracleConfig {
  const result = settings.safeParse(document);
  if (!result.success) throw new ConfigError(result.error.issues.map((issue) => explain(issue, document)).join("\n"));
  const config = result.data;
  if (config.rpcQuorum !== undefined && config.rpcQuorum > config.rpc.length) {
    throw new ConfigError(`rpcQuorum: found ${config.rpcQuorum}, expected at most the ${config.rpc.length} of rpc`);
  }
  const at = (name: string): string => resolve(base, name);
  return {
    ...config,
    key: "keystore" in config.key ? { ...config.key, keystore: at(config.key.keystore) } : config.key,
    terms: at(config.terms),
    source: config.source === null ? null : at(config.source),
    secret: config.secret === null ? null : at(config.secret),
    store: typeof config.store === "string" && config.store !== ":memory:" ? at(config.store) : config.store,
    ...(config.authorisations === undefined ? {} : { authorisations: at(config.authorisations) }),
  };
}

/** Where the store is. @throws ConfigError that never shows the URL, which holds a password. */
export function storeLocation(store: OracleConfig["store"], env: Readonly<Record<string, string | undefined>>): string {
  if (typeof store === "string") return store;
  const url = env[store.env];
  if (url === undefined) throw new ConfigError(`store: the environment variable ${store.env} is not set`);
  if (!isPostgres(url)) throw new ConfigError(`store: ${store.env} holds something else, expected a postgres:// URL`);
  return url;
}

function explain(issue: z.core.$ZodIssue, document: unknown): string {
  const path = issue.path.map(String).join(".") || "(the file)";
  if (issue.code === "unrecognized_keys") {
    return `${path}: found unknown keys ${issue.keys.join(", ")}, expected ${Object.keys(settings.shape).join(", ")}`;
  }
  let found: unknown = document;
  for (const key of issue.path) {
    found = typeof found === "object" && found !== null ? (found as Record<PropertyKey, unknown>)[key] : undefined;
  }
  const expected = path === "key" ? "{ env: NAME } or { keystore: FILE, passwordEnv: NAME }" : issue.message;
  // What stands under `key` may be the key itself, put there by mistake.
  const shown = path.startsWith("key") ? "something else" : (JSON.stringify(found) ?? "nothing");
  return `${path}: found ${shown}, expected ${expected}`;
}
