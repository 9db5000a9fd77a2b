/** The store that the settings name. */

import { wordsOf } from "../operations/log.ts";
import { readVariable, type Env } from "../signing/key.ts";
import { isPostgres } from "../store/location.ts";
import { StoreVersionError } from "../store/migrations/index.ts";
import { openStores, type OpenStores } from "../store/stores.ts";
import { Unavailable } from "../unavailable.ts";
import { CODE_VERSION } from "../version.ts";
import { ConfigError, type OracleConfig } from "./read.ts";

/** A file, `:memory:`, or a `postgres://` URL. @throws ConfigError that never shows the URL, which holds a password */
export function storeLocation(store: OracleConfig["store"], env: Env): string {
  if (typeof store === "string") return store;
  const location = readVariable(env, store.env, "store");
  if (!isPostgres(location)) {
    throw new ConfigError(`store: ${store.env} holds something else, expected a postgres:// URL`);
  }
  return location;
}

/**
 * What a server says of a user, a password or a database that it does not take (classes 28 and 3D of SQLSTATE), and
 * SQLite of a file that it can't open or that is none of its own: no second try helps.
 */
const FINAL = /^(28|3D)/;
const SQLITE_FINAL = [14, 26];

/** @throws ConfigError when trying again can't help, Unavailable when it can */
export async function openStoresAt(location: string): Promise<OpenStores> {
  try {
    return await openStores(location, CODE_VERSION);
  } catch (error) {
    if (error instanceof StoreVersionError) throw new ConfigError(`store: ${error.message}`);
    const { code, errcode } = error as { code?: unknown; errcode?: unknown };
    const isFinal = FINAL.test(String(code)) || SQLITE_FINAL.includes(Number(errcode));
    const words = `store: ${isPostgres(location) ? "the database" : location} can't be opened: ${wordsOf(error)}`;
    throw isFinal ? new ConfigError(words) : new Unavailable(words, { cause: error });
  }
}
