/** Where the store is. */

import { readVariable, type Env } from "../signing/key.ts";
import type { OracleConfig } from "./read.ts";

/** A file, `:memory:`, or a `postgres://` URL. @throws ConfigError */
export function storeLocation(store: OracleConfig["store"], env: Env): string {
  return typeof store === "string" ? store : readVariable(env, store.env, "store");
}
