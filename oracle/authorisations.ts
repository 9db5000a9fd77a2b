/** The folder in which the authorising party finds enrolments and leaves its signatures. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Hex } from "./report/bytes.ts";
import { domainOf, MESSAGE_TYPES, type AgreementId, type Enrolment } from "./report/messages.ts";
import { toJson } from "./report/wire.ts";

/**
 * The authorising party's signature, if it lies in the folder under the digest. Until then the enrolment lies there for
 * the party, as the typed data that its wallet shows and signs.
 */
export function askAuthorisation(
  folder: string | undefined,
  id: AgreementId,
  message: Enrolment,
  digest: Hex,
): Hex | null {
  if (folder === undefined) return null;
  const file = join(folder, digest);
  if (existsSync(file)) {
    const text = readFileSync(file, "utf8").trim();
    return /^0x([0-9a-f]{2})+$/i.test(text) ? (text as Hex) : null;
  }
  mkdirSync(folder, { recursive: true });
  const typedData = { domain: domainOf(id), types: MESSAGE_TYPES.enrolment, primaryType: "Enrolment", message };
  writeFileSync(`${file}.json`, `${toJson(typedData)}\n`);
  return null;
}
