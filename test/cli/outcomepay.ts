/**
 * The command line, from its arguments to its exit code, within this process: a process of its own takes a second or two to
 * start. Tests that kill a command, signal it or read its log start one (`test/e2e`, `test/terms/cli.test.ts`).
 */

import { mock } from "node:test";

import { main } from "../../cli/main.ts";

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Commands write to this process's output and read its environment: they take turns. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * @param env Beside the test's own environment, without what a user sets for the command line.
 * @param folder Where the command is given; by default the project's.
 */
export function outcomepay(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  folder = process.cwd(),
): Promise<Ended> {
  const ended = turn.then(() => alone(args, env, folder));
  turn = ended.catch(() => undefined);
  return ended;
}

async function alone(args: readonly string[], env: Readonly<Record<string, string>>, folder: string): Promise<Ended> {
  const before = { ...process.env };
  const from = process.cwd();
  const written = [captured(process.stdout), captured(process.stderr)] as const;
  setEnvironment({ ...before, OUTCOMEPAY_RPC_URL: undefined, OUTCOMEPAY_KEY: undefined, ...env });
  process.chdir(folder);
  try {
    const status = await main(["node", "outcomepay", ...args]);
    return { status, stdout: written[0].text(), stderr: written[1].text() };
  } finally {
    for (const { restore } of written) restore();
    setEnvironment(before);
    process.chdir(from);
  }
}

/** Undefined leaves a variable out. */
function setEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  for (const name of new Set([...Object.keys(process.env), ...Object.keys(env)]))
    if (env[name] === undefined) delete process.env[name];
    else process.env[name] = env[name];
}

/** Keeps what is written to a stream, until it is restored. */
function captured(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const listeners = stream.listeners("error");
  let text = "";
  const write = mock.method(stream, "write", (chunk: string | Uint8Array) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    return true;
  });
  return {
    text: () => text,
    restore() {
      write.mock.restore();
      for (const added of stream.listeners("error").filter((one) => !listeners.includes(one)))
        stream.off("error", added as (error: Error) => void);
    },
  };
}
