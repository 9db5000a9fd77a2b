/** An operator's node as other operators see it. `build` makes it, the caller listens: tests inject requests instead. */

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

import { readEraseRequest, type EraseAnswer, type EraseRequest } from "../erase/request.ts";
import { toJson } from "../report/wire.ts";
import { CallGuard, NotAuthenticated } from "./auth.ts";
import type { Endorser, EndorseReply } from "./endorser.ts";
import type { HeldEnrolment } from "./client.ts";
import { MalformedRequest, readEndorseRequest, readEntriesRequest, type EntriesRequest } from "./request.ts";

export interface NodeServerParts {
  /** This operator's address: requests are signed to it. */
  readonly address: string;
  /** Addresses of the operators who may ask. */
  readonly operators: readonly string[];
  readonly endorser: Endorser;
  /** What this operator holds of an enrolment; null when it does not. */
  readonly entries: (request: EntriesRequest) => Promise<HeldEnrolment | null>;
  /** Forgets a patient because another operator asks. */
  readonly erase: (request: EraseRequest, operator: string) => Promise<EraseAnswer>;
  /** Milliseconds since 1970-01-01 UTC: what requests between operators are timed by. */
  readonly now: () => number;
  /** Called with every answer to a request for an endorsement, for the operator's log and metrics. */
  readonly onAnswer?: (operator: string, reply: EndorseReply) => void;
  /** Called with an error that nobody expected; the asking operator sees only that there was one. */
  readonly onError?: (error: unknown) => void;
}

/** Room for the patients of an enrolment of 100,000. */
const BODY_LIMIT = 32 * 1024 * 1024;

const STATUS_CODES: Record<EndorseReply["status"], number> = {
  endorsed: 200,
  different: 409,
  taken: 409,
  declined: 422,
};

/**
 * - `GET /health`: 200 while the process is up.
 * - `POST /endorse`: 200 with a signature · 409 where the result differs, or another content was endorsed · 422 declined ·
 *   400 malformed · 401 not authenticated.
 * - `POST /entries`: 200 with the patients of an enrolment · 404.
 * - `POST /erase`: 200 with what was erased, or why it waits or can't be.
 */
export function buildNodeServer(parts: NodeServerParts): FastifyInstance {
  const guard = new CallGuard(parts.operators, parts.now);
  const server = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: "idle" });
  server.removeAllContentTypeParsers();
  // The signature is over the bytes as they came.
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body));

  server.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    const known = error instanceof NotAuthenticated ? 401 : error instanceof MalformedRequest ? 400 : error.statusCode;
    if (known === undefined || known >= 500) parts.onError?.(error);
    const code = known ?? 500;
    return reply.code(code).send({ error: code < 500 ? error.message : "internal error" });
  });

  server.get("/health", () => ({ status: "ok" }));

  const onRequest = (request: FastifyRequest, _: FastifyReply, done: () => void): void => {
    // A stranger's body is not even read.
    guard.checkHeaders(request.headers);
    done();
  };
  const authenticated = (request: FastifyRequest): { operator: string; body: string } => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const call = { method: request.method, path: request.url, to: parts.address };
    return { operator: guard.check(call, request.headers, body), body: body.toString("utf8") };
  };
  const send = (reply: FastifyReply, code: number, document: unknown): FastifyReply =>
    reply.code(code).type("application/json").send(toJson(document));

  server.post("/endorse", { onRequest }, async (request, reply) => {
    const { operator, body } = authenticated(request);
    const answer = await parts.endorser.endorse(readEndorseRequest(body));
    parts.onAnswer?.(operator, answer);
    return send(reply, STATUS_CODES[answer.status], answer);
  });

  server.post("/entries", { onRequest }, async (request, reply) => {
    const entries = await parts.entries(readEntriesRequest(authenticated(request).body));
    return entries === null ? send(reply, 404, { error: "not held here" }) : send(reply, 200, entries);
  });

  server.post("/erase", { onRequest }, async (request, reply) => {
    const { operator, body } = authenticated(request);
    return send(reply, 200, await parts.erase(readEraseRequest(body), operator));
  });

  return server;
}
