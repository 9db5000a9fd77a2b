/** Opens an operator's node with the clock, the environment and the log of this process. */

import { setTimeout as delay } from "node:timers/promises";

import { pino } from "pino";

import { ChainError } from "../../oracle/chain/errors.ts";
import type { SubmitEvent } from "../../oracle/chain/submitEvent.ts";
import { ConfigError, readConfig, type OracleConfig } from "../../oracle/config.ts";
import { toJson } from "../../oracle/report/wire.ts";
import { openService, type OracleService } from "../../oracle/service.ts";
import { UnboundError } from "../../terms/onchain/compile.ts";
import { readAgreement } from "../evaluate.ts";
import { UsageError } from "../output.ts";

// Standard output is for results; the log goes to standard error.
export const log = pino({ base: null }, pino.destination(2));

export interface Node {
  readonly service: OracleService;
  readonly config: OracleConfig;
}

/**
 * @param signal Ends the waiting for the chain when the process is to stop.
 * @throws UsageError
 */
export async function openNode(configFile: string, signal?: AbortSignal): Promise<Node> {
  try {
    const config = readConfig(configFile);
    const service = await openService(config, readAgreement(config.terms), {
      env: process.env,
      now: Date.now,
      sleep: (milliseconds) => delay(milliseconds),
      ...(signal === undefined ? {} : { signal }),
      onSubmit: tell,
      onRefusal: (operator, status) => log.warn({ operator, status }, "not endorsed"),
      onErase: (operator, answer) => log.warn({ operator, ...answer }, "asked to erase a patient"),
      onError: (error) =>
        log.error({ error: error instanceof Error ? error.message : String(error) }, "request failed"),
    });
    return { service, config };
  } catch (error) {
    throw explain(error, configFile);
  }
}

const TROUBLE: readonly SubmitEvent["step"]["type"][] = ["fault", "capped", "reorged", "reverted", "dropped"];

/** Attempts and blocks are the log's everyday; what went wrong stands out. */
function tell({ step, ...call }: SubmitEvent): void {
  const fields = JSON.parse(toJson({ ...call, ...step })) as object;
  const text = `${call.intent}: ${step.type}`;
  if (TROUBLE.includes(step.type)) log.warn(fields, text);
  else log.info(fields, text);
}

/** What a user can do about an error that keeps a node from working. */
export function explain(error: unknown, configFile: string): unknown {
  if (error instanceof ConfigError) return new UsageError(`${configFile}: ${error.message}`);
  if (error instanceof ChainError || error instanceof UnboundError) return new UsageError(error.message);
  return error;
}
