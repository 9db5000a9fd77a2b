/** The operator's log: one JSON object a line, without secrets and without what a record says of a patient. */

import { pino, type DestinationStream, type Logger } from "pino";

import { hide } from "../settings/secrets.ts";

/**
 * Fields that may describe a patient, by their names in this program; whoever logs an object as a whole logs none of them.
 * Pseudonyms may stand in an operator's log: where two operators differ is found by them.
 */
export const HIDDEN_FIELDS = [
  "identifier",
  "patient",
  "resource",
  "resources",
  "evidence",
  "record",
  "salt",
  "value",
  "indexDay",
  "entries",
  "leaves",
] as const;

/** As deep as anything that is logged. */
const DEPTHS = ["", "*.", "*.*.", "*.*.*.", "*.*.*.*.", "*.*.*.*.*."];

export interface LogOptions {
  readonly level: string;
  /** Values that are hidden wherever they turn up. */
  readonly secrets: readonly string[];
  readonly stream: DestinationStream;
}

export function createLog({ level, secrets, stream }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: HIDDEN_FIELDS.flatMap((field) => DEPTHS.map((depth) => `${depth}${field}`)), remove: true },
      hooks: { streamWrite: hide(secrets) },
    },
    stream,
  );
}

/** The words of an error; never its stack, nor what hangs on it. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
