/** The service: serves, makes a pass at every poll, and stops when it is told to. */

import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

import { wordsOf } from "../../oracle/operations/log.ts";
import { newsOf } from "../../oracle/operations/news.ts";
import type { PassEvent } from "../../oracle/pass/event.ts";
import { UsageError } from "../output.ts";
import { line, openNode, type Node } from "./open.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** What a shell reports of a process that a signal ended. */
const SIGNALLED = 128;

/**
 * The first signal ends it in order: no further requests, the pass under way to its end without waiting for the
 * chain, the store closed. The second
 * one ends it at once; the next start finds out what was done.
 */
export async function start(configFile: string): Promise<void> {
  const stopping = new AbortController();
  const stop = (signal: (typeof SIGNALS)[number]): void => {
    if (stopping.signal.aborted) process.exit(SIGNALLED + constants.signals[signal]);
    stopping.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const node = await openNode(configFile, { signal: stopping.signal, progress: "debug" });
    try {
      await serve(node, stopping.signal);
    } finally {
      await node.service.close();
    }
    node.log.info("stopped");
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

async function serve(node: Node, stopping: AbortSignal): Promise<void> {
  const { service, config, log } = node;
  for (const { name, server, at } of service.listeners) {
    try {
      log.info({ at: await server.listen(at), for: name, agreement: config.agreement }, "listening");
    } catch (error) {
      throw new UsageError(`can't listen on ${at.host}:${at.port} for ${name}: ${wordsOf(error)}`);
    }
  }
  let stopped: Promise<void> | undefined;
  const stopListening = (): void => {
    log.info("stopping");
    stopped = service.stopListening();
    stopped.catch((error: unknown) => log.error({ error: wordsOf(error) }, "a server did not close"));
  };
  if (stopping.aborted) stopListening();
  else stopping.addEventListener("abort", stopListening, { once: true });
  const news = newsOf();
  while (!stopping.aborted) {
    await passOnce(node, news);
    // Rejects when stopped: that ends the wait, and nothing else.
    await delay(config.poll * 1_000, undefined, { signal: stopping }).catch(() => undefined);
  }
  await stopped;
}

/** A pass that fails as a whole is logged; the next one tries again. */
async function passOnce({ service, log }: Node, news: ReturnType<typeof newsOf>): Promise<void> {
  try {
    for (const { event, isNew } of news(await service.pass(true)))
      log[isNew ? levelOf(event) : "debug"](event, line(event));
    log.debug("the pass has ended");
  } catch (error) {
    log.error({ error: wordsOf(error) }, "the pass failed");
  }
}

function levelOf({ result, differences }: PassEvent): "error" | "warn" | "info" {
  if (result === "failed" || differences.length > 0) return "error";
  return result === "warning" ? "warn" : "info";
}
