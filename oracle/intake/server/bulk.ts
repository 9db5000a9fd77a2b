import type { ServerSettings } from "./settings.ts";
import type { ServerHttp, Tokens } from "./http.ts";
import type { SnapshotWriter } from "./writer.ts";
import type { Snapshot } from "./snapshot.ts";
export function exportRecords(
  s: ServerSettings,
  h: ServerHttp,
  t: Tokens | null,
  w: SnapshotWriter,
  p: Snapshot | null,
): Promise<string> {
  void [s, h, t, w, p];
  return Promise.reject(new Error("later"));
}
