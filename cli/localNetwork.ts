/** `network …`: a chain on this machine to try things on. Nothing of it is for money. */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { Command } from "commander";

import { formatDay, parseDay } from "../terms/calendar.ts";
import type { Day } from "../terms/model.ts";
import { readWholeFlag } from "./flags.ts";
import { connect } from "./network.ts";
import { note, print, printJson, UsageError } from "./output.ts";

interface StartFlags {
  readonly folder: string;
  readonly day: string;
  readonly operators: string;
  readonly threshold?: string;
  readonly json?: true;
}

export function registerLocalNetwork(program: Command): void {
  const network = program.command("network").description("A chain on this machine to try things on");
  network
    .command("start")
    .description("Run a chain with the contracts and accounts for everybody, until stopped; writes FOLDER/network.env")
    .requiredOption("--folder <folder>", "where network.env is written: shell variables with addresses and test keys")
    .option("--day <date>", "the chain's first day", "2026-01-01")
    .option("--operators <n>", "members of the oracle committee", "1")
    .option("--threshold <n>", "members who must agree (default: more than half)")
    .option("--json", "print one JSON document")
    .action(start);
  network
    .command("day")
    .description("Move the chain's clock forward")
    .argument("<date>", "the day, such as 2026-08-15")
    .option("--rpc <url>", "JSON-RPC of the chain (default: OUTCOMEPAY_RPC_URL)")
    .action(moveTo);
  network
    .command("stop")
    .description("End the chain, and all that happened on it")
    .requiredOption("--folder <folder>", "the folder that it was started with")
    .action(stop);
}

async function start({ folder, day, operators, threshold, json }: StartFlags): Promise<void> {
  const { MOST_OPERATORS, startNetwork } = await import("../scripts/local/network.ts");
  if (existsSync(join(folder, "network.env"))) {
    throw new UsageError(`--folder: ${folder}/network.env exists: a network runs there; \`network stop\` ends it`);
  }
  const members = readWholeFlag("--operators", operators, MOST_OPERATORS);
  const needed =
    threshold === undefined ? Math.floor(members / 2) + 1 : readWholeFlag("--threshold", threshold, members);
  if (members === 0 || needed === 0) throw new UsageError("--operators, --threshold: expected 1 or more");
  const running = await startNetwork({ folder, day: readDay("--day", day), operators: members, threshold: needed });
  try {
    if (json === true) printJson({ file: running.file, ...running.variables });
    else print(`a chain runs at ${running.url}; addresses and keys are in ${running.file}`);
    const stopped = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
    await once(stopped.signal, "abort");
  } finally {
    running.stop();
  }
}

async function moveTo(date: string, { rpc }: { readonly rpc?: string }): Promise<void> {
  const day = readDay("<date>", date);
  const { moveToDay } = await import("../scripts/local/network.ts");
  const { provider } = await connect(rpc);
  try {
    await moveToDay(provider, day);
    print(`the chain's day is ${formatDay(day)}`);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`<date>: found ${date}, ${error.message}`);
    throw new UsageError("--rpc: this chain's clock can't be moved: it is none that `network start` runs");
  } finally {
    provider.destroy();
  }
}

/** The chain takes a moment to end: until its file is gone. */
const PATIENCE = 10_000;

async function stop({ folder }: { readonly folder: string }): Promise<void> {
  const file = join(folder, "network.env");
  const pid = existsSync(file) ? /^export NETWORK_PID=(\d+)$/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  if (pid === undefined) throw new UsageError(`--folder: there is no network in ${folder}`);
  try {
    process.kill(Number(pid), "SIGTERM");
  } catch {
    throw new UsageError(`--folder: the network of ${folder} does not run any more; remove ${file}`);
  }
  for (let waited = 0; existsSync(file) && waited < PATIENCE; waited += 100) await delay(100);
  note("the network has ended");
}

function readDay(flag: string, text: string): Day {
  const day = parseDay(text);
  if (day === null) throw new UsageError(`${flag}: found ${text}, expected a day such as 2026-01-01`);
  return day;
}
