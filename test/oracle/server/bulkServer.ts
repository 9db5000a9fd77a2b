/** A Bulk Data server with SMART Backend Services for tests: what the reference implementation does, and faults on demand. */

import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";

import Fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JSONWebKeySet } from "jose";

export interface ExportFile {
  readonly type?: string;
  readonly content: string;
  /** What the manifest says; the true number when left out, nothing when null. */
  readonly count?: number | null;
  /** On another server. */
  readonly url?: string;
}

export interface Exported {
  readonly transactionTime: string;
  readonly output: readonly ExportFile[];
  readonly deleted?: readonly ExportFile[];
  readonly error?: readonly ExportFile[];
}

export interface Client {
  readonly clientId: string;
  readonly jwks: JSONWebKeySet;
  readonly scopes: readonly string[];
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => unknown;

const lines = (content: string): number => content.split("\n").filter((line) => line.trim() !== "").length;

export class BulkServer {
  url = "";
  /** Null: no token is needed. */
  client: Client | null = null;
  requiresAccessToken = true;
  /** Seconds that a token lives. */
  tokenLife = 300;
  /** Seconds since 1970, as the token endpoint knows them. */
  now: () => number = () => Date.now() / 1_000;
  /** How many times the status is still 202. */
  polls = 0;
  /** Manifests of one export; several are linked. */
  exports: readonly Exported[] = [];
  /** Overrides the manifest. */
  manifest: ((manifest: Record<string, unknown>) => unknown) | null = null;
  /** Answers instead, by path; undefined lets the server answer. */
  intercept: Answer | null = null;
  readonly requests: { readonly method: string; readonly url: string; readonly headers: FastifyRequest["headers"] }[] =
    [];
  readonly scopesAsked: string[] = [];
  tokensIssued = 0;
  deletedExports = 0;
  readonly #app = Fastify();
  readonly #usedIds = new Set<string>();
  readonly #tokens = new Map<string, number>();
  #pollsLeft = 0;

