/** The chain behind `--rpc`. */

import { FetchRequest, JsonRpcProvider } from "ethers";

import { UsageError } from "./output.ts";

/** Names the environment variable that `--rpc` falls back to. */
export const RPC_ENV = "OUTCOMEPAY_RPC_URL";

/** Milliseconds until a node that does not answer is given up. */
const TIMEOUT = 30_000;

export interface Chain {
  readonly provider: JsonRpcProvider;
  readonly chainId: bigint;
}

/** The URL of the node; undefined when neither the flag nor the environment names one. */
export function rpcUrl(flag: string | undefined): string | undefined {
  return flag ?? process.env[RPC_ENV];
}

/** @throws UsageError when no chain answers. */
export async function connect(flag: string | undefined): Promise<Chain> {
  const url = rpcUrl(flag);
  if (url === undefined) throw new UsageError(`no chain is named: give --rpc URL or set ${RPC_ENV}`);
  // A URL may carry a key: only its host is ever shown.
  const host = hostOf(url);
  const request = new FetchRequest(url);
  request.timeout = TIMEOUT;
  const probe = new JsonRpcProvider(request);
  try {
    const network = await probe.getNetwork();
    const options = { staticNetwork: network, cacheTimeout: -1 };
    return { provider: new JsonRpcProvider(request.clone(), network, options), chainId: network.chainId };
  } catch {
    throw new UsageError(`--rpc: no chain answers at ${host}`);
  } finally {
    probe.destroy();
  }
}

function hostOf(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    if (protocol === "http:" || protocol === "https:") return host;
  } catch {
    // Falls through to the same message: it is no URL.
  }
  throw new UsageError("--rpc: expected an http or https URL");
}
