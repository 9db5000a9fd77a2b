/** The agreement's secret, as a file: 32 bytes of hex. */

import { readFileSync } from "node:fs";

import { fromHex } from "./bytes.ts";
import { SECRET } from "./keys.ts";

/** @throws Error that names the file and never what stands in it. */
export function readSecret(file: string): Uint8Array {
  const text = readFileSync(file, "utf8").trim().toLowerCase();
  if (!/^(0x)?[0-9a-f]{64}$/.test(text)) {
    throw new Error(`${file}: expected ${SECRET} bytes of hex, found ${text.length} characters of something else`);
  }
  return fromHex(text.startsWith("0x") ? text : `0x${text}`, SECRET);
}
