/** `oracle start` and `oracle once`: one operator's node. */

import { setTimeout as delay } from "node:timers/promises";

import type { Command } from "commander";
import { pino } from "pino";

import { ChainError } from "../oracle/chain/errors.ts";
import { ConfigError, readConfig, type OracleConfig } from "../oracle/config.ts";
import type { SubmitEvent } from "../oracle/chain/submitEvent.ts";
import type { PassEvent } from "../oracle/node.ts";
import { toJson } from "../oracle/report/wire.ts";
import { openService, type OracleService } from "../oracle/service.ts";
import { UnboundError } from "../terms/onchain/compile.ts";
import { readAgreement } from "./evaluate.ts";
import type { Context } from "./main.ts";
import { EXIT, print, printJson, UsageError } from "./output.ts";

export function registerOracle(program: Command, context: Context): void {
  const oracle = program.command("oracle").description("One operator's node: computes, endorses, reports, settles");
  oracle
    .command("start")
    .description("Serve other operators and make a pass at every poll until stopped")
    .requiredOption("--config <file>", "the operator's settings (YAML)")
    .action(({ config }: { config: string }) => start(config));
  oracle
    .command("once")
    .description("Make one pass, without waiting for other operators' turns; exit 1 when something failed")
    .requiredOption("--config <file>", "the operator's settings (YAML)")
    .option("--json", "print one JSON document")
    .action(async ({ config, json }: { config: string; json?: true }) => {
      const events = await once(config);
      if (json === true) printJson({ events });
      else for (const event of events) print(line(event));
      if (events.some(({ result }) => result === "failed")) context.exitCode = EXIT.finding;
    });
}

// Standard output is for results; the log goes to standard error.
const log = pino({ base: null }, pino.destination(2));

async function once(configFile: string): Promise<PassEvent[]> {
  const { service } = await open(configFile);
  try {
    return await service.pass(false);
  } catch (error) {
    // The chain can't be read: nothing was done, and trying again may help.
    if (error instanceof ChainError) throw new UsageError(error.message);
    throw error;
  } finally {
    await service.close();
  }
}

async function start(configFile: string): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const { service, config } = await open(configFile, stopping.signal);
  try {
    const at = await service.server.listen(config.listen);
    log.info({ at, agreement: config.agreement }, "listening");
    while (!stopping.signal.aborted) {
      await passOnce(service);
      // Rejects when stopped: that ends the wait, and nothing else.
      await delay(config.poll * 1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    log.info("stopping");
  } finally {
    await service.close();
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

/** A pass that fails as a whole is logged; the next one tries again. */
async function passOnce(service: OracleService): Promise<void> {
  try {
    for (const event of await service.pass(true)) {
      if (event.result === "failed" || event.differences.length > 0) log.error(event, line(event));
      else log.info(event, line(event));
    }
  } catch (error) {
    log.error({ error: error instanceof Error ? error.message : String(error) }, "the pass failed");
  }
}

/** Attempts and blocks are the log's everyday; what went wrong stands out. */
function tell({ step, ...call }: SubmitEvent): void {
  const isTrouble = ["fault", "capped", "reorged", "reverted", "dropped"].includes(step.type);
  const fields = JSON.parse(toJson({ ...call, ...step })) as object;
  if (isTrouble) log.warn(fields, `${call.intent}: ${step.type}`);
  else log.info(fields, `${call.intent}: ${step.type}`);
}

async function open(
  configFile: string,
  signal?: AbortSignal,
): Promise<{ service: OracleService; config: OracleConfig }> {
  try {
    const config = readConfig(configFile);
    const service = await openService(config, readAgreement(config.terms), {
      env: process.env,
      now: Date.now,
      sleep: (milliseconds) => delay(milliseconds),
      ...(signal === undefined ? {} : { signal }),
      onSubmit: tell,
      onRefusal: (operator, status) => log.warn({ operator, status }, "not endorsed"),
      onError: (error) =>
        log.error({ error: error instanceof Error ? error.message : String(error) }, "request failed"),
    });
    return { service, config };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${configFile}: ${error.message}`);
    if (error instanceof ChainError || error instanceof UnboundError) throw new UsageError(error.message);
    throw error;
  }
}

/** `report: clause 1, cohort 0, number 3: done: 0x…`. */
function line({ step, clause, cohort, number, result, detail }: PassEvent): string {
  const where = [
    clause === null ? [] : `clause ${clause}`,
    `cohort ${cohort}`,
    number === null ? [] : `number ${number}`,
  ];
  return `${step}: ${where.flat().join(", ")}: ${result}: ${detail}`;
}
