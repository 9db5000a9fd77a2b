/**
 * Pseudonyms and blinds. A patient's key is the same in every report of one agreement and unlinkable to her key in
 * another; a blind keeps a leaf from being guessed by trying values, and dies with the patient's salt.
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { fromHex, toHex, type Hex } from "./bytes.ts";

/** A patient's identifier as the source has it, byte for byte: no trimming, no change of case. */
export interface Identifier {
  readonly system: string;
  readonly value: string;
}

/** What a blind is bound to, so that one patient's leaves in two reports share nothing but the key. */
export type Subject =
  | { readonly kind: "enrolment"; readonly cohort: number; readonly number: number }
  | { readonly kind: "report"; readonly clause: number; readonly cohort: number; readonly number: number };

/** Bytes of an agreement's secret and of a patient's salt. */
export const SECRET = 32;

/**
 * HMAC-SHA256(secret, uint32 length of system ‖ system ‖ value), text in UTF-8, the length in bytes: without it
 * `a` + `bc` and `ab` + `c` would be one person.
 * @throws RangeError when the secret is not 32 bytes.
 */
export function patientKey(secret: Uint8Array, identifier: Identifier): Hex {
  if (secret.length !== SECRET)
    throw new RangeError(`an agreement's secret has ${SECRET} bytes, found ${secret.length}`);
  const system = Buffer.from(identifier.system, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(system.length, 0);
  return toHex(hmac(sha256, secret, Buffer.concat([length, system, Buffer.from(identifier.value, "utf8")])));
}

/**
 * HMAC-SHA256(salt, 0x00 ‖ uint16 cohort ‖ uint32 number) for an enrolment,
 * HMAC-SHA256(salt, 0x01 ‖ uint16 clause ‖ uint16 cohort ‖ uint32 number) for a report.
 * @throws RangeError when the salt is not 32 bytes of hex with 0x.
 */
export function blind(salt: Hex, subject: Subject): Hex {
  return toHex(hmac(sha256, fromHex(salt, SECRET), encodeSubject(subject)));
}

function encodeSubject(subject: Subject): Buffer {
  const data = Buffer.alloc(subject.kind === "enrolment" ? 7 : 9);
  let offset = data.writeUInt8(subject.kind === "enrolment" ? 0x00 : 0x01, 0);
  if (subject.kind === "report") offset = data.writeUInt16BE(subject.clause, offset);
  offset = data.writeUInt16BE(subject.cohort, offset);
  data.writeUInt32BE(subject.number, offset);
  return data;
}
