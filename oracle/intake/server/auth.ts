/** Access tokens: none, one that the operator holds, or SMART Backend Services. Secrets come by file or environment name only. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { z } from "zod";

import { SourceError } from "../shared.ts";
import { readClientKey, signAssertion, type ClientKey } from "./assertion.ts";
import { plain, ServerError, shown } from "./errors.ts";
import type { ServerHttp, Tokens } from "./http.ts";
import type { AuthSettings } from "./settings.ts";

type Smart = Extract<AuthSettings, { type: "smart-backend" }>;
type Secret = Smart["key"];

/**
 * @param base Folder that files are relative to.
 * @returns null: requests go without a token
 * @throws SourceError when a secret is not there
 */
export function tokensOf(auth: AuthSettings, http: ServerHttp, base: string): Tokens | null {
  if (auth.type === "none") return null;
  if (auth.type === "bearer") {
    const token = readSecret(auth.token, "auth.token", base, http).trim();
    if (!/^[\x21-\x7e]+$/.test(token)) throw new SourceError("auth.token: found something else, expected one token");
    return { get: () => Promise.resolve(token), renew: () => false };
  }
  const key = readClientKey(readSecret(auth.key, "auth.key", base, http), auth);
  return new BackendServices(auth, key, http);
}

function readSecret(secret: Secret, path: string, base: string, { surroundings }: ServerHttp): string {
  if ("env" in secret) {
    const value = surroundings.env[secret.env];
    if (value === undefined || value === "")
      throw new SourceError(`${path}: the environment variable ${secret.env} is not set`);
    return value;
  }
  try {
    return readFileSync(resolve(base, secret.file), "utf8");
  } catch (error) {
    const code = error instanceof Error ? String(Reflect.get(error, "code")) : "";
    throw new SourceError(`${path}: the file ${secret.file} can't be read (${code}; relative to the source file)`);
  }
}

const discovery = z.object({
  token_endpoint: z.url({ protocol: /^https?$/ }),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).optional(),
});

const grant = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().optional(),
});

/** Seconds; SMART recommends tokens that live no longer, and asks servers to state it. */
const UNSTATED_LIFE = 300;
/** A token is not used in its last moments: the request has to arrive too. Milliseconds. */
const MARGIN = 30_000;
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** SMART App Launch 2, "Backend Services": client credentials with a signed assertion; the token is kept until shortly before its end. */
class BackendServices implements Tokens {
  readonly #auth: Smart;
  readonly #key: ClientKey;
  readonly #http: ServerHttp;
  #endpoint: string | null = null;
  #current: { readonly token: string; readonly until: number } | null = null;
  #asked: Promise<string> | null = null;

  constructor(auth: Smart, key: ClientKey, http: ServerHttp) {
    this.#auth = auth;
    this.#key = key;
    this.#http = http;
  }

  get(): Promise<string> {
    if (this.#current !== null && this.#http.surroundings.now() < this.#current.until)
      return Promise.resolve(this.#current.token);
    // Several downloads wait for one token.
    this.#asked ??= this.#ask().finally(() => (this.#asked = null));
    return this.#asked;
  }

  renew(refused: string): boolean {
    if (this.#current?.token === refused) this.#current = null;
    return true;
  }

  async #ask(): Promise<string> {
    const key = this.#key;
    // Not kept when it fails: the next request may find it.
    const endpoint = (this.#endpoint ??= await this.#discover(key));
    const { now } = this.#http.surroundings;
    const { clientId, scope } = this.#auth;
    for (let refused = false; ; refused = true) {
      try {
        const body = new URLSearchParams({
          grant_type: "client_credentials",
          scope,
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: await signAssertion(key, clientId, endpoint, now()),
        });
        const asked = now();
        const found = await this.#post(endpoint, body);
        const life = (found.expires_in ?? UNSTATED_LIFE) * 1_000;
        this.#current = { token: found.access_token, until: asked + life - Math.min(MARGIN, life / 4) };
        return found.access_token;
      } catch (error) {
        // An assertion is good for one use: what may have arrived is not sent again, a new one is made.
        if (refused || !(error instanceof ServerError) || !error.retryable) throw error;
        await this.#http.pause(error.retryAfter ?? 1_000);
      }
    }
  }

  async #post(endpoint: string, body: URLSearchParams): Promise<z.infer<typeof grant>> {
    const { status, retryAfter, document } = await this.#http.once(endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: body.toString(),
      tokens: null,
      trusted: true,
    });
    if (status < 200 || status >= 300) throw this.#refused(endpoint, status, retryAfter, document);
    const found = grant.safeParse(document);
    if (found.success) return found.data;
    const paths = found.error.issues.map(({ path }) => path.join(".") || "the document").join(", ");
    throw new ServerError(`${shown(endpoint)}: found no token (${paths}), expected access_token of token_type bearer`);
  }

  #refused(endpoint: string, status: number, retryAfter: number | null, document: unknown): ServerError {
    const field = (name: string): string => {
      const value: unknown = typeof document === "object" && document !== null ? Reflect.get(document, name) : null;
      return typeof value === "string" ? plain(value) : "";
    };
    const code = field("error");
    const said = [code, field("error_description")].filter((words) => words !== "").join(": ");
    const advice = Object.hasOwn(ADVICE, code) ? `; ${ADVICE[code]}` : "";
    const about = code === "invalid_scope" ? ` (asked for ${this.#auth.scope})` : "";
    return new ServerError(`${shown(endpoint)}: no token: status ${status}${said && `: ${said}`}${about}${advice}`, {
      retryable: status === 429 || status === 502 || status === 503 || status === 504,
      retryAfter,
      status,
    });
  }

  async #discover({ alg }: ClientKey): Promise<string> {
    if (this.#auth.tokenUrl !== undefined) return this.#auth.tokenUrl;
    const url = `${this.#http.base}.well-known/smart-configuration`;
    const call = { headers: { accept: "application/json" }, tokens: null };
    let document: unknown;
    try {
      document = await this.#http.request(url, call, (response, last) => this.#http.json(response, last));
    } catch (error) {
      if (error instanceof ServerError && error.status !== null)
        throw new ServerError(`${error.message}; the token URL is not announced there: state auth.tokenUrl`, error);
      throw error;
    }
    const found = discovery.safeParse(document);
    if (!found.success)
      throw new ServerError(`${shown(url)}: found no token_endpoint, expected a URL; state auth.tokenUrl`);
    const algorithms = found.data.token_endpoint_auth_signing_alg_values_supported;
    if (algorithms !== undefined && !algorithms.includes(alg)) {
      const expected = plain(algorithms.join(", "));
      throw new ServerError(`auth.alg: found ${alg}, expected one that the server takes: ${expected}`);
    }
    return found.data.token_endpoint;
  }
}

/** RFC 6749, section 5.2: what each refusal means for whoever set this up. */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_client:
    "check that auth.clientId is registered, that the server has the public half of auth.key under its kid, and this machine's clock",
  invalid_scope: "ask the server's operator which scopes this client was granted, and state them in auth.scope",
  unauthorized_client: "ask the server's operator to allow client_credentials for this client",
  unsupported_grant_type: "the server offers no SMART Backend Services there; check auth.tokenUrl",
  invalid_request: "check auth.tokenUrl",
};
