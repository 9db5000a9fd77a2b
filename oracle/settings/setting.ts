/** What a setting is made of: a validator, and what a reader has to know about it. */

import { getAddress, isAddress, SigningKey } from "ethers";
import { z } from "zod";

export interface SettingMeta {
  /** What may stand there, as in `found …, expected …`. */
  readonly type: string;
  readonly description: string;
  /** Of a number. */
  readonly unit?: string;
  /** Shown nowhere: it is a secret, may hold one, or is where one is put by mistake. Goes for all below it. */
  readonly sensitive?: true;
  /** A path relative to the file of the settings. */
  readonly file?: true;
  /** What holds when it is left out, where that is no fixed value. */
  readonly otherwise?: string;
}

/** Every setting, by its validator. */
export const SETTINGS = z.registry<SettingMeta>();

/** Enters a validator into the table: a copy, since several settings share one. */
export function setting<S extends z.ZodType>(schema: S, meta: SettingMeta): S {
  const own = schema.clone();
  SETTINGS.add(own, meta);
  return own;
}

export const address = z
  .string({ error: "an address" })
  .refine((text) => isAddress(text), { error: "an address" })
  .transform((text) => getAddress(text));

export const file = z.string({ error: "a file" }).min(1, { error: "a file" });

/** Null: none. */
export const fileOrNone = z.union([z.literal("none").transform(() => null), file], { error: "a file, or none" });

/** Name of an environment variable. */
export const variable = z
  .string({ error: "the name of an environment variable" })
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "the name of an environment variable" });

export const url = z.url({ protocol: /^https?$/, error: "an http or https URL" });

export const publicKey = z.string({ error: "a secp256k1 public key in hex" }).transform((text, context) => {
  try {
    const hex = text.startsWith("0x") ? text : `0x${text}`;
    // Web3Signer writes keys without the first byte that says `uncompressed`.
    return SigningKey.computePublicKey(hex.length === 2 + 2 * 64 ? `0x04${hex.slice(2)}` : hex, false);
  } catch {
    context.addIssue({ code: "custom", message: "a secp256k1 public key in hex" });
    return z.NEVER;
  }
});

export const whole = (lowest: number, highest: number, unit: string) =>
  z
    .int({ error: `a whole number of ${unit}` })
    .min(lowest, { error: `${lowest} or more ${unit}` })
    .max(highest, { error: `at most ${highest} ${unit}` });
