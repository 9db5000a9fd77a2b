/** Five operators of the oracle, each a process of its own with its own key, store and node. */

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { id, type HDNodeWallet, type TypedDataDomain, type TypedDataField } from "ethers";

import { environment, PROGRAM, startNode, writeNodes, type NodeFiles } from "../local/nodes.ts";
import { CAST } from "./cast.ts";
import type { Staged } from "./stage.ts";

/** An operator who only answers the others makes no passes of its own. */
const NEVER = 86_400;

export interface Operators {
  /** The first operator makes one pass; the other four recompute and endorse what it proposes. What had to wait, and why. */
  pass(): Promise<string[]>;
  /** Signs what lies there for the authorising party; tells how many enrolments it signed. */
  authorise(party: HDNodeWallet): Promise<number>;
  /** The first operator's store. */
  readonly store: string;
  stop(): Promise<void>;
}

/** @param source The records' source file. */
export async function startOperators(
  folder: string,
  { address, sheet, created }: Staged,
  committee: string,
  rpc: string,
  source: string,
): Promise<Operators> {
  // Operators of one agreement share its secret; here it follows from the address, so that a run can be repeated.
  const secret = id(`demo ${address}`).slice(2);
  const shared = {
    agreement: address,
    sheet,
    fromBlock: created.block,
    committee,
    rpc,
    secret,
    settings: { poll: NEVER },
  };
  const nodes = await writeNodes(
    folder,
    shared,
    CAST.operators.map((operator) => ({ address: operator.address, privateKey: operator.privateKey, source })),
  );
  const [first, ...others] = nodes;
  if (first === undefined) throw new RangeError("an oracle has operators");
  const running = await Promise.all(others.map(startNode));

  const authorisations = join(folder, "authorisations");
  mkdirSync(authorisations, { recursive: true });
  return {
    store: first.store,
    pass: () => once(first),
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
    stop: async () => {
      await Promise.all(running.map((node) => node.stop("SIGTERM")));
    },
  };
}

async function once(files: NodeFiles): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, "oracle", "once", "--config", files.config, "--json"],
    { env: environment(files) },
  );
  const { events } = JSON.parse(stdout) as { events: { step: string; result: string; detail: string }[] };
  const failed = events.filter(({ result }) => result === "failed");
  if (failed.length > 0) throw new Error(failed.map(({ step, detail }) => `${step}: ${detail}`).join("\n"));
  return events.filter(({ result }) => result === "waiting").map(({ step, detail }) => `${step}: ${detail}`);
}
