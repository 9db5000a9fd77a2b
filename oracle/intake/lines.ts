/** Lines of a file as they stream by: memory does not grow with the file. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Null when the bytes are no UTF-8. */
  readonly text: string | null;
}

const NEWLINE = 10;

function decode(bytes: Buffer, number: number): Line {
  const bom = number === 1 && bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = bom ? bytes.subarray(3) : bytes;
  return { number, text: isUtf8(content) ? content.toString("utf8") : null };
}

/**
 * Yields the lines of each chunk together, empty ones too.
 * @param hashed Told the SHA-256 of the file's bytes once they are all read.
 */
export async function* readLines(file: string, hashed?: (sha256: string) => void): AsyncGenerator<readonly Line[]> {
  const hash = hashed === undefined ? null : createHash("sha256");
  let rest: Buffer[] = [];
  let number = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    hash?.update(chunk);
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const bytes = chunk.subarray(start, end);
      const whole = rest.length > 0 ? Buffer.concat([...rest, bytes]) : bytes;
      rest = [];
      number++;
      start = end + 1;
      lines.push(decode(whole, number));
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
    yield lines;
  }
  if (rest.length > 0) yield [decode(Buffer.concat(rest), number + 1)];
  if (hash !== null) hashed?.(hash.digest("hex"));
}
