/** The command line as a process of its own. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param env Beside the test's own environment. */
export async function outcomepay(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  // Undefined leaves a variable out.
  const own = { NODE_OPTIONS: undefined, OUTCOMEPAY_RPC_URL: undefined, OUTCOMEPAY_KEY: undefined };
  const child = spawn(process.execPath, [join(root, "bin/outcomepay.mjs"), ...args], {
    cwd: root,
    env: { ...process.env, ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  return { status, stdout, stderr };
}
