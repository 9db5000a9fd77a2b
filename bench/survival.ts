/** Kaplan–Meier against R's survfit, on the same rows, in the same run. */

import { execFile } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { finished } from "node:stream/promises";

import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

import { estimateGroups, type GroupEstimates } from "../oracle/survival/estimates.ts";
import { differences, type Analysis } from "./agreement.ts";
import { fastest, PeerMissing, ratio, seconds, type Bench } from "./bench.ts";

const execute = promisify(execFile);
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const SIZES = [10_000, 100_000, 1_000_000];
const HORIZON = 365;
/** Small ones, to compare every number. */
const DATA_SETS = 1_000;

interface Rows {
  readonly time: Float64Array;
  readonly status: Uint8Array;
}

/** What R found and how long it took. */
interface Peer {
  readonly version: string;
  readonly read: number;
  readonly fit: number;
  readonly survival: number;
  readonly se: number;
  readonly lower: number;
  readonly upper: number;
  readonly median: number;
}

/** Exponential times with a median of 300 days, censored evenly between 30 and 1,500. */
function simulate(n: number, wholeDays: boolean): Rows {
  const random = xoroshiro128plus(20_240_501);
  const time = new Float64Array(n);
  const status = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const event = (-Math.log(1 - uniformFloat64(random)) * 300) / Math.LN2;
    const censoring = 30 + 1_470 * uniformFloat64(random);
    const exact = Math.min(event, censoring);
    time[i] = wholeDays ? Math.max(1, Math.ceil(exact)) : Number(exact.toFixed(9));
    status[i] = event <= censoring ? 1 : 0;
  }
  return { time, status };
}

async function write({ time, status }: Rows, file: string): Promise<void> {
  const stream = createWriteStream(file);
  stream.write("time,status\n");
  for (let from = 0; from < time.length; from += 10_000) {
    let text = "";
    for (let i = from; i < Math.min(time.length, from + 10_000); i++) text += `${time[i]},${status[i]}\n`;
    stream.write(text);
  }
  stream.end();
  await finished(stream);
}

/** From the columns to every number that R's survfit gives. */
function estimate({ time, status }: Rows): GroupEstimates {
  const events = new Float64Array(time.length);
  let count = 0;
  for (let i = 0; i < time.length; i++) if (status[i] === 1) events[count++] = time[i] as number;
  const [found] = estimateGroups([{ exits: time, events: events.subarray(0, count), entries: null }], [HORIZON]);
  if (found === undefined) throw new RangeError("no group");
  return found;
}

/** A measurement of two programs that do not agree says nothing. */
function mustAgree(own: GroupEstimates, peer: Peer): void {
  const [at] = own.at;
  const pairs = [
    [at?.survival, peer.survival],
    [at?.se, peer.se],
    [at?.lower, peer.lower],
    [at?.upper, peer.upper],
    [own.median.estimate, peer.median],
  ] as const;
  for (const [found, expected] of pairs) {
    if (typeof found !== "number" || Math.abs(found - expected) > 1e-9) {
      throw new RangeError(`found ${found}, R has ${expected}`);
    }
  }
}

async function inR(...args: string[]): Promise<string> {
  try {
    return (await execute("Rscript", args, { maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const missing = "R with its package survival is needed: apt-get install r-base-core r-cran-survival";
    throw new PeerMissing(`${missing}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How many analyses of drawn data sets agree with R's. @throws RangeError when one does not */
async function agreeing(): Promise<number> {
  const lines = (await inR(path("agreement.R"), `${DATA_SETS}`)).trim().split("\n");
  for (const line of lines) {
    const found = differences(JSON.parse(line) as Analysis);
    if (found.length > 0) throw new RangeError(`${found.join("; ")}\n${line}`);
  }
  return lines.length;
}

async function command(file: string): Promise<number> {
  const args = ["survival", "--csv", file, "--time", "time", "--event", "status=1", "--at", `${HORIZON}`, "--json"];
  return fastest(2, () => execute(process.execPath, [path("../bin/outcomepay.mjs"), ...args], { env: plainEnv() }));
}

/** The same as a script of its own: what somebody waits for who has R and one file. */
async function script(file: string): Promise<number> {
  const lines = `suppressMessages(library(survival)); rows <- read.csv("${file}"); fit <- survfit(Surv(time, status) ~ 1, rows, conf.type = "log-log"); print(summary(fit, times = ${HORIZON})); print(quantile(fit, 0.5))`;
  return fastest(2, () => inR("-e", lines));
}

/** This process may have been started with a loader that the command does not need. */
function plainEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}

export const survival: Bench = {
  name: "survival",
  title: "Kaplan–Meier",
  run: async (note) => {
    const folder = mkdtempSync(join(tmpdir(), "outcomepay-bench-"));
    const rows: string[][] = [
      ["rows", "times", "survfit", "in memory", "faster", "read.csv + survfit", "Rscript", "command", "faster"],
    ];
    let version = "";
    note("drawn data sets");
    const analyses = await agreeing();
    try {
      for (const wholeDays of [true, false]) {
        for (const n of SIZES) {
          const kind = wholeDays ? "whole days" : "all distinct";
          note(`${n} rows, ${kind}`);
          const simulated = simulate(n, wholeDays);
          const file = join(folder, "rows.csv");
          await write(simulated, file);
          const peer = JSON.parse(await inR(path("survival.R"), file)) as Peer;
          mustAgree(estimate(simulated), peer);
          version = peer.version;
          const own = await fastest(5, () => estimate(simulated));
          const whole = await command(file);
          const both = peer.read + peer.fit;
          rows.push([
            n.toLocaleString("en"),
            kind,
            seconds(peer.fit),
            seconds(own),
            ratio(peer.fit, own),
            seconds(both),
            seconds(await script(file)),
            seconds(whole),
            ratio(both, whole),
          ]);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const setting = `Against R's package survival ${version}, same rows, same run; estimates agree to 1e-9, and so do ${analyses} analyses of small drawn data sets with ties, decimals, groups and delayed entry (counts, estimate, standard error, three kinds of interval, median). In memory: from the columns to curve, standard errors, log-log intervals and median. The command's and Rscript's times are those of the whole process; read.csv + survfit is without starting R, and what the last column compares with.`;
    return { setting, rows };
  },
};
