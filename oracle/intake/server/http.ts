/**
 * Requests to one server: only to its own origin and those that the source lists, with bounded waits, retries and sizes.
 * On undici, not fhir-kit-client: that reads every answer whole, follows redirects by itself and can't stream an export.
 */

import { EnvHttpProxyAgent, fetch, type Response } from "undici";

import { parseLossless } from "./lossless.ts";
import { plain, ServerError, shown } from "./errors.ts";
import { isPassing, issuesOf } from "./outcome.ts";
import { isSafe, type ServerSettings } from "./settings.ts";
import type { ServerSurroundings } from "./surroundings.ts";

export interface Call {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where the token comes from; null: sent without one. */
  readonly tokens: Tokens | null;
  /** The URL was given by the operator or by the server's own configuration: it need not be on a listed origin. */
  readonly trusted?: boolean;
  /** Sent even when the fetch was stopped, tried once and not waited for long. */
  readonly last?: boolean;
}

/** Access tokens, as needed. */
export interface Tokens {
  get(): Promise<string>;
  /** Forgets a token that the server refused; false when there is no way to another. */
  renew(refused: string): boolean;
}

export type HttpSettings = Pick<
  ServerSettings,
  "url" | "origins" | "insecureHttp" | "timeout" | "retries" | "maxWait" | "maxBytes" | "maxPageBytes"
>;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 5;
const PASSING_STATUSES = new Set([408, 429, 502, 503, 504]);
const LONGEST_BACKOFF = 60_000;
/** Of a request that comes after all is done. */
const LAST_WAIT = 10_000;
/** Of an answer that says why not. */
const REFUSAL_BYTES = 65_536;

export class ServerHttp {
  readonly base: string;
  readonly settings: HttpSettings;
  readonly surroundings: ServerSurroundings;
  readonly #origins: ReadonlySet<string>;
  readonly #agent: EnvHttpProxyAgent;
  #bytes = 0;

  constructor(settings: HttpSettings, surroundings: ServerSurroundings) {
    this.base = settings.url.replace(/\/*$/, "/");
    this.settings = settings;
    this.surroundings = surroundings;
    this.#origins = new Set([new URL(this.base).origin, ...settings.origins]);
    const { env } = surroundings;
    const proxy = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? "";
    const { timeout } = settings;
    this.#agent = new EnvHttpProxyAgent({
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: { timeout: Math.min(timeout, 30_000) },
      httpProxy: proxy("HTTP_PROXY"),
      httpsProxy: proxy("HTTPS_PROXY"),
      noProxy: proxy("NO_PROXY"),
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  note(line: string): void {
    this.surroundings.note?.(line);
  }

  /** @throws ServerError when the fetch is stopped meanwhile */
  async pause(milliseconds: number): Promise<void> {
    const { signal, sleep } = this.surroundings;
    if (signal === undefined) return sleep(milliseconds);
    let wake = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      wake = resolve;
      signal.addEventListener("abort", wake, { once: true });
    });
    if (!signal.aborted) await Promise.race([sleep(milliseconds), stopped]);
    signal.removeEventListener("abort", wake);
    this.#goOn();
  }

  /**
   * Sends and uses the answer, both tried again after a passing failure, and once after a refused token.
   * @param use Takes a successful answer; a ServerError from it that is retryable has the request sent again.
   * @throws ServerError
   */
  async request<T>(url: string, call: Call, use: (response: Response, url: string) => Promise<T>): Promise<T> {
    let renewed = false;
    for (let failures = 0; ; failures++) {
      const token = call.tokens === null ? null : await call.tokens.get();
      try {
        const { response, url: last } = await this.#follow(url, call, token);
        if (response.status === 401 && token !== null && !renewed && call.tokens?.renew(token) === true) {
          renewed = true;
          failures--;
          await response.body?.cancel();
          continue;
        }
        if (!response.ok) throw await this.#refusal(response, last);
        return await use(response, last);
      } catch (error) {
        const failure = this.#failure(error, url);
        if (!failure.retryable || call.last === true || failures >= this.settings.retries) throw failure;
        await this.#wait(failure, failures);
      }
    }
  }

