/** The API as the settings name it. */

import { randomBytes } from "node:crypto";

import type { Provider } from "ethers";
import type { FastifyInstance } from "fastify";

import type { AgreementChain } from "../chain/agreementChain.ts";
import { ConfigError, type OracleConfig } from "../settings/read.ts";
import { readVariable, type Env } from "../signing/key.ts";
import { contractSigned, readPeople } from "./people.ts";
import { buildApiServer } from "./server.ts";
import { createSessions } from "./session.ts";
import { createSignIn } from "./signIn.ts";
import { remembered, type ApiSource } from "./source.ts";

export interface OpenApiParts {
  readonly settings: NonNullable<OracleConfig["api"]>;
  readonly auditors: readonly string[];
  readonly env: Env;
  readonly provider: Provider;
  readonly chain: Pick<AgreementChain, "read" | "oracleAccount">;
  readonly source: Omit<ApiSource, "scene">;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds that what the chain says is shown for. */
const SCENE_LIFE = 5_000;
const KEY = 32;
const NONCE = 16;

/** @throws ConfigError */
export async function openApi(parts: OpenApiParts): Promise<FastifyInstance> {
  const { settings, auditors, env, provider, chain, source, now, onError } = parts;
  const { id, agreement } = source;
  const url = new URL(settings.url ?? `http://${settings.host}:${settings.port}`);
  const scene = remembered(
    async () => {
      const state = await chain.read();
      const people = await readPeople(provider, id.address, agreement.members.length, state, chain);
      return { state, people: { ...people, auditors } };
    },
    SCENE_LIFE,
    now,
  );
  return buildApiServer({
    source: { ...source, scene },
    signIn: createSignIn({
      url,
      origins: settings.origins,
      chainId: id.chainId,
      now,
      drawNonce: () => randomBytes(NONCE).toString("hex"),
      contractSigned: (address, digest, signature) => contractSigned(provider, address, digest, signature),
    }),
    sessions: createSessions({
      key: sessionKey(settings.sessionKeyEnv, env),
      audience: `${id.chainId}:${id.address}:${source.operator}`,
      length: settings.session,
      now,
      drawId: () => randomBytes(NONCE).toString("hex"),
    }),
    origins: settings.origins,
    requests: settings.requests,
    trustProxy: settings.trustProxy,
    now,
    onError,
  });
}

function sessionKey(name: string | undefined, env: Env): Uint8Array {
  if (name === undefined) return randomBytes(KEY);
  const text = readVariable(env, name, "api.sessionKeyEnv").replace(/^0x/, "");
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new ConfigError(`api.sessionKeyEnv: expected ${KEY} bytes of hex in ${name}`);
  return Buffer.from(text, "hex");
}
