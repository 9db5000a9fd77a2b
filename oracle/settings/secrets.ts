/** What must stand in no log and no answer: secrets by value, wherever they turn up. */

import type { Env } from "../signing/key.ts";
import type { OracleConfig } from "./read.ts";

/** Shorter ones would make a log unreadable, and are no secrets worth the name. */
const SHORTEST = 6;

/** Values of the settings and of the environment variables that they name. */
export function secretsOf(config: OracleConfig, env: Env): string[] {
  const { key, rpc, store, api } = config;
  const variables = [
    "env" in key ? key.env : null,
    "keystore" in key ? key.passwordEnv : null,
    "web3signer" in key ? (key.web3signer.passwordEnv ?? null) : null,
    typeof store === "string" ? null : store.env,
    api?.sessionKeyEnv ?? null,
  ];
  const values = variables.flatMap((name) => (name === null ? [] : [env[name] ?? ""]));
  const urls = [
    ...rpc,
    ...("web3signer" in key ? [key.web3signer.url] : []),
    ...values.filter((value) => URL.canParse(value)),
  ];
  const found = [...values, ...values.map((value) => value.replace(/^0x/, "")), ...urls.flatMap(secretParts)];
  // The longest first, so that no part of one stays behind.
  return [...new Set(found)].filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** Of a URL: what may be an access key. Where it leads may be shown. */
function secretParts(text: string): string[] {
  const { username, password, pathname, search } = new URL(text);
  const path = `${pathname}${search}`;
  return [decodeURIComponent(password), password, username, path === "/" ? "" : path.replace(/^\//, "")];
}

/** Puts `[hidden]` in place of every secret. */
export function hide(secrets: readonly string[]): (text: string) => string {
  return (text) => secrets.reduce((so, secret) => so.replaceAll(secret, "[hidden]"), text);
}
