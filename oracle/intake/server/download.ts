/** One file of an export: taken to the disk and verified line by line, again from the start when it is not whole. */

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

import { isObject, text, type Json } from "../fhir/json.ts";
import { readLines } from "../lines.ts";
import { ServerError, shown } from "./errors.ts";
import type { ServerHttp, Tokens } from "./http.ts";
import type { ListedFile } from "./manifest.ts";
import type { Kept } from "./writer.ts";

/**
 * @param place Where it is written; what stood there is replaced.
 * @param each Called with every resource, of an attempt that may yet be made again.
 * @throws ServerError naming the file and the line
 */
export function download(
  http: ServerHttp,
  tokens: Tokens | null,
  { url, count, type }: ListedFile,
  place: string,
  each: (resource: Json, line: number) => void,
): Promise<Kept> {
  const call = { headers: { accept: "application/fhir+ndjson" }, tokens };
  return http.request(url, call, async (response) => {
    const hash = createHash("sha256");
    let bytes = 0;
    const handle = await open(place, "w", 0o600);
    try {
      for await (const chunk of http.chunks(response)) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    const found = await verify(place, url, type ?? null, each);
    if (typeof count === "number" && found !== count)
      throw new ServerError(`${shown(url)}: found ${found} resources, the manifest says ${count}`, { retryable: true });
    return { sha256: hash.digest("hex"), bytes, count: found };
  });
}

async function verify(
  place: string,
  url: string,
  type: string | null,
  each: (resource: Json, line: number) => void,
): Promise<number> {
  let count = 0;
  for await (const { first, texts } of readLines(place)) {
    for (const [k, line] of texts.entries()) {
      const number = first + k;
      if (line?.trim() === "") continue;
      const wrong = (found: string, expected: string): ServerError =>
        new ServerError(`${shown(url)}: line ${number}: found ${found}, expected ${expected}`, { retryable: true });
      if (line === null) throw wrong("bytes that are not UTF-8", "JSON");
      let resource: unknown;
      try {
        resource = JSON.parse(line);
      } catch {
        throw wrong("broken JSON", "one resource; the file may have been cut off");
      }
      const name = isObject(resource) ? text(resource["resourceType"]) : null;
      if (!isObject(resource) || name === null) throw wrong("no FHIR resource", type ?? "one");
      if (type !== null && name !== type) throw wrong(name, type);
      count++;
      each(resource, number);
    }
  }
  return count;
}
