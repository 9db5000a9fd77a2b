/** The operator's signer as its settings name it. */

import { readFileSync } from "node:fs";

import { keySigner, type OperatorSigner } from "../endorse/signer.ts";
import type { KeySettings, Web3SignerSettings } from "../settings/key.ts";
import { ConfigError } from "../settings/read.ts";
import { readKey, readVariable, type Env } from "./key.ts";
import { createWeb3Signer } from "./web3signer.ts";

export interface OpenSigner {
  readonly signer: OperatorSigner;
  readonly close: () => Promise<void>;
}

/** @throws ConfigError that never shows a key */
export async function openSigner(
  key: KeySettings,
  env: Env,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<OpenSigner> {
  if (!("web3signer" in key)) {
    return { signer: keySigner(await readKey(key, env)), close: () => Promise.resolve() };
  }
  const { web3signer } = key;
  const { url, publicKey, timeout, attempts, user, passwordEnv } = web3signer;
  return createWeb3Signer({
    url,
    publicKey,
    timeout: timeout * 1_000,
    attempts,
    tls: {
      ca: readPem(web3signer, "ca"),
      cert: readPem(web3signer, "certificate"),
      key: readPem(web3signer, "certificateKey"),
    },
    login:
      user === undefined || passwordEnv === undefined
        ? null
        : { user, password: readVariable(env, passwordEnv, "key.web3signer.passwordEnv") },
    sleep,
  });
}

function readPem(settings: Web3SignerSettings, name: "ca" | "certificate" | "certificateKey"): string | null {
  const file = settings[name];
  if (file === undefined) return null;
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigError(`key.web3signer.${name}: the file can't be read`);
  }
}
