/** `oracle start` and `oracle once`: one operator's node. */

import { setTimeout as delay } from "node:timers/promises";

import type { Command } from "commander";
import { ChainError } from "../oracle/chain/errors.ts";
import type { PassEvent } from "../oracle/node.ts";
import type { OracleService } from "../oracle/service.ts";
import type { Context } from "./main.ts";
import { registerAudit } from "./oracle/audit.ts";
import { registerErase } from "./oracle/erase.ts";
import { log, openNode } from "./oracle/open.ts";
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
  registerAudit(oracle, context);
  registerErase(oracle, context);
}

async function once(configFile: string): Promise<PassEvent[]> {
  const { service } = await openNode(configFile);
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
  const { service, config } = await openNode(configFile, stopping.signal);
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

/** `report: clause 1, cohort 0, number 3: done: 0x…`. */
function line({ step, clause, cohort, number, result, detail }: PassEvent): string {
  const where = [
    clause === null ? [] : `clause ${clause}`,
    cohort === null ? [] : `cohort ${cohort}`,
    number === null ? [] : `number ${number}`,
  ];
  return `${step}: ${where.flat().join(", ")}: ${result}: ${detail}`;
}
