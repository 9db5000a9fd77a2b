/** What a command fetches a server's records with: this process's clock and environment, progress on standard error. */

import { setTimeout as delay } from "node:timers/promises";

import type { ServerSurroundings } from "../oracle/intake/server/surroundings.ts";
import { note } from "./output.ts";

/** Silence on short work; on long work a line a second, and every wait that the server asks for. */
export function serverSurroundings(): ServerSurroundings {
  let next = performance.now() + 1_000;
  return {
    env: process.env,
    now: Date.now,
    sleep: (milliseconds) => delay(milliseconds),
    note: (line) => {
      if (performance.now() < next && !line.includes("trying again")) return;
      next = performance.now() + 1_000;
      note(line);
    },
  };
}
