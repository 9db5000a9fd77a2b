/** Five operators of the oracle, each a process of its own with its own key, store and node. */

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { id, type HDNodeWallet, type TypedDataDomain, type TypedDataField } from "ethers";
import { stringify } from "yaml";

import { freePort } from "../local/anvil.ts";
import { CAST } from "./cast.ts";
import type { Staged } from "./stage.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/outcomepay.mjs", import.meta.url));

/** An operator who only answers the others makes no passes of its own. */
const NEVER = 86_400;

const START_PATIENCE = 60_000;

export interface Operators {
  /** The first operator makes one pass; the other four recompute and endorse what it proposes. What had to wait, and why. */
  pass(): Promise<string[]>;
  /** Signs what lies there for the authorising party; tells how many enrolments it signed. */
  authorise(party: HDNodeWallet): Promise<number>;
  /** The first operator's store. */
  readonly store: string;
  stop(): void;
}

/** @param source The records' source file. */
export async function startOperators(
  folder: string,
  { address, sheet, created }: Staged,
  committee: string,
  rpc: string,
  source: string,
): Promise<Operators> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "terms.yaml"), sheet);
  // Operators of one agreement share its secret; here it follows from the address, so that a run can be repeated.
  writeFileSync(join(folder, "secret"), id(`demo ${address}`).slice(2));
  const ports = await Promise.all(CAST.operators.map(freePort));
  const peers = CAST.operators.map((operator, i) => ({
    address: operator.address,
    url: `http://127.0.0.1:${ports[i]}`,
  }));
  const configs = CAST.operators.map((operator, i) => {
    const file = join(folder, `operator-${i + 1}.yaml`);
    const settings = {
      key: { env: "OPERATOR_KEY" },
      peers: peers.filter((peer) => peer.address !== operator.address),
      committee,
      rpc,
      agreement: address,
      terms: "terms.yaml",
      source: relative(folder, source),
      secret: "secret",
      store: `operator-${i + 1}.sqlite`,
      listen: { port: ports[i] },
      authorisations: "authorisations",
      fromBlock: created.block,
      poll: NEVER,
    };
    writeFileSync(file, stringify(settings));
    return file;
  });

  const processes = configs.slice(1).map((file, i): ChildProcess => {
    const env = { ...process.env, OPERATOR_KEY: CAST.operators[i + 1]?.privateKey };
    const child = spawn(process.execPath, [PROGRAM, "oracle", "start", "--config", file], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    writeFileSync(join(folder, `operator-${i + 2}.log`), "");
    child.stderr?.on("data", (chunk: Buffer) => {
      writeFileSync(join(folder, `operator-${i + 2}.log`), chunk, { flag: "a" });
    });
    return child;
  });
  await Promise.all(peers.slice(1).map(({ url }) => untilHealthy(url)));

  const authorisations = join(folder, "authorisations");
  mkdirSync(authorisations, { recursive: true });
  return {
    store: join(folder, "operator-1.sqlite"),
    pass: () => once(configs[0] ?? "", CAST.operators[0]?.privateKey ?? ""),
    async authorise(party) {
      const waiting = readdirSync(authorisations).filter((name) => name.endsWith(".json"));
      const signed = readdirSync(authorisations).filter((name) => !name.endsWith(".json"));
      const open = waiting.filter((name) => !signed.includes(name.slice(0, -".json".length)));
      for (const name of open) {
        const { domain, types, message } = JSON.parse(readFileSync(join(authorisations, name), "utf8")) as {
          domain: TypedDataDomain;
          types: Record<string, TypedDataField[]>;
          message: Record<string, unknown>;
        };
        const signature = await party.signTypedData(domain, types, message);
        writeFileSync(join(authorisations, name.slice(0, -".json".length)), signature);
      }
      return open.length;
    },
    stop: () => processes.forEach((child) => child.kill("SIGTERM")),
  };
}

async function once(config: string, key: string): Promise<string[]> {
  const env = { ...process.env, OPERATOR_KEY: key };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, "oracle", "once", "--config", config, "--json"],
    { env },
  );
  const { events } = JSON.parse(stdout) as { events: { step: string; result: string; detail: string }[] };
  const failed = events.filter(({ result }) => result === "failed");
  if (failed.length > 0) throw new Error(failed.map(({ step, detail }) => `${step}: ${detail}`).join("\n"));
  return events.filter(({ result }) => result === "waiting").map(({ step, detail }) => `${step}: ${detail}`);
}

async function untilHealthy(url: string): Promise<void> {
  const tries = START_PATIENCE / 200;
  for (let i = 0; i < tries; i++) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(200);
  }
  throw new Error(`an operator's node does not answer at ${url}`);
}
