/** Operators' nodes of one agreement, each a process of its own with its own key, settings, store and port. */

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { stringify } from "yaml";

import { freePort } from "./anvil.ts";

export const PROGRAM = fileURLToPath(new URL("../../bin/outcomepay.mjs", import.meta.url));

/** Environment variable that the settings take the key from. */
const KEY = "OPERATOR_KEY";

const START_PATIENCE = 60_000;
const LOOK_EVERY = 200;

/** What all nodes of an agreement share. */
export interface Shared {
  readonly agreement: string;
  /** The term sheet with every address. */
  readonly sheet: string;
  /** Block of the agreement's creation. */
  readonly fromBlock: number;
  readonly committee: string;
  readonly rpc: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
  /** Any further settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Operator {
  readonly address: string;
  readonly privateKey: string;
  /** Its records' source file. */
  readonly source: string;
}

/** A node's settings, written. */
export interface NodeFiles {
  readonly config: string;
  readonly store: string;
  readonly log: string;
  readonly url: string;
  readonly key: string;
}

/** Writes the term sheet, the secret and `operator-1.yaml` … into a folder. */
export async function writeNodes(folder: string, shared: Shared, operators: readonly Operator[]): Promise<NodeFiles[]> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "terms.yaml"), shared.sheet);
  writeFileSync(join(folder, "secret"), shared.secret);
  const ports = await Promise.all(operators.map(freePort));
  const peers = operators.map(({ address }, i) => ({ address, url: `http://127.0.0.1:${ports[i]}` }));
  return operators.map(({ address, privateKey, source }, i) => {
    const name = `operator-${i + 1}`;
    const config = join(folder, `${name}.yaml`);
    const settings = {
      key: { env: KEY },
      peers: peers.filter((peer) => peer.address !== address),
      committee: shared.committee,
      rpc: shared.rpc,
      agreement: shared.agreement,
      terms: "terms.yaml",
      source: relative(folder, source),
      secret: "secret",
      store: `${name}.sqlite`,
      listen: { port: ports[i] },
      authorisations: "authorisations",
      fromBlock: shared.fromBlock,
      ...shared.settings,
    };
    writeFileSync(config, stringify(settings));
    const url = peers[i]?.url ?? "";
    return { config, store: join(folder, `${name}.sqlite`), log: join(folder, `${name}.log`), url, key: privateKey };
  });
}

export interface RunningNode {
  readonly files: NodeFiles;
  /** What it has logged so far, line by line. */
  log(): Record<string, unknown>[];
  /** The exit code; null when a signal ended it. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

/** `oracle start`; resolves when it answers its peers. @throws Error with its log when it does not. */
export async function startNode(files: NodeFiles): Promise<RunningNode> {
  const child = spawn(process.execPath, [PROGRAM, "oracle", "start", "--config", files.config], {
    env: environment(files),
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.pipe(createWriteStream(files.log, { flags: "a" }));
  const ended = once(child, "exit") as Promise<[number | null]>;
  await untilHealthy(files, () => child.exitCode !== null);
  return {
    files,
    log: () =>
      readFileSync(files.log, "utf8")
        .split("\n")
        .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : [])),
    stop: async (signal) => {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

/** The environment in which a node finds its key. */
export function environment({ key }: NodeFiles): NodeJS.ProcessEnv {
  return { ...process.env, [KEY]: key };
}

async function untilHealthy({ url, log }: NodeFiles, isOver: () => boolean): Promise<void> {
  for (let waited = 0; waited < START_PATIENCE && !isOver(); waited += LOOK_EVERY) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(LOOK_EVERY);
  }
  throw new Error(`an operator's node does not answer at ${url}: ${readFileSync(log, "utf8")}`);
}
