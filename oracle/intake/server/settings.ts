/** Settings of a `kind: fhir-server` source. Everything comes as the text that was written, so numbers and spans are read here. */

import { z } from "zod";

import { DEFAULT_TYPES } from "./types.ts";

const text = z.string().min(1);
const MILLISECONDS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const whole = (lowest: number, highest: number, unit: string) =>
  z.preprocess(
    (written) => (typeof written === "string" && /^\d{1,15}$/.test(written) ? Number(written) : written),
    z
      .int({ error: `expected a whole number of ${unit}` })
      .min(lowest, { error: `expected ${lowest} or more ${unit}` })
      .max(highest, { error: `expected at most ${highest} ${unit}` }),
  );

/** `30s`, `10m`, `6h`, `1d` to milliseconds. */
const span = (highest: string) =>
  z.string({ error: "expected a span of time such as 30s, 10m, 6h or 1d" }).transform((written, context): number => {
    const found = milliseconds(written);
    if (found !== null && found <= (milliseconds(highest) ?? 0)) return found;
    const message = `expected a span of time such as 30s, 10m, 6h or 1d, at most ${highest}`;
    context.addIssue({ code: "custom", message, input: written });
    return z.NEVER;
  });

function milliseconds(written: string): number | null {
  const match = /^(\d{1,9})([smhd])$/.exec(written);
  return match?.[2] === undefined ? null : Number(match[1]) * (MILLISECONDS[match[2]] ?? 0);
}

const flag = z
  .union([z.boolean(), z.enum(["true", "false"])], { error: "expected true or false" })
  .transform((written) => written === true || written === "true");

const address = z.string({ error: "expected an http or https URL" }).transform((written, context): string => {
  const url = URL.parse(written);
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (plain && url.hash === "") return written;
  // A password put into the URL by mistake must not come back in a message.
  context.addIssue({ code: "custom", message: "expected an http or https URL without user, password or fragment" });
  return z.NEVER;
});

const serverUrl = address.refine((url) => !url.includes("?"), { error: "expected the server's base URL, without ?" });

const origin = address.transform((url) => new URL(url).origin);

const resourceType = z
  .string({ error: "expected the name of a resource type" })
  .regex(/^[A-Z][A-Za-z]{1,63}$/, { error: "expected the name of a resource type, such as Observation" });

const secret = z.union([z.strictObject({ file: text }), z.strictObject({ env: text })], {
  error: "expected { file: FILE } or { env: NAME }",
});

const auth = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("none") }),
    z.strictObject({ type: z.literal("bearer"), token: secret }),
    z.strictObject({
      type: z.literal("smart-backend"),
      clientId: text,
      tokenUrl: address.optional(),
      key: secret,
      kid: text.optional(),
      alg: z.enum(["ES384", "RS384"], { error: "expected ES384 or RS384" }).optional(),
      scope: text.default("system/*.rs"),
    }),
  ],
  { error: "expected a type: none, bearer or smart-backend" },
);

const instant = z.string().refine((written) => /^\d{4}-\d\d-\d\dT/.test(written) && instantOf(written) !== null, {
  error: "expected an instant with its zone, such as 2026-01-31T00:00:00Z",
});

/** Milliseconds since 1970 of a FHIR instant; null when it is none. */
export function instantOf(written: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(written)) return null;
  const time = Date.parse(written);
  return Number.isNaN(time) ? null : time;
}

