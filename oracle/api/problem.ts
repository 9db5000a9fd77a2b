/** Errors as answers: `application/problem+json` (RFC 9457), without a stack and without what is secret. */

import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { z } from "zod";

import { ChainError } from "../chain/errors.ts";
import { Unavailable } from "../unavailable.ts";

export const problemSchema = z
  .object({
    type: z.string().describe("`about:blank`: the status says it all"),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
  })
  .meta({ id: "Problem", description: "RFC 9457" });

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not for this account",
  404: "Not found",
  413: "Too large",
  415: "Unsupported media type",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available now",
};

/** What a route answers instead of its resource. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const title = TITLES[status] ?? "Refused";
  return reply
    .code(status)
    .type("application/problem+json")
    .serializer((document: unknown) => JSON.stringify(document))
    .send({ type: "about:blank", title, status, detail });
}

/** @param onError Told of what nobody expected; the caller sees only that there was something. */
export function answerProblems(server: FastifyInstance, onError: (error: unknown) => void): void {
  server.setNotFoundHandler((request, reply) => sendProblem(reply, 404, `there is no ${request.method} here`));
  server.setErrorHandler((error: FastifyError, _, reply) => {
    if (error instanceof Problem) return sendProblem(reply, error.status, error.message);
    if (hasZodFastifySchemaValidationErrors(error)) {
      const problems = error.validation.map(({ instancePath, message }) => `${instancePath || "/"}: ${message ?? ""}`);
      return sendProblem(reply, 400, problems.join("; "));
    }
    if ((error instanceof ChainError && error.retry !== "final") || error instanceof Unavailable) {
      onError(error);
      return sendProblem(reply.header("retry-after", "10"), 503, "the chain or the store can't be read now");
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return sendProblem(reply, status, error.message);
    onError(error);
    return sendProblem(reply, 500, "something went wrong; the operator's log says what");
  });
}
