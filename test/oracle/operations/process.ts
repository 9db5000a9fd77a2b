/** `outcomepay oracle …` as a process of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../../bin/outcomepay.mjs", import.meta.url));

export interface OracleProcess {
  readonly child: ChildProcess;
  /** What it wrote to standard error so far. */
  log(): string;
  /** What it wrote to standard output so far. */
  output(): string;
  /** Waits for a line of the log; rejects when the process ends before. */
  line(contains: string): Promise<Record<string, unknown>>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

export function runOracle(args: readonly string[], env: Readonly<Record<string, string>>): OracleProcess {
  const child = spawn(process.execPath, [BIN, "oracle", ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString("utf8")));
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string | null);
  let isOver = false;
  void ended.then(() => (isOver = true));

  async function line(contains: string): Promise<Record<string, unknown>> {
    for (;;) {
      const found = log.split("\n").find((text) => text.includes(contains) && text.endsWith("}"));
      if (found !== undefined) return JSON.parse(found) as Record<string, unknown>;
      if (isOver) throw new Error(`it ended without "${contains}":\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  return { child, log: () => log, output: () => output, line, ended };
}
