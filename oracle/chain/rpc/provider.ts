/** The chain behind one or several JSON-RPC servers, as an ethers provider. */

import { JsonRpcApiProvider, Network, type JsonRpcError, type JsonRpcPayload, type JsonRpcResult } from "ethers";

import { ChainError } from "../errors.ts";
import { askChain, type AskChain } from "./ask.ts";
import { httpEndpoint, type Endpoint } from "./endpoint.ts";

export interface RpcOptions {
  /** Servers that must give the same answer; default: more than half of them. */
  readonly quorum?: number;
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Never caches an answer, and never waits for a network that it can't reach. */
class ChainProvider extends JsonRpcApiProvider {
  readonly #ask: AskChain;

  constructor(network: Network, ask: AskChain) {
    super(network, { staticNetwork: network, batchMaxCount: 1, cacheTimeout: -1 });
    this.#ask = ask;
    this._start();
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<(JsonRpcResult | JsonRpcError)[]> {
    const payloads = Array.isArray(payload) ? payload : [payload];
    return Promise.all(
      payloads.map(async ({ id, method, params }) => {
        const answer = await this.#ask(method, Array.isArray(params) ? params : []);
        if (answer.type === "result") return { id, result: answer.result };
        return { id, error: answer.refusal };
      }),
    );
  }
}

/**
 * Connects, and makes sure that all servers that answer are of one chain.
 * @param urls At least one.
 * @throws ChainError `wait` when too few answer, `final` when they are of different chains.
 */
export async function openRpc(
  urls: readonly string[],
  { quorum = Math.floor(urls.length / 2) + 1, timeout, sleep }: RpcOptions,
): Promise<JsonRpcApiProvider> {
  const endpoints = urls.map((url) => httpEndpoint(url, timeout));
  const chainId = await chainOf(endpoints, quorum, sleep);
  return new ChainProvider(new Network("chain", chainId), askChain(endpoints, { quorum, sleep }));
}

async function chainOf(
  endpoints: readonly Endpoint[],
  quorum: number,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<bigint> {
  const answers = await Promise.allSettled(
    endpoints.map(async (endpoint) => {
      const answer = await askChain([endpoint], { quorum: 1, sleep })("eth_chainId", []);
      const result = answer.type === "result" ? answer.result : answer.refusal.message;
      if (typeof result !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(result)) {
        throw new TypeError(`${endpoint.name}: found chain id ${JSON.stringify(result)}, expected a hex number`);
      }
      return { name: endpoint.name, chainId: BigInt(result) };
    }),
  );
  const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const [first] = found;
  if (first === undefined || found.length < quorum) {
    const faults = answers.flatMap(({ status, ...rest }) =>
      status === "rejected" ? [String((rest as { reason: unknown }).reason)] : [],
    );
    throw new ChainError(`the chain can't be reached: ${faults.join("; ")}`, "wait", null);
  }
  const other = found.find(({ chainId }) => chainId !== first.chainId);
  if (other !== undefined) {
    const message = `${first.name} is of chain ${first.chainId}, ${other.name} of chain ${other.chainId}`;
    throw new ChainError(message, "final", null);
  }
  return first.chainId;
}
