/** What every kind of source may say, and the pieces that their schemas are made of. */

import { z } from "zod";

import { parseDecimal, type Decimal } from "../../terms/decimal.ts";
import type { ResponseClass } from "../record.ts";
import { CLASS_WORDS } from "./codes.ts";

/** A source that can't be used: the message names the place, what was found and what was expected. */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
}

export const text = z.string().min(1);
export const optional = text.optional();

const response = z.string().transform((word, context): ResponseClass => {
  const found = Object.hasOwn(CLASS_WORDS, word) ? CLASS_WORDS[word] : undefined;
  if (found !== undefined) return found;
  context.addIssue({ code: "custom", message: `expected one of ${Object.keys(CLASS_WORDS).join(", ")}`, input: word });
  return z.NEVER;
});

/** A share as `5%` or `0.5%`, in percent. */
const percent = z.string().transform((written, context): Decimal => {
  const found = written.endsWith("%") ? parseDecimal(written.slice(0, -1).trim()) : null;
  if (found !== null && found.digits >= 0n && found.digits <= 100n * 10n ** BigInt(found.scale)) return found;
  context.addIssue({ code: "custom", message: "expected a percentage from 0% to 100%", input: written });
  return z.NEVER;
});

export const shared = {
  path: text.optional(),
  /** `system|code` (CSV: also a plain code) to a response class. */
  codes: z.record(text, response).default({}),
  /** System of the patient identifier to use; without it, the medical record number or the only one. */
  identifierSystem: text.optional(),
  /** Files of figures that no patient record carries, by name: one file, or one for each cohort. */
  statements: z.record(text, z.union([text, z.array(text).min(1)])).default({}),
  /** Shares beyond which nothing may be signed; no limit where none is named. */
  limits: z
    .strictObject({
      /** Of the results: with a code or value that no map knows, or quarantined. */
      unmapped: percent.optional(),
      /** Of all lines, rows and resources: broken, so that not even their patient is known. */
      unreadable: percent.optional(),
    })
    .default({}),
};

export type Limits = z.infer<typeof shared.limits>;
