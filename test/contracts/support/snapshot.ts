import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The snapshot in a file as it is committed. With UPDATE_SNAPSHOTS=1 it is written anew first, from what was found. */
export function snapshot<T>(file: URL, found: T): T {
  if (process.env.UPDATE_SNAPSHOTS === "1") writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  if (!existsSync(file)) throw new Error(`${file.pathname} is not committed: UPDATE_SNAPSHOTS=1 writes it`);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
