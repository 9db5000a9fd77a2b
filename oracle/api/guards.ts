/** What every answer and every caller is held to: headers, browsers of other origins, the rate of requests. */

import type { FastifyInstance } from "fastify";

import { sendProblem } from "./problem.ts";

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

export function addHeaders(server: FastifyInstance): void {
  server.addHook("onRequest", async (_, reply) => void reply.headers(HEADERS));
}

/** Lets pages of these origins, and of no other, read answers in a browser. */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  server.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    reply.header("vary", "origin");
    if (origin === undefined || !origins.includes(origin)) return;
    reply.header("access-control-allow-origin", origin);
    if (request.method !== "OPTIONS") return;
    reply.headers({
      "access-control-allow-methods": "GET, POST, DELETE",
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": "600",
    });
    return reply.code(204).send();
  });
}

const MINUTE = 60_000;
/** Callers that are remembered; beyond it those who may ask again anyway are forgotten. */
const MOST_CALLERS = 10_000;

/**
 * A bucket for each caller, refilled evenly over a minute.
 * @param now Milliseconds since 1970-01-01 UTC.
 */
export function limitRate(server: FastifyInstance, requests: number, now: () => number): void {
  const buckets = new Map<string, { left: number; at: number }>();
  const refilled = ({ left, at }: { left: number; at: number }, time: number): number =>
    Math.min(requests, left + ((time - at) / MINUTE) * requests);

  server.addHook("onRequest", async (request, reply) => {
    const time = now();
    const left = refilled(buckets.get(request.ip) ?? { left: requests, at: time }, time) - 1;
    if (left < 0) {
      const seconds = Math.ceil((-left / requests) * 60);
      return sendProblem(reply.header("retry-after", String(seconds)), 429, `at most ${requests} requests a minute`);
    }
    buckets.set(request.ip, { left, at: time });
    if (buckets.size <= MOST_CALLERS) return;
    for (const [caller, bucket] of buckets) if (refilled(bucket, time) >= requests) buckets.delete(caller);
    // Still more, all of them busy: the oldest gets a full bucket.
    for (const caller of buckets.keys()) {
      if (buckets.size <= MOST_CALLERS) break;
      buckets.delete(caller);
    }
  });
}
