/** The settings of one operator's process: one table from which come types, validation, what logs hide, and the docs. */

import { parseUnits } from "ethers";
import { z } from "zod";

import { durationDays } from "../../terms/calendar.ts";
import { key } from "./key.ts";
import { address, file, fileOrNone, setting, url, variable, whole } from "./setting.ts";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const host = (description: string) =>
  setting(z.string({ error: "a host name or IP address" }).min(1).default("127.0.0.1"), { type: "host", description });
const port = (standard: number) =>
  setting(whole(0, 65_535, "ports").default(standard), { type: "port", description: "0 takes any free one" });
const origin = url.refine((text) => URL.parse(text)?.origin === text, {
  error: "an origin such as https://example.org",
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

export const settings = z.strictObject({
  agreement: setting(address, { type: "address", description: "the agreement's contract" }),
  terms: setting(file, {
    type: "file",
    file: true,
    description: "the term sheet that the agreement was made from, with all addresses",
  }),
  source: setting(fileOrNone, {
    type: "file, or `none`",
    file: true,
    description: "the source of the records; `none`: this node endorses nothing, it only keeps",
  }),
  secret: setting(fileOrNone, {
    type: "file, or `none`",
    file: true,
    description: "the agreement's secret: 32 bytes of hex, the same for all of its operators; `none` with no source",
  }),
  store: setting(z.union([file, z.strictObject({ env: variable })], { error: "a file or { env: NAME }" }), {
    type: "file, or `{ env: NAME }`",
    file: true,
    description: "the operator's SQLite file, or the environment variable that holds a `postgres://` URL",
  }),
  key: setting(key, {
    type: "one of the forms below",
    sensitive: true,
    description: "the operator's key: it endorses, pays for gas, and signs requests to other operators",
  }),

  rpc: setting(
    z.union([url.transform((one) => [one]), z.array(url).min(1)], { error: "a URL or a list of URLs, http or https" }),
    {
      type: "URL, or a list of URLs",
      sensitive: true,
      description: "JSON-RPC of the chain: one server, or several that check each other; a URL may carry an access key",
    },
  ),
  rpcQuorum: setting(whole(1, 100, "servers").optional(), {
    type: "whole number",
    unit: "servers",
    description: "how many of them must give the same answer",
    otherwise: "more than half",
  }),
  rpcTimeout: setting(whole(1, 600, "seconds").default(20), {
    type: "whole number",
    unit: "seconds",
    description: "until an answer of a server counts as lost",
  }),
  chainId: setting(whole(1, Number.MAX_SAFE_INTEGER, "(a chain id)").optional(), {
    type: "chain id",
    description: "the chain that the servers must be of",
    otherwise: "any",
  }),
  committee: setting(address.optional(), {
    type: "address",
    description: "who must be the agreement's oracle",
    otherwise: "anyone",
  }),
  fromBlock: setting(whole(0, Number.MAX_SAFE_INTEGER, "blocks").default(0), {
    type: "whole number",
    unit: "blocks",
    description: "block of the agreement's creation, or any before it",
  }),
  logRange: setting(whole(1, 10_000_000, "blocks").default(10_000), {
    type: "whole number",
    unit: "blocks",
    description: "of which the RPC serves logs in one call",
  }),
  confirmations: setting(whole(1, 1_000, "blocks").default(1), {
    type: "whole number",
    unit: "blocks",
    description: "until a transaction counts as done",
  }),
  stallAfter: setting(whole(1, 86_400, "seconds").default(120), {
    type: "whole number",
    unit: "seconds",
    description: "until a transaction is sent with a higher fee",
  }),
  maxFee: setting(gwei.optional(), {
    type: "amount, gwei",
    description: "the most that a unit of gas may cost; above it the node waits",
    otherwise: "no limit",
  }),

  peers: setting(
    z
      .array(
        z.strictObject({
          url: setting(url, { type: "URL", description: "where a peer's node listens" }),
          address: setting(address, { type: "address", description: "the peer's address in the committee" }),
        }),
        { error: "a list of { url, address }" },
      )
      .default([]),
    { type: "list", description: "the other operators" },
  ),
  listen: setting(
    z.strictObject({ host: host("where other operators reach this node"), port: port(8080) }).prefault({}),
    {
      type: "group",
      description: "where other operators reach this node",
    },
  ),
  peerTimeout: setting(whole(1, 3_600, "seconds").default(60), {
    type: "whole number",
    unit: "seconds",
    description: "that a peer has to compute and answer",
  }),
  authorisations: setting(file.optional(), {
    type: "folder",
    file: true,
    description:
      "shared with the authorising party: `DIGEST.json` is an enrolment to sign, `DIGEST` its signature in hex",
    otherwise: "none",
  }),
  poll: setting(whole(1, 86_400, "seconds").default(60), {
    type: "whole number",
    unit: "seconds",
    description: "between two passes",
  }),
  validity: setting(whole(1, 7, "days").default(1), {
    type: "whole number",
    unit: "days",
    description: "after today on which an endorsement still counts",
  }),
  patience: setting(whole(0, 1_000, "passes").default(3), {
    type: "whole number",
    unit: "passes",
    description: "that each operator waits for the one before it",
  }),

  keeper: setting(
    z
      .strictObject({
        lapse: setting(lapse.default(0), {
          type: "duration such as `14d`, or `never`",
          description: "after which this node lapses what nobody reported, from when the agreement allows it",
        }),
      })
      .prefault({}),
    { type: "group", description: "what this node does for everybody" },
  ),

  api: setting(
    z
      .strictObject({
        host: host("where parties and auditors reach the API"),
        port: port(8081),
        url: setting(url.optional(), {
          type: "URL",
          description: "the API's address as wallets show it at sign-in, when a proxy stands in front",
          otherwise: "`http://HOST:PORT`",
        }),
        origins: setting(z.array(origin, { error: "a list of origins" }).default([]), {
          type: "list of origins",
          description: "web pages that may read the API from a browser",
        }),
        session: setting(whole(60, 86_400, "seconds").default(3_600), {
          type: "whole number",
          unit: "seconds",
          description: "that a sign-in lasts",
        }),
        sessionKeyEnv: setting(variable.optional(), {
          type: "name of a variable",
          description: "environment variable with 32 bytes of hex that sessions are signed with",
          otherwise: "a new one at every start, which ends all sessions",
        }),
        requests: setting(whole(1, 1_000_000, "requests").default(300), {
          type: "whole number",
          unit: "requests",
          description: "of one network address in a minute",
        }),
        trustProxy: setting(z.boolean({ error: "true or false" }).default(false), {
          type: "true or false",
          description: "whether a proxy in front tells the callers' addresses (`X-Forwarded-For`)",
        }),
      })
      .optional(),
    { type: "group", description: "the HTTP API for parties and auditors", otherwise: "none is served" },
  ),
  auditors: setting(z.array(address, { error: "a list of addresses" }).default([]), {
    type: "list of addresses",
    description: "who may see resource ids and rejects beside the operators",
  }),
  metrics: setting(
    z.strictObject({ host: host("where `/metrics`, `/health` and `/ready` are served"), port: port(9_464) }).optional(),
    { type: "group", description: "a listener for the operator's own monitoring", otherwise: "none" },
  ),
  headAge: setting(whole(0, 604_800, "seconds").default(3_600), {
    type: "whole number",
    unit: "seconds",
    description: "age of the chain's latest block beyond which the node is not ready; 0 for a chain that rests",
  }),
  logLevel: setting(z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(", ")}` }).default("info"), {
    type: LOG_LEVELS.map((level) => `\`${level}\``).join(", "),
    description: "what the log says at least",
  }),
});