  /** Sends once, whatever the answer: for what must not be repeated as it is. @throws ServerError when there is none */
  async once(url: string, call: Call): Promise<{ status: number; retryAfter: number | null; document: unknown }> {
    try {
      const { response, url: last } = await this.#follow(url, call, null);
      const content = await this.text(response, last, REFUSAL_BYTES);
      let document: unknown = null;
      try {
        document = JSON.parse(content);
      } catch {
        // The caller sees that there is none.
      }
      return { status: response.status, retryAfter: this.retryAfter(response), document };
    } catch (error) {
      throw this.#failure(error, url);
    }
  }

  async #wait(failure: ServerError, failures: number): Promise<void> {
    const wait = failure.retryAfter ?? Math.min(1_000 * 2 ** failures, LONGEST_BACKOFF);
    if (wait > this.settings.maxWait) {
      const seconds = Math.ceil(wait / 1_000);
      throw new ServerError(`${failure.message}: asks to wait ${seconds} s, more than maxWait`, failure);
    }
    this.note(`${failure.message}; trying again in ${Math.ceil(wait / 1_000)} s`);
    await this.pause(wait);
  }

  /** The text of an answer, which may not be longer than a page. */
  async text(response: Response, url: string, longest = this.settings.maxPageBytes): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.chunks(response)) {
      size += chunk.byteLength;
      if (size > longest)
        throw new ServerError(`${shown(url)}: more than ${longest} bytes (maxPageBytes); ask for smaller pages`);
      chunks.push(chunk);
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
    } catch {
      throw new ServerError(`${shown(url)}: found an answer that is not UTF-8, expected JSON`);
    }
  }

  /** The JSON of an answer, numbers as written. */
  async json(response: Response, url: string): Promise<unknown> {
    const content = await this.text(response, url);
    try {
      return parseLossless(content.replace(/^\uFEFF/, ""));
    } catch {
      // A cut connection that ended well looks like this too.
      const type = plain(response.headers.get("content-type") ?? "no content type", 60);
      throw new ServerError(`${shown(url)}: found ${type} that is no JSON, expected FHIR JSON`, { retryable: true });
    }
  }

  /** The bytes of an answer, counted against what one fetch may take. */
  async *chunks(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      this.#bytes += chunk.byteLength;
      if (this.#bytes > this.settings.maxBytes)
        throw new ServerError(`${this.base}: more than ${this.settings.maxBytes} bytes (maxBytes) in one fetch`);
      yield chunk;
    }
  }

  /**
   * A URL that the server gave, resolved against where it stood.
   * @throws ServerError when it leads where the source did not allow
   */
  resolve(given: unknown, against: string, what: string): string {
    const url = typeof given === "string" ? URL.parse(given, against) : null;
    if (url === null) throw new ServerError(`${shown(against)}: ${what}: found no URL, expected one`);
    this.#check(url, what, against);
    return url.href;
  }

  #check(url: URL, what: string, against: string): void {
    if (url.username !== "" || url.password !== "" || !/^https?:$/.test(url.protocol))
      throw new ServerError(
        `${shown(against)}: ${what}: found ${url.protocol}//…, expected http or https without user`,
      );
    if (this.#origins.has(url.origin) && isSafe(url.href, this.settings.insecureHttp)) return;
    if (this.#origins.has(url.origin))
      throw new ServerError(`${shown(url)}: ${what}: found http, expected https; insecureHttp: true allows it`);
    const expected = [...this.#origins].join(", ");
    throw new ServerError(
      `${shown(against)}: ${what} leads to ${url.origin}, expected ${expected}; if that is right, list it under origins`,
    );
  }

  async #follow(start: string, call: Call, token: string | null): Promise<{ response: Response; url: string }> {
    let url = new URL(start);
    let bearer = token;
    for (let hops = 0; ; hops++) {
      if (call.last !== true) this.#goOn();
      if (call.trusted !== true) this.#check(url, "the address", this.base);
      else if (!isSafe(url.href, this.settings.insecureHttp))
        throw new ServerError(`${shown(url)}: found http, expected https; insecureHttp: true allows it`);
      const signal = call.last === true ? AbortSignal.timeout(LAST_WAIT) : this.surroundings.signal;
      const response = await fetch(url, {
        method: call.method ?? "GET",
        headers: { ...call.headers, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) },
        ...(call.body === undefined ? {} : { body: call.body }),
        redirect: "manual",
        dispatcher: this.#agent,
        ...(signal === undefined ? {} : { signal }),
      });
      const location = response.headers.get("location");
      if (!REDIRECTS.has(response.status) || location === null || (call.method ?? "GET") !== "GET")
        return { response, url: url.href };
      await response.body?.cancel();
      const next = new URL(this.resolve(location, url.href, "a redirect"));
      if (hops === MOST_REDIRECTS)
        throw new ServerError(`${shown(start)}: redirected more than ${MOST_REDIRECTS} times`);
      // Whoever is redirected to gets the file's own signed address, not our token.
      if (next.origin !== url.origin) bearer = null;
      url = next;
    }
  }

  async #refusal(response: Response, url: string): Promise<ServerError> {
    const { status } = response;
    const content = await this.text(response, url, REFUSAL_BYTES).catch(() => "");
    let body: unknown;
    try {
      body = JSON.parse(content);
    } catch {
      // Some other page; the status says enough.
    }
    const issues = issuesOf(body);
    const said = issues.length === 0 ? "" : `: ${issues.map(({ words }) => words).join("; ")}`;
    const retryable = PASSING_STATUSES.has(status) || (status >= 500 && isPassing(issues));
    const retryAfter = this.retryAfter(response);
    return new ServerError(`${shown(url)}: status ${status}${said}${hint(status)}`, { retryable, retryAfter, status });
  }

  /** Milliseconds of a `Retry-After`, in seconds or a date; null without one. */
  retryAfter(response: Response): number | null {
    const written = response.headers.get("retry-after")?.trim() ?? "";
    if (/^\d{1,9}$/.test(written)) return Number(written) * 1_000;
    const date = /[A-Za-z]{3}, /.test(written) ? Date.parse(written) : NaN;
    return Number.isNaN(date) ? null : Math.max(0, date - this.surroundings.now());
  }

  #goOn(): void {
    if (this.surroundings.signal?.aborted === true) throw new ServerError(`${this.base}: the fetch was stopped`);
  }

  /** Whatever was thrown, as a ServerError. */
  #failure(error: unknown, url: string): ServerError {
    if (error instanceof ServerError) return error;
    if (this.surroundings.signal?.aborted === true) return new ServerError(`${this.base}: the fetch was stopped`);
    const code = networkCode(error);
    // Anything else is a fault of this program or of this machine's disk, and is told as it is.
    if (code === null) throw error;
    return new ServerError(`${shown(url)}: ${REASONS[code] ?? `can't be reached (${code})`}`, { retryable: true });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "can't be reached: nothing listens there (ECONNREFUSED); check url and whether the server is up",
  ENOTFOUND: "can't be reached: there is no such host (ENOTFOUND); check url",
  EAI_AGAIN: "can't be reached: the host's name can't be looked up (EAI_AGAIN); check the network",
  UND_ERR_CONNECT_TIMEOUT: "can't be reached: no connection in time; check the network, firewall and proxy",
  UND_ERR_HEADERS_TIMEOUT: "no answer within the timeout",
  UND_ERR_BODY_TIMEOUT: "the answer stopped for longer than the timeout",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "the server's certificate is signed by itself; name its authority in NODE_EXTRA_CA_CERTS",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server's certificate has an unknown authority; name that in NODE_EXTRA_CA_CERTS",
};

/** fetch wraps what happened on the network in a TypeError; a body that breaks off says `terminated`. */
function networkCode(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code: unknown = Reflect.get(at, "code");
    if (typeof code === "string" && /^(E[A-Z_]+|UND_ERR_[A-Z_]+|[A-Z_]*CERT[A-Z_]*|UNABLE_[A-Z_]+)$/.test(code)) {
      // A full disk or a lacking right is no fault of the network.
      return /^E(NOSPC|ACCES|PERM|ROFS|NOENT|MFILE|DQUOT)$/.test(code) ? null : code;
    }
  }
  if (error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)) return "broken connection";
  return null;
}

function hint(status: number): string {
  if (status === 401) return "; the server knows no such token: check auth";
  if (status === 403) return "; the token does not allow it: check auth.scope and what the client was granted";
  if (status === 404) return "; check url";
  return "";
}
