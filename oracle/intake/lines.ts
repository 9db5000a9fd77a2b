/** Lines of a file as they stream by: memory does not grow with the file. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Lines that follow each other. */
export interface Lines {
  /** Number of the first, from 1. */
  readonly first: number;
  /** Null where the bytes are no UTF-8. */
  readonly texts: readonly (string | null)[];
}

const NEWLINE = 10;
const BOM = "\uFEFF";
const BLOCK = 1 << 18;
/** Text is made of smaller pieces: longer strings are costly for the garbage collector. */
const PIECE = 1 << 16;

/**
 * Yields some lines at a time, empty ones too, while the next are being read.
 * @param hashed Told the SHA-256 of the file's bytes once they are all read.
 */
export async function* readLines(file: string, hashed?: (sha256: string) => void): AsyncGenerator<Lines> {
  const hash = hashed === undefined ? null : createHash("sha256");
  const handle = await open(file);
  try {
    // Two blocks, used by turns for the whole file.
    let [block, next] = [Buffer.allocUnsafe(BLOCK), Buffer.allocUnsafe(BLOCK)];
    let rest: Buffer[] = [];
    let number = 1;
    let { bytesRead } = await handle.read(block, 0, BLOCK);
    while (bytesRead > 0) {
      const ahead = handle.read(next, 0, BLOCK);
      const chunk = block.subarray(0, bytesRead);
      hash?.update(chunk);
      for (let start = 0; start < chunk.length;) {
        const limit = Math.min(start + PIECE, chunk.length);
        const last = chunk.subarray(start, limit).lastIndexOf(NEWLINE);
        if (last < 0) {
          rest.push(Buffer.from(chunk.subarray(start, limit)));
          start = limit;
          continue;
        }
        const piece = chunk.subarray(start, start + last);
        const lines = decode(rest.length > 0 ? Buffer.concat([...rest, piece]) : piece, number);
        rest = [];
        number += lines.texts.length;
        start += last + 1;
        yield lines;
      }
      ({ bytesRead } = await ahead);
      [block, next] = [next, block];
    }
    if (rest.length > 0) yield decode(Buffer.concat(rest), number);
  } finally {
    await handle.close();
  }
  if (hash !== null) hashed?.(hash.digest("hex"));
}

/** Whole lines at once, for speed; one by one when somewhere in them are bytes that are no UTF-8. */
function decode(bytes: Buffer, first: number): Lines {
  const texts = isUtf8(bytes) ? bytes.toString("utf8").split("\n") : decodeEach(bytes);
  if (first === 1 && texts[0]?.startsWith(BOM) === true) texts[0] = texts[0].slice(BOM.length);
  return { first, texts };
}

function decodeEach(bytes: Buffer): (string | null)[] {
  const texts: (string | null)[] = [];
  for (let start = 0; start <= bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    texts.push(isUtf8(line) ? line.toString("utf8") : null);
    start = end + 1;
  }
  return texts;
}
