/** One operator's store: an SQLite file, or memory. */

import { DatabaseSync } from "node:sqlite";

/** Statements that bring a store from one version to the next; the store's version is their number. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE endorsed (
    chain_id TEXT NOT NULL,
    agreement TEXT NOT NULL,
    kind TEXT NOT NULL,
    clause INTEGER NOT NULL,            -- -1 for an enrolment
    cohort INTEGER NOT NULL,
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,
    last_day INTEGER NOT NULL,
    request TEXT NOT NULL,              -- as JSON
    PRIMARY KEY (chain_id, agreement, kind, clause, cohort, number)
  ) STRICT;

  CREATE TABLE enrolled (
    chain_id TEXT NOT NULL,
    agreement TEXT NOT NULL,
    root TEXT NOT NULL,
    cohort INTEGER NOT NULL,
    number INTEGER NOT NULL,
    patient_key TEXT NOT NULL,
    index_day INTEGER NOT NULL,
    salt TEXT NOT NULL,
    PRIMARY KEY (chain_id, agreement, root, patient_key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE report (
    id INTEGER PRIMARY KEY,
    chain_id TEXT NOT NULL,
    agreement TEXT NOT NULL,
    digest TEXT NOT NULL,
    root TEXT NOT NULL,
    message TEXT NOT NULL,              -- kind and message, as JSON
    snapshot TEXT NOT NULL,
    UNIQUE (chain_id, agreement, digest)
  ) STRICT;
  CREATE INDEX report_by_root ON report (chain_id, agreement, root);

  CREATE TABLE leaf (
    report INTEGER NOT NULL REFERENCES report (id),
    position INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    patient_key TEXT NOT NULL,
    batch INTEGER NOT NULL,
    value TEXT NOT NULL,                -- 128 bits do not fit an INTEGER
    running_sum TEXT NOT NULL,
    blind TEXT NOT NULL,
    evidence TEXT NOT NULL,             -- ids of resources, as JSON
    reason TEXT,                        -- why not evaluable
    PRIMARY KEY (report, position)
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Opens a store and brings it up to date.
 * @param path A file, or `:memory:`.
 * @throws Error when the store was written by a later version.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // An endorsement that was given must survive a power cut: it may not be given twice.
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000",
  );
  const row = database.prepare("PRAGMA user_version").get();
  const version = Number(row?.["user_version"] ?? 0);
  if (version > MIGRATIONS.length) {
    database.close();
    throw new Error(`the store ${path} has version ${version}, this program knows up to ${MIGRATIONS.length}`);
  }
  MIGRATIONS.slice(version).forEach((statements, i) => {
    inTransaction(database, () => database.exec(`${statements}; PRAGMA user_version = ${version + i + 1}`));
  });
  return database;
}

/** All of it or nothing; no other process writes in between. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
