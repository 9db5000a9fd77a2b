/** How an operator knows a patient again whom it has erased, so that she is not enrolled a second time. */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import type { Agreement, Day } from "../../terms/model.ts";
import { fromHex, toHex, type Hex } from "../report/bytes.ts";

const ERASED = Buffer.from("outcomepay erased patient", "utf8");

/**
 * HMAC-SHA256(secret, `outcomepay erased patient` ‖ key). Whoever has the agreement's secret and her identifier can tell
 * by it that she was erased, and nothing else: it names neither her place nor an outcome.
 */
export function markOf(secret: Uint8Array, patientKey: Hex): Hex {
  return toHex(hmac(sha256, secret, Buffer.concat([ERASED, fromHex(patientKey, 32)])));
}

/** Whether nobody can be enrolled any more in any cohort: from then on marks serve nothing and are deleted. */
export function isEnrolmentOver({ cohorts }: Agreement, today: Day): boolean {
  return cohorts.every(({ closes, enrolWithin }) => today >= closes + enrolWithin);
}
