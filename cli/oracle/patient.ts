/** A patient on the command line: by identifier, or by her key in the agreement. */

import type { Hex } from "../../oracle/report/bytes.ts";
import type { Identifier } from "../../oracle/report/keys.ts";
import { UsageError } from "../output.ts";

export const PATIENT_FLAG = [
  "--patient <patient>",
  "her identifier as SYSTEM|VALUE, or her key: 0x and 64 hexadecimal digits",
] as const;

/**
 * @param keyOf A patient's key in the agreement.
 * @throws UsageError that does not repeat what was typed: it may name a patient.
 */
export function readPatient(text: string, keyOf: (identifier: Identifier) => Hex): Hex {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex;
  const bar = text.indexOf("|");
  if (bar === -1 || bar === text.length - 1) {
    throw new UsageError("--patient: expected SYSTEM|VALUE, or a key of 0x and 64 hexadecimal digits");
  }
  return keyOf({ system: text.slice(0, bar), value: text.slice(bar + 1) });
}
