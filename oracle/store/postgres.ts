/** PostgreSQL as the query layer takes it. */

import { PostgresDialect } from "kysely";
import { Pool, types } from "pg";

/** `bigint`, which the driver hands over as text; ours are counts and days. */
const INT8 = 20;

/** @param url `postgres://user:password@host/database`, with the driver's parameters such as `sslmode`. */
export function postgresDialect(url: string): PostgresDialect {
  const getTypeParser = (oid: number, format?: "text"): unknown =>
    oid === INT8 ? Number : types.getTypeParser(oid, format);
  const pool = new Pool({
    connectionString: url,
    types: { getTypeParser: getTypeParser as typeof types.getTypeParser },
  });
  // An idle connection that breaks is replaced by the pool; whoever needs one meanwhile gets the error.
  pool.on("error", () => undefined);
  return new PostgresDialect({ pool });
}