  async start(): Promise<this> {
    const app = this.#app;
    app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))));
    });
    app.addHook("onRequest", async (request, reply) => {
      this.requests.push({ method: request.method, url: request.url, headers: request.headers });
      const answer: unknown = await this.intercept?.(request, reply);
      if (answer !== undefined && !reply.sent) await reply.send(answer);
    });
    app.get("/fhir/.well-known/smart-configuration", () => ({
      token_endpoint: `${this.url.replace(/fhir$/, "")}auth/token`,
      token_endpoint_auth_signing_alg_values_supported: ["RS384", "ES384"],
      grant_types_supported: ["client_credentials"],
    }));
    app.post("/auth/token", (request, reply) => this.#token(request, reply));
    for (const path of ["/fhir/$export", "/fhir/Patient/$export", "/fhir/Group/:id/$export"])
      app.get(path, (request, reply) => this.#kickOff(request, reply));
    app.get("/fhir/bulkstatus/:manifest", (request, reply) => this.#status(request, reply));
    app.delete("/fhir/bulkstatus/:manifest", (request, reply) => {
      if (!this.#authorised(request)) return this.#unauthorised(reply);
      this.deletedExports++;
      return reply.code(202).send();
    });
    app.get("/fhir/bulkfiles/:manifest/:kind/:file", (request, reply) => this.#file(request, reply));
    await app.listen({ host: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/fhir`;
    return this;
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  count(method: string, part: string): number {
    return this.requests.filter((request) => request.method === method && request.url.includes(part)).length;
  }

  /** The checks of the reference implementation, in its order, with its errors. */
  async #token(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const refuse = (status: number, error: string, description: string): FastifyReply =>
      reply.code(status).send({ error, error_description: description });
    const form = request.body as Record<string, string>;
    if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded"))
      return refuse(400, "invalid_request", "Invalid request content-type header");
    if (form["grant_type"] !== "client_credentials") return refuse(400, "unsupported_grant_type", "Unknown grant_type");
    if (form["client_assertion_type"] !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
      return refuse(400, "invalid_request", "Invalid client_assertion_type");
    const assertion = form["client_assertion"] ?? "";
    const { client } = this;
    if (client === null) return refuse(400, "invalid_request", "no client");
    try {
      const header = decodeProtectedHeader(assertion);
      const claims = decodeJwt(assertion);
      if (header.typ !== "JWT" || header.kid === undefined || !["RS384", "ES384"].includes(header.alg ?? ""))
        return refuse(400, "invalid_client", "Invalid token header");
      if (claims.aud !== `${this.url.replace(/fhir$/, "")}auth/token`)
        return refuse(400, "invalid_client", "Invalid token 'aud' value");
      if (claims.iss !== claims.sub || claims.iss !== client.clientId)
        return refuse(400, "invalid_client", "Invalid token issuer");
      if ((claims.exp ?? Infinity) > this.now() + 300) return refuse(400, "invalid_client", "Token lives too long");
      if (claims.jti === undefined || this.#usedIds.has(claims.jti))
        return refuse(400, "invalid_client", "Invalid or reused jti");
      await jwtVerify(assertion, createLocalJWKSet(client.jwks), { currentDate: new Date(this.now() * 1_000) });
      this.#usedIds.add(claims.jti);
    } catch (error) {
      const known = error instanceof errors.JOSEError ? error.code : String(error);
      return refuse(400, "invalid_client", `Unable to verify the token: ${known}`);
    }
    const scope = form["scope"] ?? "";
    this.scopesAsked.push(scope);
    if (!scope.split(" ").every((one) => client.scopes.includes(one)))
      return refuse(400, "invalid_scope", `none of the requested scopes can be granted: ${scope}`);
    this.tokensIssued++;
    const token = createHash("sha256").update(`${this.tokensIssued}`).digest("base64url");
    this.#tokens.set(token, this.now() + this.tokenLife);
    return reply.send({ access_token: token, token_type: "bearer", expires_in: this.tokenLife, scope });
  }

  #authorised({ headers: { authorization } }: FastifyRequest): boolean {
    if (this.client === null) return true;
    const token = authorization?.replace(/^Bearer /, "") ?? "";
    return (this.#tokens.get(token) ?? -1) > this.now();
  }

  /** Forgets all tokens, as after a restart. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  #unauthorised(reply: FastifyReply): FastifyReply {
    return outcome(reply, 401, "login", "Unauthorized");
  }

  #kickOff(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (!this.#authorised(request)) return this.#unauthorised(reply);
    if (request.headers.accept !== "application/fhir+json")
      return outcome(reply, 400, "invalid", "The Accept header must be application/fhir+json");
    if (!/\brespond-async\b/.test(String(request.headers["prefer"])))
      return outcome(reply, 400, "invalid", "The Prefer header must be respond-async");
    this.#pollsLeft = this.polls;
    return reply.code(202).header("content-location", `${this.url}/bulkstatus/0`).send();
  }

  #status(request: FastifyRequest, reply: FastifyReply): unknown {
    if (!this.#authorised(request)) return this.#unauthorised(reply);
    if (this.#pollsLeft-- > 0)
      return reply.code(202).header("x-progress", `${this.#pollsLeft} to go`).header("retry-after", "20").send();
    const number = Number((request.params as { manifest: string }).manifest);
    const found = this.exports[number];
    if (found === undefined) return outcome(reply, 404, "not-found", "no such export");
    const listed = (kind: "output" | "deleted" | "error") =>
      (found[kind] ?? []).map(({ type, count, content, url }, i) => ({
        ...(type === undefined ? {} : { type }),
        url: url ?? `${this.url}/bulkfiles/${number}/${kind}/${i}.ndjson?signature=secret`,
        ...(count === null ? {} : { count: count ?? lines(content) }),
      }));
    const manifest = {
      transactionTime: found.transactionTime,
      request: `${this.url}/$export`,
      requiresAccessToken: this.requiresAccessToken,
      output: listed("output"),
      deleted: listed("deleted"),
      error: listed("error"),
      ...(number + 1 < this.exports.length
        ? { link: [{ relation: "next", url: `${this.url}/bulkstatus/${number + 1}` }] }
        : {}),
    };
    return reply.send(this.manifest === null ? manifest : this.manifest(manifest));
  }

  #file(request: FastifyRequest, reply: FastifyReply): unknown {
    if (this.requiresAccessToken && !this.#authorised(request)) return this.#unauthorised(reply);
    const { manifest, kind, file } = request.params as { manifest: string; kind: "output"; file: string };
    const found = this.exports[Number(manifest)]?.[kind]?.[Number.parseInt(file, 10)];
    if (found === undefined) return outcome(reply, 404, "not-found", "no such file");
    return reply.type("application/fhir+ndjson").send(found.content);
  }
}

export function outcome(reply: FastifyReply, status: number, code: string, diagnostics: string): FastifyReply {
  return reply
    .code(status)
    .type("application/fhir+json")
    .send({ resourceType: "OperationOutcome", issue: [{ severity: "error", code, diagnostics }] });
}

export const ndjson = (resources: readonly unknown[]): string =>
  resources.map((resource) => `${JSON.stringify(resource)}\n`).join("");
