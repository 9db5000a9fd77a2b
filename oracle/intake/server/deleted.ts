/** What an export says was deleted: withdrawn from the records, until the server has it again. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Rejected } from "../facts.ts";
import { get, objects, text, type Json } from "../fhir/json.ts";
import { resolveReference } from "../fhir/references.ts";
import { ServerError } from "./errors.ts";
import type { Snapshot } from "./snapshot.ts";
import type { SnapshotWriter } from "./writer.ts";

/**
 * The `Type/id` of each deletion in a line of a `deleted` file: a transaction Bundle of DELETE requests.
 * @throws ServerError when the line says anything else: a deletion that is not understood must not pass
 */
export function deletionsOf(bundle: Json, url: string, line: number): string[] {
  return objects(bundle["entry"]).map((entry) => {
    const method = text(get(entry, "request", "method"));
    const target = resolveReference(text(get(entry, "request", "url")) ?? "", new Map(), "Patient");
    if (method === "DELETE" && target !== null && /^[A-Z]/.test(target)) return target;
    throw new ServerError(`${url}: line ${line}: found an entry that is no deletion of Type/id, expected only those`);
  });
}

/** As the file reader takes it. */
export function deletionLine(id: string): string {
  return JSON.stringify({
    resourceType: "Bundle",
    type: "transaction",
    entry: [{ request: { method: "DELETE", url: id } }],
  });
}

/**
 * Takes over the earlier snapshot's files, versions and all: which one counts is settled where they are read. A deletion
 * is dropped when the resource has come back.
 * @param present `Type/id` of what was fetched now.
 */
export async function keepPrevious(
  previous: Snapshot,
  writer: SnapshotWriter,
  present: ReadonlySet<string>,
): Promise<void> {
  const { folder, manifest } = previous;
  const linesOf = (path: string): string[] =>
    readFileSync(join(folder, path), "utf8")
      .split("\n")
      .filter((line) => line !== "");
  for (const file of manifest.files) {
    const lines = file.kind === "deleted" ? linesOf(file.path) : [];
    const standing = lines.filter(
      (line) => !deletionsOf(JSON.parse(line) as Json, file.url, 0).some((id) => present.has(id)),
    );
    if (standing.length === lines.length) {
      writer.take(previous, file);
      continue;
    }
    const written = await writer.open(file.path.replace(/^data\//, ""), file);
    for (const line of standing) await written.write(line);
    await written.close();
  }
  for (const line of linesOf(manifest.issues.path)) writer.issue(JSON.parse(line) as Rejected);
}
