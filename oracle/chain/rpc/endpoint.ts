/** One JSON-RPC server: asks a question once, and tells an answer from a fault. */

import { z } from "zod";

/** A server's error answer: it understood and says no. */
export interface RpcRefusal {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcAnswer =
  { readonly type: "result"; readonly result: unknown } | { readonly type: "refusal"; readonly refusal: RpcRefusal };

/** No answer that can be read. Whether the request took effect is unknown; asking again may help. */
export class RpcFault extends Error {
  override readonly name = "RpcFault";
  /** Milliseconds after which the server wants to be asked again; null when it did not say. */
  readonly retryAfter: number | null;

  constructor(message: string, retryAfter: number | null = null, cause?: unknown) {
    super(message, { cause });
    this.retryAfter = retryAfter;
  }
}

export interface Endpoint {
  /** For messages: the host, never the path or the credentials, which may be secret. */
  readonly name: string;
  /** @throws RpcFault */
  ask(method: string, params: unknown): Promise<RpcAnswer>;
}

const answer = z.union([
  z.object({
    id: z.number(),
    error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }),
  }),
  z.object({ id: z.number(), result: z.unknown() }),
]);

/** Codes by which servers say that they are overloaded: a fault of the moment, and no answer to the question. */
const OVERLOADED = new Set([-32_005, -32_029, 429]);

/**
 * @param url May carry a user and a password.
 * @param timeout Milliseconds until an answer counts as lost.
 */
export function httpEndpoint(url: string, timeout: number): Endpoint {
  const { username, password, host } = new URL(url);
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers = {
    "content-type": "application/json",
    ...(username === "" && password === "" ? {} : { authorization: `Basic ${basic}` }),
  };
  let id = 0;

  async function ask(method: string, params: unknown): Promise<RpcAnswer> {
    id += 1;
    const asked = id;
    let response: Response;
    let body: string;
    try {
      const request = JSON.stringify({ jsonrpc: "2.0", id: asked, method, params });
      const signal = AbortSignal.timeout(timeout);
      response = await fetch(bare, { method: "POST", headers, body: request, signal, redirect: "error" });
      body = await response.text();
    } catch (error) {
      throw new RpcFault(`${host}: ${method}: ${reasonOf(error, timeout)}`, null, error);
    }
    const found = readAnswer(body, asked);
    // Some servers put their error answers under a status of 4xx or 5xx: the answer counts, unless it is no answer.
    if (found === null || (response.status === 429 && found.type === "refusal")) {
      const what = response.ok ? "an answer that is no JSON-RPC response to it" : `HTTP status ${response.status}`;
      throw new RpcFault(`${host}: ${method}: found ${what}`, retryAfterOf(response));
    }
    if (found.type === "refusal" && OVERLOADED.has(found.refusal.code)) {
      throw new RpcFault(`${host}: ${method}: ${found.refusal.message}`, retryAfterOf(response));
    }
    return found;
  }

  return { name: host, ask };
}

function readAnswer(body: string, asked: number): RpcAnswer | null {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return null;
  }
  const read = answer.safeParse(document);
  if (!read.success || read.data.id !== asked) return null;
  if ("error" in read.data) return { type: "refusal", refusal: read.data.error };
  // A response without a result is none: `null` is one.
  return read.data.result === undefined ? null : { type: "result", result: read.data.result };
}

function retryAfterOf({ headers }: Response): number | null {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}

function reasonOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${timeout / 1_000} s`;
  // `fetch failed` says nothing; its cause does.
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
