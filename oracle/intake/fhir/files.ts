/** NDJSON and JSON files, in order of path, whatever the file system's own order. */

import { isUtf8 } from "node:buffer";
import { readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import type { Collector } from "../collector.ts";
import { readLines } from "../lines.ts";
import type { FhirConfig } from "./config.ts";
import { fhirSettings } from "./context.ts";
import { FhirReader } from "./reader.ts";

/**
 * Reads a file, or every file below a folder.
 * @param base What names are relative to.
 * @param nameOf What a file is called by its path, where that is not its name.
 */
export async function readFhirFiles(
  collector: Collector,
  config: FhirConfig,
  path: string,
  base: string,
  progress?: (file: string) => void,
  nameOf: (path: string) => string = (file) => relative(base, file).replaceAll("\\", "/"),
): Promise<void> {
  const reader = new FhirReader(collector, fhirSettings(config));
  for (const inner of filesBelow(path)) {
    const name = nameOf(inner);
    const file = collector.open(name);
    progress?.(name);
    if (inner.endsWith(".json")) await readDocument(inner, file, reader, collector);
    else await readNdjson(inner, file, reader, collector);
  }
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.flatMap((entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(inner);
    return /\.(?:ndjson|jsonl|json)$/.test(entry.name) ? [inner] : [];
  });
}

async function readNdjson(path: string, file: number, reader: FhirReader, collector: Collector): Promise<void> {
  for await (const { first, texts } of readLines(path)) {
    for (const [k, text] of texts.entries()) {
      if (text === null) collector.unreadable(file, first + k, "not UTF-8");
      else if (text.startsWith("{") || text.trim() !== "") reader.readText(text, file, first + k);
    }
  }
}

async function readDocument(path: string, file: number, reader: FhirReader, collector: Collector): Promise<void> {
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) {
    collector.unreadable(file, null, "not UTF-8");
    return;
  }
  const text = bytes.toString("utf8");
  reader.readText(text.startsWith("\uFEFF") ? text.slice(1) : text, file, null);
}
