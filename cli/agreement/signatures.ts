/** A party's signature as a file: over terms, or over an act of all parties. */

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { UsageError } from "../output.ts";

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`));

const signatureFile = z.strictObject({
  /** `payer/Basic insurance`. */
  party: z.string(),
  /** The party's address: whose signature it is. */
  account: hex(20),
  agreement: hex(20),
  digest: hex(32),
  chainId: z.string().regex(/^[1-9]\d*$/),
  factory: hex(20),
  token: hex(20),
  /** 65 bytes of a key, or whatever an ERC-1271 wallet takes. */
  signature: z.string().regex(/^0x([0-9a-fA-F]{2})*$/),
});

export type SignatureFile = z.infer<typeof signatureFile>;

/** Of an act that all parties sign. */
const actFile = z.strictObject({
  party: z.string(),
  /** Who holds the party's account now: whose signature it is. */
  account: hex(20),
  agreement: hex(20),
  chainId: z.string().regex(/^[1-9]\d*$/),
  /** What was signed, in words. */
  act: z.string(),
  /** Position of the act among all that the parties signed together. */
  number: z.int().min(1),
  digest: hex(32),
  signature: z.string().regex(/^0x([0-9a-fA-F]{2})*$/),
});

export type ActFile = z.infer<typeof actFile>;

/** Never replaces a file. @throws UsageError */
export function writeSignature(path: string, signature: SignatureFile | ActFile): void {
  try {
    writeFileSync(path, `${JSON.stringify(signature, null, 2)}\n`, { flag: "wx" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new UsageError(`--out: ${path} ${code === "EEXIST" ? "exists already" : `can't be written: ${code}`}`);
  }
}

interface Read<T> {
  readonly file: string;
  readonly content: T;
}

/** Signatures of terms: of files, and of all `*.json` in folders. @throws UsageError */
export const readSignatures = (paths: readonly string[]): Read<SignatureFile>[] => readAll(paths, signatureFile);

/** Signatures of acts, likewise. @throws UsageError */
export const readActSignatures = (paths: readonly string[]): Read<ActFile>[] => readAll(paths, actFile);

function readAll<T>(paths: readonly string[], schema: z.ZodType<T>): Read<T>[] {
  return paths.flatMap(filesAt).map((file) => ({ file, content: readSignature(file, schema) }));
}

function filesAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith(".json"));
    return names.sort().map((name) => join(path, name));
  } catch (error) {
    throw new UsageError(`--signatures: ${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? ""}`);
  }
}

function readSignature<T>(file: string, schema: z.ZodType<T>): T {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new UsageError(`--signatures: ${file} is no JSON`);
  }
  const read = schema.safeParse(document);
  if (read.success) return read.data;
  const where = read.error.issues.map(({ path }) => path.join(".") || "the file").join(", ");
  throw new UsageError(`--signatures: ${file} is no signature file: ${where}`);
}
