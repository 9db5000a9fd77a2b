/** Probes and metrics over HTTP, for the operator's own monitoring. `build` makes the server, the caller listens. */

import fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

import type { Check } from "./readiness.ts";

export interface ProbeParts {
  readonly ready: () => Promise<readonly Check[]>;
}

/**
 * - `GET /health`: 200 while the process is up.
 * - `GET /ready`: 200 when it can do its work, else 503; with every check.
 */
export function addProbes(server: FastifyInstance, { ready }: ProbeParts): void {
  server.get("/health", () => ({ status: "ok" }));
  server.get("/ready", async (_, reply) => {
    const checks = await ready();
    const isReady = checks.every((check) => check.ready);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", checks });
  });
}

/** The probes and `GET /metrics`, in Prometheus' text format. */
export function buildOperationsServer(parts: ProbeParts & { readonly registry: Registry }): FastifyInstance {
  const server = fastify({ forceCloseConnections: "idle" });
  addProbes(server, parts);
  server.get("/metrics", async (_, reply) =>
    reply.type(parts.registry.contentType).send(await parts.registry.metrics()),
  );
  return server;
}
