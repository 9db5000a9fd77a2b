/** A JSON-RPC server between a node and a chain, over real HTTP, that fails or lies when it is told to. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Of this request among all, and among those of its method; both from 1. */
export interface Seen {
  readonly index: number;
  readonly ofMethod: number;
}

/**
 * What becomes of a request. `before`: it does not reach the chain. `after`: it does, the answer is lost.
 * `dies`: whatever it does ends the asking process, then nobody is there to answer.
 */
export type Fate =
  | { readonly type: "pass" }
  | { readonly type: "lost"; readonly when: "before" | "after" }
  | { readonly type: "dies"; readonly when: "before" | "after"; readonly kill: () => Promise<void> }
  | { readonly type: "late"; readonly milliseconds: number }
  | { readonly type: "twice" }
  | { readonly type: "status"; readonly status: number; readonly body?: string }
  | { readonly type: "text"; readonly change: (body: string) => string }
  | { readonly type: "lie"; readonly change: (result: unknown) => unknown }
  | { readonly type: "refusal"; readonly code: number; readonly message: string };

export type Decide = (request: RpcRequest, seen: Seen) => Fate | null;

export interface FaultyRpc {
  readonly url: string;
  /** Null: pass. */
  decide: Decide | null;
  /** Every request since the last reset, in order. */
  readonly requests: readonly RpcRequest[];
  /** Forgets the requests and passes everything. */
  reset(): void;
  stop(): Promise<void>;
}

const PASS: Fate = { type: "pass" };

export async function faultyRpc(chain: string): Promise<FaultyRpc> {
  const requests: RpcRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function forward(body: string): Promise<string> {
    const answer = await fetch(chain, { method: "POST", headers: { "content-type": "application/json" }, body });
    return answer.text();
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const request = JSON.parse(body) as RpcRequest;
    requests.push(request);
    const ofMethod = requests.filter(({ method }) => method === request.method).length;
    const fate = rpc.decide?.(request, { index: requests.length, ofMethod }) ?? PASS;
    const send = (status: number, content: string): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(content);
    };
    switch (fate.type) {
      case "pass":
        return send(200, await forward(body));
      case "lost":
        if (fate.when === "after") await forward(body);
        response.destroy();
        return;
      case "dies":
        if (fate.when === "after") await forward(body);
        await fate.kill();
        response.destroy();
        return;
      case "late": {
        const content = await forward(body);
        await new Promise((resolve) => setTimeout(resolve, fate.milliseconds));
        return send(200, content);
      }
      case "twice":
        await forward(body);
        return send(200, await forward(body));
      case "status":
        return send(fate.status, fate.body ?? "");
      case "text":
        return send(200, fate.change(await forward(body)));
      case "lie": {
        const { result } = JSON.parse(await forward(body)) as { result?: unknown };
        return send(200, JSON.stringify({ jsonrpc: "2.0", id: request.id, result: fate.change(result) }));
      }
      case "refusal": {
        const error = { code: fate.code, message: fate.message };
        return send(200, JSON.stringify({ jsonrpc: "2.0", id: request.id, error }));
      }
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const rpc: FaultyRpc = {
    url: `http://127.0.0.1:${port}`,
    decide: null,
    requests,
    reset: () => {
      requests.length = 0;
      rpc.decide = null;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return rpc;
}
