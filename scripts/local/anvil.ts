/** A chain in a process of its own, behind real JSON-RPC. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { HDNodeWallet, JsonRpcProvider } from "ethers";

const MNEMONIC = "test test test test test test test test test test test junk";

/** One of the accounts that the chain starts with. */
export const account = (i: number): HDNodeWallet => HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${i}`);

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

export interface Anvil {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  stop(): void;
}

/** @param args Anvil's own, such as `--no-mining`. */
export async function startAnvil(...args: readonly string[]): Promise<Anvil> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const found = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const command = join(found, "..", "..", "..", ".bin", "anvil");
  const anvil = spawn(command, ["--port", String(port), "--silent", ...args], { stdio: "ignore" });
  for (let i = 0; i < 100; i++) {
    // Refused until it listens.
    const answer = await fetch(url, { method: "POST", body: "[]" }).catch(() => null);
    if (answer !== null) break;
    await delay(100);
  }
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
  const stop = (): void => {
    provider.destroy();
    anvil.kill();
  };
  return { url, provider, stop };
}
