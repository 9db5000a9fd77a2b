/** Opens an operator's node with the clock, the environment and the log of this process. */

import { setTimeout as delay } from "node:timers/promises";

import { pino, type Logger } from "pino";

import { ChainError } from "../../oracle/chain/errors.ts";
import type { SubmitEvent } from "../../oracle/chain/submitEvent.ts";
import { toJson } from "../../oracle/report/wire.ts";
import { ServerError } from "../../oracle/intake/server/errors.ts";
import { SourceError } from "../../oracle/intake/shared.ts";
import type { PassEvent } from "../../oracle/node.ts";
import { createLog, wordsOf } from "../../oracle/operations/log.ts";
import { openService, type OracleService } from "../../oracle/service.ts";
import { ConfigError, readConfig, type OracleConfig } from "../../oracle/settings/read.ts";
import { secretsOf } from "../../oracle/settings/secrets.ts";
import { Unavailable } from "../../oracle/unavailable.ts";
import { UnboundError } from "../../terms/onchain/compile.ts";
import { readAgreement } from "../evaluate.ts";
import { TemporaryError, UsageError } from "../output.ts";

export interface Node {
  readonly service: OracleService;
  readonly config: OracleConfig;
  readonly log: Logger;
}

/** Standard output is for results; the log goes to standard error, and is written when it returns. */
const STANDARD_ERROR = 2;

/**
 * @param signal Ends the waiting for the chain when the process is to stop.
 * @param progress Level at which the log tells of files being read: a single pass tells, a service does at every poll.
 * @throws UsageError when trying again can't help, TemporaryError when it can.
 */
export async function openNode(
  configFile: string,
  { signal, progress = "info" }: { readonly signal?: AbortSignal; readonly progress?: "info" | "debug" } = {},
): Promise<Node> {
  const config = settingsOf(configFile);
  const log = createLog({
    level: config.logLevel,
    secrets: secretsOf(config, process.env),
    stream: pino.destination({ dest: STANDARD_ERROR, sync: true }),
  });
  try {
    const service = await openService(config, readAgreement(config.terms), {
      env: process.env,
      now: Date.now,
      sleep: (milliseconds) => delay(milliseconds),
      ...(signal === undefined ? {} : { signal }),
      onSubmit: (event) => tell(log, event),
      onErase: (operator, answer) => log.warn({ operator, ...answer }, "asked to erase a patient"),
      onRefusal: (operator, status) => log.warn({ operator, status }, "not endorsed"),
      onError: (error) => log.error({ error: wordsOf(error) }, "a request failed"),
      onFile: (file) => log[progress]({ file }, "reading records"),
    });
    return { service, config, log };
  } catch (error) {
    throw explain(error, configFile);
  }
}

const TROUBLE: readonly SubmitEvent["step"]["type"][] = ["fault", "capped", "reorged", "reverted", "dropped"];

/** Attempts and blocks are the log's everyday; what went wrong stands out. */
function tell(log: Logger, { step, ...call }: SubmitEvent): void {
  const fields = JSON.parse(toJson({ ...call, ...step })) as object;
  const text = `${call.intent}: ${step.type}`;
  if (TROUBLE.includes(step.type)) log.warn(fields, text);
  else log.info(fields, text);
}

/** What a user can do about an error that keeps a node from working. */
export function explain(error: unknown, configFile: string): unknown {
  if (error instanceof ConfigError) return new UsageError(`${configFile}: ${error.message}`);
  if (error instanceof UnboundError) return new UsageError(error.message);
  if (error instanceof SourceError)
    return isTemporary(error) ? new TemporaryError(error.message) : new UsageError(error.message);
  if (error instanceof Unavailable) return new TemporaryError(error.message);
  if (error instanceof ChainError) {
    return error.retry === "final" ? new UsageError(error.message) : new TemporaryError(error.message);
  }
  return error;
}

function isTemporary(error: SourceError): boolean {
  return error instanceof ServerError && error.retryable;
}

function settingsOf(configFile: string): OracleConfig {
  try {
    return readConfig(configFile);
  } catch (error) {
    throw explain(error, configFile);
  }
}

/** `report: clause 1, cohort 0, number 3: done: 0x…`. */
export function line({ step, clause, cohort, number, result, detail }: PassEvent): string {
  const where = [
    clause === null ? [] : `clause ${clause}`,
    cohort === null ? [] : `cohort ${cohort}`,
    number === null ? [] : `number ${number}`,
  ];
  return `${step}: ${where.flat().join(", ")}: ${result}: ${detail}`;
}