/** The keys of the source that concern the server; how the records are read is the same as for files. */
export const SERVER_SHAPE = {
  url: serverUrl.describe("base URL of the FHIR R4 server"),
  mode: z
    .enum(["bulk", "search"], { error: "expected bulk (the server's $export) or search (page by page)" })
    .describe("how the records are fetched; never guessed, as operators must fetch alike"),
  types: z
    .array(resourceType)
    .min(1)
    .refine((types) => types.includes("Patient"), { error: "expected Patient among them" })
    .optional()
    .describe("resource types to fetch"),
  since: instant.optional().describe("only what was recorded since; a search fetches patients whole all the same"),
  patients: z
    .record(text, z.union([text, z.array(text)]))
    .optional()
    .describe("search parameters of the patients to fetch; search only"),
  pageSize: whole(1, 10_000, "resources").default(500).describe("resources asked for a page (_count); search only"),
  group: z
    .string()
    .regex(/^[A-Za-z0-9\-.]{1,64}$/, { error: "expected the id of a Group" })
    .optional()
    .describe("id of the Group to export; bulk only"),
  level: z
    .enum(["patient", "system"], { error: "expected patient or system" })
    .default("patient")
    .describe("what is exported without a group; bulk only"),
  typeFilter: z.array(text).optional().describe("_typeFilter queries; bulk only"),
  partialManifests: flag.default(false).describe("whether the server may hand out several manifests; bulk only"),
  incremental: flag
    .default(false)
    .describe("whether a fetch asks only for what changed since the one before; bulk only"),
  exportTimeout: span("30d").prefault("6h").describe("how long an export may take; bulk only"),
  auth: auth.prefault({ type: "none" }).describe("none, bearer or SMART Backend Services"),
  origins: z.array(origin).default([]).describe("further origins that pages and files may come from, token included"),
  insecureHttp: flag.default(false).describe("whether plain http is allowed beyond this machine"),
  timeout: span("1h").prefault("60s").describe("how long the server may stay silent within one request"),
  retries: whole(0, 20, "times").default(4).describe("how often a request is tried again after a passing failure"),
  maxWait: span("1d").prefault("15m").describe("longest wait that a server may ask for before the next try"),
  maxPages: whole(1, 10_000_000, "pages").default(100_000).describe("most pages of one search"),
  maxBytes: whole(1, Number.MAX_SAFE_INTEGER, "bytes").default(107_374_182_400).describe("most bytes of one fetch"),
  maxPageBytes: whole(1_024, 1_073_741_824, "bytes").default(67_108_864).describe("most bytes of a page or manifest"),
  snapshots: text.default("snapshots").describe("folder in which fetched snapshots are kept"),
  snapshot: text.optional().describe("id of the snapshot to read: nothing is fetched"),
  maxAge: span("366d").optional().describe("how old a snapshot may be and still serve a day that has not ended"),
};

export type ServerSettings = z.infer<z.ZodObject<typeof SERVER_SHAPE>>;
export type AuthSettings = ServerSettings["auth"];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether patient data and tokens may travel to this URL: encrypted, or within this machine. */
export function isSafe(url: string, insecureHttp: boolean): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || insecureHttp || LOOPBACK.test(hostname);
}

/** What no single key can tell. */
export function checkServer(settings: ServerSettings, context: z.core.$RefinementCtx): void {
  const problem = (path: string[], message: string): void => {
    const input = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], settings);
    context.addIssue({ code: "custom", path, message, input });
  };
  const urls: [string[], string | undefined][] = [[["url"], settings.url]];
  if (settings.auth.type === "smart-backend") urls.push([["auth", "tokenUrl"], settings.auth.tokenUrl]);
  for (const [path, url] of urls) {
    if (url !== undefined && !isSafe(url, settings.insecureHttp))
      problem(path, "expected https; insecureHttp: true allows plain http");
  }
  if (settings.mode === "search") {
    if (settings.group !== undefined) problem(["group"], "expected mode: bulk with it; a search takes patients");
    if (settings.typeFilter !== undefined) problem(["typeFilter"], "expected mode: bulk with it");
    if (settings.incremental)
      problem(["incremental"], "expected mode: bulk with it; a search can't tell what was deleted");
  } else if (settings.patients !== undefined) {
    problem(["patients"], "expected mode: search with it; an export takes a group");
  }
  const types = settings.types ?? DEFAULT_TYPES;
  for (const filter of settings.typeFilter ?? []) {
    if (!types.includes(filter.replace(/\?.*$/s, "")))
      problem(["typeFilter"], `expected queries such as Observation?code=… on types that are fetched`);
  }
}

const MINUTE = 60_000;

/** A search is cheap enough to follow a poll; servers refuse exports that come too often. */
export function maxAgeOf({ mode, maxAge }: ServerSettings): number {
  return maxAge ?? (mode === "search" ? MINUTE : 60 * MINUTE);
}
