/** The private key behind a setting: an environment variable, or an encrypted keystore. */

import { readFileSync } from "node:fs";

import { Wallet } from "ethers";

import { ConfigError, type OracleConfig } from "./config.ts";

export type KeySource = OracleConfig["key"];

/** @throws ConfigError that never shows the key */
export async function readKey(key: KeySource, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const name = "env" in key ? key.env : key.passwordEnv;
  const value = env[name];
  if (value === undefined) throw new ConfigError(`key: the environment variable ${name} is not set`);
  try {
    if ("env" in key) return new Wallet(value).privateKey;
    return (await Wallet.fromEncryptedJson(readFileSync(key.keystore, "utf8"), value)).privateKey;
  } catch {
    throw new ConfigError(`key: ${"env" in key ? `${name} holds no private key` : "the keystore can't be opened"}`);
  }
}
