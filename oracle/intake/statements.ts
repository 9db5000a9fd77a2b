/** Figures that no patient's record carries: each a file that says the value, who states it, and which signed document it stands in. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";

import { z } from "zod";

import { parseDecimal, type Decimal } from "../../terms/decimal.ts";
import type { Statement } from "../record.ts";
import type { FileRead } from "./collector.ts";
import { explain, readYaml, type Source } from "./config.ts";
import { optional, SourceError, text } from "./shared.ts";

const decimal = z.string().transform((written, context): Decimal => {
  const found = parseDecimal(written.endsWith("%") ? written.slice(0, -1).trimEnd() : written);
  if (found !== null) return found;
  context.addIssue({ code: "custom", message: "expected a number such as 1200000.50", input: written });
  return z.NEVER;
});

const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, { error: "expected 64 hex digits" })
  .transform((digest) => digest.toLowerCase());

/** The document's hash as a term sheet's `legal` writes it, or in one key. */
const statement = z
  .strictObject({
    value: decimal,
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, { error: "expected an ISO 4217 code" })
      .optional(),
    unit: optional,
    /** Id of the cohort that it is about; without it all. */
    cohort: optional,
    statedBy: text,
    document: z.strictObject({ sha256, uri: optional }).optional(),
    documentSha256: sha256.optional(),
  })
  .refine(({ document, documentSha256 }) => (document === undefined) !== (documentSha256 === undefined), {
    path: ["document"],
    error: "expected the SHA-256 of the signed document, as document: { sha256: … }",
  });

export interface Statements {
  readonly statements: readonly Statement[];
  readonly files: readonly FileRead[];
}

/**
 * Reads the statements of a source; their paths are relative to the source file.
 * @throws SourceError when one can't be read, is not valid, or says a figure of a cohort that another one says too
 */
export function readStatements({ config, base }: Source): Statements {
  const statements: Statement[] = [];
  const files: FileRead[] = [];
  for (const [name, paths] of Object.entries(config.statements)) {
    for (const path of typeof paths === "string" ? [paths] : paths) {
      const file = resolve(base, path);
      const found = readStatement(name, file, path);
      const twice = statements.find((other) => other.name === name && sameCohort(other.cohort, found.cohort));
      if (twice !== undefined)
        throw new SourceError(
          `statements.${name}: ${path}: found a second figure for ${found.cohort ?? "all cohorts"}`,
        );
      statements.push(found);
      const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
      files.push({ file: relative(base, file).replaceAll("\\", "/"), sha256: digest, unusedColumns: [] });
    }
  }
  return { statements, files };
}

/** One about all cohorts and one about one of them would both be about that one. */
function sameCohort(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

function readStatement(name: string, file: string, path: string): Statement {
  const place = `statements.${name}: ${path}`;
  const document = readYaml(file, place);
  const result = statement.safeParse(document);
  if (!result.success)
    throw new SourceError(result.error.issues.map((issue) => `${place}: ${explain(issue, document)}`).join("\n"));
  const { value, cohort = null, statedBy, document: signed, documentSha256, currency, unit } = result.data;
  return {
    name,
    value,
    cohort,
    statedBy,
    documentSha256: signed?.sha256 ?? documentSha256 ?? "",
    ...(currency === undefined ? {} : { currency }),
    ...(unit === undefined ? {} : { unit }),
    id: `statement/${name}/${path}`,
  };
}
