/** An operator's API over an agreement on the in-process chain, and callers who sign in to it. */

import type { Signer } from "ethers";
import type { FastifyInstance } from "fastify";
import { SiweMessage } from "siwe";

import { openApi } from "../../../oracle/api/open.ts";
import type { ApiSource } from "../../../oracle/api/source.ts";
import { parseConfig } from "../../../oracle/settings/read.ts";
import type { Play } from "../passes.ts";

export const URL_TEXT = "https://node.example/";
export const PAGE = "https://page.example";

export const REJECTED = { file: "rs.csv", line: 7, resource: "Observation/secret-name", reason: "no date" };

export interface TestApi {
  readonly server: FastifyInstance;
  /** Milliseconds; what the chain says is asked anew when it has moved by a few seconds. */
  readonly clock: { now: number };
  readonly errors: unknown[];
  /** The token of a session. */
  signIn(signer: Signer): Promise<string>;
  get(path: string, token?: string): Promise<{ status: number; body: unknown; text: string }>;
}

/** @param overrides Of the API's settings, and of what it shows. */
export async function apiOf(
  { agreement, chain, operators, stage }: Play,
  overrides: { settings?: object; auditors?: readonly string[]; source?: Partial<ApiSource> } = {},
): Promise<TestApi> {
  const [operator] = operators;
  const { parts } = operator;
  const clock = { now: 1_800_000_000_000 };
  const errors: unknown[] = [];
  const { api } = parseConfig(
    {
      ...{ terms: "t", source: "s", secret: "x", store: "d", key: { env: "KEY" }, rpc: "http://r" },
      agreement: parts.id.address,
      api: { url: URL_TEXT, origins: [PAGE], ...overrides.settings },
    },
    ".",
  );
  const { provider } = stage.relayer;
  if (api === undefined || provider === null) throw new Error("an API and a chain");
  const server = await openApi({
    settings: api,
    auditors: overrides.auditors ?? [],
    env: { SESSION: "ab".repeat(32) },
    provider,
    chain,
    source: {
      agreement,
      id: parts.id,
      operator: parts.own,
      code: "test",
      reports: parts.stores.reports,
      patients: parts.stores.patients,
      checks: () => Promise.resolve([{ name: "store", ready: true, detail: "writable" }]),
      lastReading: () => ({ asOfDay: 20_700, snapshot: "snapshot 1", patients: 3, rejected: [REJECTED] }),
      ...overrides.source,
    },
    now: () => clock.now,
    onError: (error) => void errors.push(error),
  });
  const bearer = (token: string | undefined): Record<string, string> =>
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    server,
    clock,
    errors,
    signIn: async (signer) => {
      const payload = await signedMessage(server, signer, clock.now);
      const response = await server.inject({ method: "POST", url: "/v1/session", payload });
      if (response.statusCode !== 201) throw new Error(response.body);
      return response.json<{ token: string }>().token;
    },
    get: async (url, token) => {
      const response = await server.inject({ method: "GET", url, headers: bearer(token) });
      return { status: response.statusCode, body: response.json(), text: response.body };
    },
  };
}

/** A message as a wallet would be given it, signed. */
export async function signedMessage(
  server: FastifyInstance,
  signer: Pick<Signer, "getAddress" | "signMessage">,
  now: number,
  overrides: Partial<SiweMessage> = {},
): Promise<{ message: string; signature: string }> {
  const { nonce, uri, chainId, statement } = (await server.inject({ method: "POST", url: "/v1/session/nonce" })).json<{
    nonce: string;
    uri: string;
    chainId: number;
    statement: string;
  }>();
  const message = new SiweMessage({
    domain: new URL(PAGE).host,
    address: await signer.getAddress(),
    statement,
    uri,
    version: "1",
    chainId,
    nonce,
    issuedAt: new Date(now).toISOString(),
    ...overrides,
  }).prepareMessage();
  return { message, signature: await signer.signMessage(message) };
}
