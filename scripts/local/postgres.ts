/** A PostgreSQL server of one's own: a new cluster in a temporary folder, reached over a socket in it. */

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { Client } from "pg";

/** Where Debian puts the servers of each version. */
const DEBIAN = "/usr/lib/postgresql";
const SUPERUSER = "outcomepay";
/** Tenths of a second until the server must take connections. */
const PATIENCE = 300;

/** The folder of the newest server's programs, else of those on the path; null when none is installed. */
export function findPostgres(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, "bin"));
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const programs = ["initdb", "postgres", "pg_ctl"];
  return [...newest, ...onPath].find((bin) => programs.every((name) => existsSync(join(bin, name)))) ?? null;
}

export interface Postgres {
  /** Creates an empty database and returns its URL. */
  create(name: string): Promise<string>;
  /** Ends the server and removes its folder, at once: may be called from an exit handler. */
  destroy(): void;
}

/**
 * Not for data that must last: it does not wait for the disk.
 * @param bin Folder of the programs, of `findPostgres`.
 */
export async function startPostgres(bin: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  let server: ChildProcess | undefined;
  const data = join(folder, "data");
  const as = unprivileged();
  const destroy = (): void => {
    // Waits until it has ended; a server that never started is no fault.
    const stop = ["stop", "--pgdata", data, "--mode", "fast", "--wait"];
    if (server !== undefined) spawnSync(join(bin, "pg_ctl"), stop, { ...as, cwd: folder, stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (as !== null) chownSync(folder, as.uid, as.gid);
    chmodSync(folder, 0o700);
    const cluster = ["--pgdata", data, "--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--no-sync"];
    execFileSync(join(bin, "initdb"), cluster, { ...as, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    const settings = ["listen_addresses=", `unix_socket_directories=${folder}`, "fsync=off"].flatMap((it) => [
      "-c",
      it,
    ]);
    server = spawn(join(bin, "postgres"), ["-D", data, ...settings], { ...as, cwd: folder, stdio: "ignore" });
    server.unref();
    const urlOf = (name: string): string => `postgres://${SUPERUSER}@/${name}?host=${encodeURIComponent(folder)}`;
    await ready(urlOf("postgres"), server);
    return {
      destroy,
      create: async (name) => {
        await command(urlOf("postgres"), `create database "${name}"`);
        return urlOf(name);
      },
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** PostgreSQL refuses to run as root: then Debian's own user runs it, or nobody. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string, user: string): number =>
    Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: idOf("-u", "postgres"), gid: idOf("-g", "postgres") };
  } catch {
    return { uid: idOf("-u", "nobody"), gid: idOf("-g", "nobody") };
  }
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const ended = once(server, "exit").then(() => true);
  for (let i = 0; i < PATIENCE; i++) {
    try {
      await command(url, "select 1");
      return;
    } catch {
      // Refused until it listens.
      if (await Promise.race([ended, delay(100, false)])) throw new Error("the PostgreSQL server ended as it started");
    }
  }
  throw new Error("the PostgreSQL server does not take connections");
}

async function command(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
