/** The private key behind a setting: an environment variable, or an encrypted keystore. */

import { readFileSync } from "node:fs";

import { Wallet } from "ethers";

import type { KeySettings } from "../settings/key.ts";
import { ConfigError } from "../settings/read.ts";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A key that this process holds itself. */
export type KeySource = Exclude<KeySettings, { web3signer: unknown }>;

/** @throws ConfigError that never shows the key */
export async function readKey(key: KeySource, env: Env): Promise<string> {
  const value = readVariable(env, "env" in key ? key.env : key.passwordEnv, "key");
  try {
    if ("env" in key) return new Wallet(value).privateKey;
    return (await Wallet.fromEncryptedJson(readFileSync(key.keystore, "utf8"), value)).privateKey;
  } catch {
    throw new ConfigError(`key: ${"env" in key ? `${key.env} holds no private key` : "the keystore can't be opened"}`);
  }
}

/** @throws ConfigError */
export function readVariable(env: Env, name: string, path: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new ConfigError(`${path}: the environment variable ${name} is not set`);
  }
  return value;
}
