/** Node's own SQLite as the query layer takes it. */

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";

import {
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type SqliteDatabase,
} from "kysely";

/**
 * An endorsement that was given must survive a power cut: it may not be given twice. What is erased is overwritten with
 * zeros.
 */
const PRAGMAS = [
  "busy_timeout = 5000",
  "journal_mode = WAL",
  "synchronous = FULL",
  "foreign_keys = ON",
  "secure_delete = ON",
  // From here on this program waits by itself: SQLite would stop the whole process while it does.
  "busy_timeout = 0",
];

/** SQLite's code for a database that another connection is writing to, and the bits of a code without its details. */
const BUSY = 5;
const PRIMARY_CODE = 0xff;
/** Milliseconds between two attempts, and how many there are. */
const PAUSE = 10;
const ATTEMPTS = 1_000;

/** @param path A file, or `:memory:`. */
export function sqliteDialect(path: string): SqliteDialect {
  return new PatientDialect({ database: () => Promise.resolve(open(path)) });
}

function open(path: string): SqliteDatabase {
  const database = new DatabaseSync(path);
  for (const pragma of PRAGMAS) database.exec(`PRAGMA ${pragma}`);
  return {
    close: () => database.close(),
    prepare: (sql) => {
      // A transaction takes the right to write at once: one that reads first and writes later could be refused in between.
      const statement = database.prepare(sql === "begin" ? "begin immediate" : sql);
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}

class PatientDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0];

  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#config);
  }
}

class PatientDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    return new PatientConnection(await super.acquireConnection());
  }
}

/** Tries a statement again while another connection writes: what SQLite refused as busy had no effect. */
class PatientConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#connection.executeQuery<R>(query);
      } catch (error) {
        if (!isBusy(error) || attempt === ATTEMPTS) throw error;
        await delay(PAUSE);
      }
    }
  }

  streamQuery<R>(query: CompiledQuery, size: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#connection.streamQuery(query, size);
  }
}

function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === "number" && (errcode & PRIMARY_CODE) === BUSY;
}
