/** Messages as JSON: whole numbers as numbers, sums and values as decimal strings, since JSON has no bigint. */

import { z } from "zod";

import type { Hex } from "./bytes.ts";
import type { OracleMessage } from "./messages.ts";

const hexOf = (bytes: number) =>
  z.custom<Hex>((found) => typeof found === "string" && new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`).test(found), {
    error: `expected ${bytes} bytes of lower-case hex with 0x`,
  });
export const uint = (bits: number) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1);
export const int128 = z
  .string()
  .regex(/^(0|-?[1-9][0-9]{0,38})$/, "expected a whole number as a decimal string")
  .transform((text) => BigInt(text))
  .refine((value) => value >= -(2n ** 127n) && value < 2n ** 127n, "expected a number that fits in int128");

/** 32 bytes of lower-case hex. */
export const bytes32 = hexOf(32);
export const uint16 = uint(16);
export const uint32 = uint(32);

const enrolment = z.strictObject({
  cohort: uint16,
  number: uint32,
  patients: uint32,
  indexedDay: uint32,
  root: bytes32,
  lastDay: uint32,
});

const milestone = z.strictObject({
  clause: uint16,
  cohort: uint16,
  number: uint32,
  asOfDay: uint32,
  tallies: z.array(z.strictObject({ patients: uint32, sum: int128 })),
  notEvaluable: uint32,
  root: bytes32,
  lastDay: uint32,
});

const wager = z.strictObject({
  clause: uint16,
  cohort: uint16,
  number: uint32,
  asOfDay: uint32,
  evaluable: z.boolean(),
  value: int128,
  root: bytes32,
  lastDay: uint32,
});

/** Reads a message with its kind. */
export const messageSchema: z.ZodType<OracleMessage> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("enrolment"), message: enrolment }),
  z.strictObject({ kind: z.literal("milestone"), message: milestone }),
  z.strictObject({ kind: z.literal("wager"), message: wager }),
]);

/** JSON text of anything made of plain objects, arrays, text, numbers and bigints. */
export function toJson(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
