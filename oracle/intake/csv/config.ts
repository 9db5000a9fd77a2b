/** Schema of a CSV source: one entry a kind of record, with the columns that it is read from. */

import { z } from "zod";

import { dateReader } from "../dates.ts";
import { optional, shared, text } from "../shared.ts";

const columns = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject({
    path: text,
    /** Rows to use: the column's text must be the one given, or one of them. */
    where: z.record(text, z.union([z.string(), z.array(z.string())])).default({}),
    columns: z.strictObject(shape),
    /** Values that hold for every row, by the names on the left of `columns`, for a file without such a column. */
    constants: z.record(text, text).default({}),
  });

/** What rows of every kind but `patients` may have: a row's own id, and when it was last changed. */
const row = { patient: text, status: optional, id: optional, updated: optional };

export const csv = z.strictObject({
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
  /** Texts that mean no value; an empty cell always does. */
  missing: z.array(z.string()).optional(),
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
      ...row,
      date: text,
      code: optional,
      codeSystem: optional,
      condition: optional,
      response: optional,
      evaluator: optional,
      evidence: optional,
    }).optional(),
    therapies: columns({
      ...row,
      start: text,
      end: optional,
      code: optional,
      codeSystem: optional,
      intent: optional,
      units: optional,
    }).optional(),
    labs: columns({
      ...row,
      date: text,
      code: optional,
      codeSystem: optional,
      value: text,
      unit: optional,
      comparator: optional,
      issued: optional,
    }).optional(),
    eq5d: columns({
      ...row,
      date: text,
      state: optional,
      mobility: optional,
      selfCare: optional,
      usualActivities: optional,
      pain: optional,
      anxiety: optional,
      instrument: optional,
      issued: optional,
    }).optional(),
    events: columns({
      ...row,
      date: text,
      type: optional,
      code: optional,
      codeSystem: optional,
      grade: optional,
      serious: optional,
      causal: optional,
    }).optional(),
    costs: columns({
      ...row,
      date: text,
      amount: text,
      currency: optional,
      code: optional,
      codeSystem: optional,
    }).optional(),
  }),
});

export type CsvConfig = z.infer<typeof csv>;
export type CsvKind = keyof CsvConfig["files"];

/** The column map of one file, whatever its kind. */
export interface FileMap {
  readonly path: string;
  readonly where: Readonly<Record<string, string | readonly string[]>>;
  readonly columns: Readonly<Record<string, string | undefined>>;
  readonly constants: Readonly<Record<string, string>>;
}
