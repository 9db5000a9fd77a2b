/** Sources: one YAML file says where the records are and how to read them. Every problem is reported with its path. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import type { ResponseClass } from "../record.ts";
import { CLASS_WORDS } from "./codes.ts";
import { dateReader } from "./dates.ts";
import { checkServer, SERVER_SHAPE } from "./server/settings.ts";

/** A source that can't be used: the message names the place, what was found and what was expected. */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
}

const text = z.string().min(1);
const response = z.string().transform((word, context): ResponseClass => {
  const found = Object.hasOwn(CLASS_WORDS, word) ? CLASS_WORDS[word] : undefined;
  if (found !== undefined) return found;
  context.addIssue({ code: "custom", message: `expected one of ${Object.keys(CLASS_WORDS).join(", ")}`, input: word });
  return z.NEVER;
});

const shared = {
  path: text.optional(),
  /** `system|code` (CSV: also a plain code) to a response class. */
  codes: z.record(text, response).default({}),
  /** System of the patient identifier to use; without it, the medical record number or the only one. */
  identifierSystem: text.optional(),
  statements: z.record(text, text).optional(),
};

const columns = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject({
    path: text,
    /** Rows to use: the column's text must be the one given, or one of them. */
    where: z.record(text, z.union([z.string(), z.array(z.string())])).default({}),
    columns: z.strictObject(shape),
    /** Values that hold for every row, for a file without such a column. */
    constants: z.record(text, text).default({}),
  });

const optional = text.optional();
const later = z.strictObject({
  path: text,
  where: z.record(text, z.unknown()).optional(),
  columns: z.record(text, text),
});

const csv = z.strictObject({
  kind: z.literal("csv"),
  ...shared,
  dates: z
    .string()
    .default("iso")
    .refine((format) => dateReader(format) !== null, {
      error: "expected iso, or a pattern of YYYY, MM or MMM, DD and separators",
    }),
  decimal: z.enum(["point", "comma"]).default("point"),
  delimiter: z.string().length(1).default(","),
  missing: z.array(z.string()).default(["", "NA", "999", "9999-12-31", "1900-01-01"]),
  files: z.strictObject({
    patients: columns({
      patient: text,
      index: optional,
      death: optional,
      lastAlive: optional,
      lastActivity: optional,
      gapStart: optional,
      lastReview: optional,
      birth: optional,
      sex: optional,
      consent: optional,
      updated: optional,
    }),
    assessments: columns({
      patient: text,
      date: text,
      response: optional,
      evaluator: optional,
      status: optional,
      evidence: optional,
      id: optional,
      updated: optional,
    }).optional(),
    therapies: columns({
      patient: text,
      start: text,
      code: optional,
      intent: optional,
      status: optional,
      id: optional,
      updated: optional,
    }).optional(),
    labs: later.optional(),
    eq5d: later.optional(),
    events: later.optional(),
    costs: later.optional(),
  }),
});

const fhirFiles = z.strictObject({
  kind: z.literal("fhir-files"),
  ...shared,
  path: text,
  /** Further Observation codes that carry a response. */
  responseCodes: z.array(text).default([]),
});

const fhirServer = z
  .strictObject({ ...fhirFiles.omit({ path: true }).shape, kind: z.literal("fhir-server"), ...SERVER_SHAPE })
  .superRefine(checkServer);

const config = z.discriminatedUnion("kind", [csv, fhirFiles, fhirServer]);

export type CsvConfig = z.infer<typeof csv>;
export type FhirConfig = z.infer<typeof fhirFiles>;
export type FhirServerConfig = z.infer<typeof fhirServer>;

/** A validated source; relative paths in it are relative to `base`. */
export interface Source {
  readonly config: CsvConfig | FhirConfig | FhirServerConfig;
  readonly base: string;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const shown = JSON.stringify(value);
  return shown.length > 60 ? `${shown.slice(0, 57)}…` : shown;
}

function explain(issue: z.core.$ZodIssue, document: unknown): string {
  let found: unknown = document;
  for (const key of issue.path)
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  const path = issue.path.length === 0 ? "the document" : issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return `${path}: found unknown ${issue.keys.join(", ")}, expected only known keys`;
  const expected = issue.message.replace(/^Invalid input: /, "").replace(/, received .*$/, "");
  return `${path}: found ${show(found)}, ${expected.startsWith("expected") ? expected : `expected ${expected}`}`;
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
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    throw new SourceError(`${file}: can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  let document: unknown;
  try {
    document = parse(content, { schema: "failsafe", prettyErrors: true });
  } catch (error) {
    throw new SourceError(`${file}: no valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseSource(document, dirname(resolve(file)), file);
}
