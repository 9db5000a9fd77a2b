/**
 * Keccak-256 in WebAssembly: a report on a million patients takes two million hashes, for which plain JavaScript is an
 * order of magnitude too slow.
 */

import { createKeccak } from "hash-wasm";

// One hasher for the process: every call below runs to its end before another can start.
const hasher = await createKeccak(256);

/** The 32 bytes of keccak256(`data`). */
export function keccak256(data: Uint8Array): Uint8Array {
  return hasher.init().update(data).digest("binary");
}
