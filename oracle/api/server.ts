/** The HTTP API for parties, auditors and operators. `build` makes it, the caller listens: tests inject requests instead. */

import swagger from "@fastify/swagger";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";

import { addProbes } from "../operations/server.ts";
import { rolesOf } from "./access.ts";
import { addHeaders, allowOrigins, limitRate } from "./guards.ts";
import { answerProblems, Problem } from "./problem.ts";
import { addAgreementRoutes } from "./routes/agreement.ts";
import { checkAccess, type Caller } from "./routes/context.ts";
import { addEnrolmentRoutes } from "./routes/enrolments.ts";
import { addNodeRoutes } from "./routes/node.ts";
import { addReportRoutes } from "./routes/reports.ts";
import { addSessionRoutes } from "./routes/session.ts";
import type { Sessions } from "./session.ts";
import type { SignIn } from "./signIn.ts";
import type { ApiSource } from "./source.ts";

export interface ApiParts {
  readonly source: ApiSource;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  /** Pages that may read answers in a browser. */
  readonly origins: readonly string[];
  /** Of one network address in a minute. */
  readonly requests: number;
  readonly trustProxy: boolean;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Told of what nobody expected; the caller sees only that there was something. */
  readonly onError: (error: unknown) => void;
}

/** The largest request is a contract wallet's signature. */
const BODY_LIMIT = 64 * 1024;
/** Ids of clauses and cohorts, and keys of patients, stand in paths. */
const LONGEST_PARAMETER = 300;

/** Ready to answer, not listening. */
export async function buildApiServer(parts: ApiParts): Promise<FastifyInstance> {
  const { source, sessions } = parts;
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: "idle",
    trustProxy: parts.trustProxy,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerProblems(server, parts.onError);
  addHeaders(server);
  limitRate(server, parts.requests, parts.now);
  allowOrigins(server, parts.origins);
  server.decorateRequest("caller", null);
  server.addHook("onRequest", async (request) => {
    const { resource } = request.routeOptions.config;
    if (resource === undefined) return;
    request.caller = await identify(request, parts);
    if (resource !== "session") checkAccess(request.caller.roles, resource);
  });

  await server.register(swagger, {
    openapi: {
      openapi: "3.0.3",
      info: {
        title: "outcomepay: an operator's node",
        description:
          "What an operator's node shows to the parties of an outcome-based agreement, to auditors and to operators. Sign in with a wallet (EIP-4361); SECURITY.md says who sees what.",
        version: "1",
      },
      components: { securitySchemes: { session: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    },
    transform: (route) => {
      const transformed = jsonSchemaTransform(route);
      const guarded = route.route.config?.resource !== undefined;
      if (guarded) transformed.schema = { ...transformed.schema, security: [{ session: [] }] };
      return transformed;
    },
    transformObject: (found) => {
      const document = jsonSchemaTransformObject(found);
      dropUnused(document);
      return document;
    },
  });
  await server.register(async (scope) => {
    const routes = { server: scope.withTypeProvider<ZodTypeProvider>(), source };
    addSessionRoutes({ ...routes, signIn: parts.signIn, sessions });
    addAgreementRoutes(routes);
    addEnrolmentRoutes(routes);
    addReportRoutes(routes);
    addNodeRoutes(routes);
    await Promise.resolve();
  });
  addProbes(server, { ready: () => source.checks() });
  server.get("/openapi.json", { schema: { hide: true } }, () => server.swagger());
  await server.ready();
  return server;
}

/** Drops the schemas that no route refers to: each is made in two forms, for requests and for answers. */
function dropUnused(document: object): void {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } };
  const schemas = components?.schemas ?? {};
  const isUnused = (name: string): boolean => !JSON.stringify(document).includes(`"#/components/schemas/${name}"`);
  // One that goes may have been the only one to refer to another.
  for (let unused = [""]; unused.length > 0;) {
    unused = Object.keys(schemas).filter(isUnused);
    for (const name of unused) delete schemas[name];
  }
}

/** @throws Problem 401, 403 */
async function identify(request: FastifyRequest, { source, sessions }: ApiParts): Promise<Caller> {
  const token = /^Bearer ([\w.-]{1,4096})$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) throw new Problem(401, "sign in first: POST /v1/session/nonce, then POST /v1/session");
  const session = await sessions.read(token);
  if (session === null) throw new Problem(401, "the session is over; sign in again");
  const scene = await source.scene();
  const roles = rolesOf(session.address, scene.people);
  if (roles.length === 0) {
    throw new Problem(403, `${session.address} is no party, arbiter, operator or auditor of this agreement any more`);
  }
  return { session, roles, scene };
}
