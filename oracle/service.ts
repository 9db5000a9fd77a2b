/** One operator's process: what its configuration names, opened and joined. */

import { randomBytes } from "node:crypto";

import { JsonRpcProvider, type Block, type Provider, type TransactionRequest } from "ethers";
import type { FastifyInstance } from "fastify";

import { dayOfTimestamp } from "../terms/calendar.ts";
import type { Agreement, Day } from "../terms/model.ts";
import { askAuthorisation } from "./authorisations.ts";
import { agreementChain } from "./chain/agreementChain.ts";
import { ChainError, explainChainError } from "./chain/errors.ts";
import { checkTerms } from "./checkTerms.ts";
import { httpAsk, httpAskEntries } from "./endorse/client.ts";
import type { Ask } from "./endorse/collect.ts";
import { createEndorser } from "./endorse/endorser.ts";
import { OptionError } from "./endpoints/options.ts";
import { recomputing } from "./endorse/recompute.ts";
import { buildNodeServer } from "./endorse/server.ts";
import { runPass, type NodeParts, type PassEvent } from "./node.ts";
import { createMetrics, type Metrics } from "./operations/metrics.ts";
import { checkReadiness, type Progress } from "./operations/readiness.ts";
import { buildOperationsServer } from "./operations/server.ts";
import type { Outcomes } from "./outcomes.ts";
import { clausesWithoutRule, needsOf, openRecords, type RecordPatient } from "./records.ts";
import { toHex } from "./report/bytes.ts";
import { readSecret } from "./report/secret.ts";
import { ConfigError, type OracleConfig } from "./settings/read.ts";
import { openStoresAt, storeLocation } from "./settings/store.ts";
import { SignerAccount } from "./signing/account.ts";
import type { Env } from "./signing/key.ts";
import { openSigner } from "./signing/open.ts";
import { probeStore } from "./store/probe.ts";
import { Turns } from "./turns.ts";
import { loadView } from "./view.ts";

/** What the process takes from its surroundings. */
export interface Surroundings {
  /** Environment variables: keys and passwords only. */
  readonly env: Env;
  /** Milliseconds since 1970-01-01 UTC: times requests between operators and probes, and nothing that is signed. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly onRefusal: (operator: string, status: string) => void;
  readonly onError: (error: unknown) => void;
  /** Called as files of the source are opened. */
  readonly onFile?: (file: string) => void;
}

/** A server with the place where it is to listen. */
export interface Listener {
  readonly name: "operators" | "operations";
  readonly server: FastifyInstance;
  readonly at: { readonly host: string; readonly port: number };
}

export interface OracleService {
  /** For other operators; one of the listeners. */
  readonly server: FastifyInstance;
  /** None listens yet. */
  readonly listeners: readonly Listener[];
  /** @param waitForTurn Whether other operators may go first. */
  pass(waitForTurn: boolean): Promise<PassEvent[]>;
  /** Takes no further requests; those under way are answered. */
  stopListening(): Promise<void>;
  close(): Promise<void>;
}

const MILLISECONDS = 1_000;
/** While a transaction is waited for. */
const RECEIPT_POLL = 500;
const ATTEMPTS = 5;
/** Milliseconds for each check of a probe. */
const PROBE_TIMEOUT = 5_000;
/** Polls without a pass, or a pass longer than so many, mean that the node has fallen behind; at least ten minutes. */
const POLLS_BEHIND = 3;
const BEHIND_AT_LEAST = 600;

/**
 * Days are the chain's, from its latest block: a chain whose clock is moved, as in tests, takes the oracle along.
 * @throws ConfigError, ChainError, Unavailable
 */
export async function openService(
  config: OracleConfig,
  agreement: Agreement,
  surroundings: Surroundings,
): Promise<OracleService> {
  const [lacking] = clausesWithoutRule(agreement);
  if (lacking !== undefined) {
    throw new ConfigError(
      `terms: clause ${lacking.id} needs a rule for ${lacking.metric?.id ?? "it"}, which is not there`,
    );
  }
  try {
    needsOf(agreement);
  } catch (error) {
    if (error instanceof OptionError) throw new ConfigError(`terms: ${error.message}`);
    throw error;
  }
  const { env, now, sleep } = surroundings;
  const secret = readSecret(config.secret);
  const location = storeLocation(config.store, env);
  const keys = await openSigner(config.key, env, sleep);
  const { signer } = keys;
  const provider = new JsonRpcProvider(config.rpc, undefined, { cacheTimeout: -1 });
  const metrics = createMetrics();
  try {
    const { chainId } = await provider.getNetwork().catch((error: unknown) => {
      throw explainChainError(error);
    });
    const id = { chainId, address: config.agreement };
    await checkTerms(provider, id.address, agreement, config.committee);
    const { database, ...stores } = await openStoresAt(location);
    const account = new SignerAccount(signer, provider);
    const sender = {
      provider,
      getAddress: () => account.getAddress(),
      sendTransaction: (request: TransactionRequest) => account.sendTransaction(request),
    };
    const chain = agreementChain(sender, id, agreement, {
      fromBlock: config.fromBlock,
      logRange: config.logRange,
      confirmations: config.confirmations,
      poll: RECEIPT_POLL,
      stallAfter: config.stallAfter * MILLISECONDS,
      attempts: ATTEMPTS,
      sleep,
    });
    const progress = watchProgress(now);
    const openAsOf = progress.reading(async (asOfDay) => {
      const records = await openRecords(agreement, config.source, asOfDay, {
        server: surroundings,
        ...(surroundings.onFile === undefined ? {} : { progress: surroundings.onFile }),
      });
      const { patients, rejected } = records;
      metrics.records({
        read: patients.length + rejected.length,
        rejected: rejected.length,
        patients: patients.length,
      });
      return records;
    });
    const endorser = createEndorser({
      signer,
      log: stores.endorsements,
      compute: recomputing(async (asOfDay) => loadView(parts, await chain.read(), await openAsOf(asOfDay))),
      today: () => chainDay(provider),
    });
    const parts: NodeParts<RecordPatient> = {
      agreement,
      id,
      secret,
      own: signer.address,
      peers: config.peers,
      chain,
      openRecords: openAsOf,
      endorser,
      stores,
      ask: countAnswers(httpAsk(signer, now), metrics),
      askEntries: httpAskEntries(signer, now),
      peerTimeout: config.peerTimeout * MILLISECONDS,
      drawSalt: () => toHex(randomBytes(32)),
      authorise: (enrolment, digest) => Promise.resolve(askAuthorisation(config.authorisations, id, enrolment, digest)),
      validity: config.validity,
      turns: null,
    };
    const turns = new Turns(config.patience);
    const server = buildNodeServer({
      address: signer.address,
      operators: config.peers.map((peer) => peer.address),
      endorser,
      entries: async ({ agreement: asked, root }) => {
        if (asked.address !== id.address || asked.chainId !== id.chainId) return null;
        const entries = await stores.patients.of(id, root);
        return entries.length === 0 ? null : entries;
      },
      now,
      onAnswer: (operator, { status }) => {
        metrics.answered(operator, status);
        if (status !== "endorsed") surroundings.onRefusal(operator, status);
      },
      onError: surroundings.onError,
    });
    const ready = () =>
      checkReadiness({
        headTime: async () => {
          const { number, timestamp } = await latestBlock(provider);
          metrics.head(number, timestamp);
          return timestamp;
        },
        headAge: config.headAge,
        probeStore: () => probeStore(database.db),
        progress: progress.now,
        passWithin: Math.max(config.poll * POLLS_BEHIND, BEHIND_AT_LEAST) * MILLISECONDS,
        now,
        timeout: PROBE_TIMEOUT,
      });
    const listeners: Listener[] = [{ name: "operators", server, at: config.listen }];
    if (config.metrics !== undefined) {
      const operations = buildOperationsServer({ ready, registry: metrics.registry });
      listeners.push({ name: "operations", server: operations, at: config.metrics });
    }
    const stopListening = async (): Promise<void> => {
      await Promise.all(listeners.map((listener) => listener.server.close()));
    };
    return {
      server,
      listeners,
      pass: progress.passing(metrics, (waitForTurn) => runPass({ ...parts, turns: waitForTurn ? turns : null })),
      stopListening,
      close: async () => {
        await stopListening();
        provider.destroy();
        await keys.close();
        await database.close();
      },
    };
  } catch (error) {
    provider.destroy();
    await keys.close();
    throw error;
  }
}

async function latestBlock(provider: Provider): Promise<Block> {
  const block = await provider.getBlock("latest");
  if (block === null) throw new ChainError("the chain has no block", "wait", null);
  return block;
}

async function chainDay(provider: Provider): Promise<Day> {
  return dayOfTimestamp((await latestBlock(provider)).timestamp);
}

/** Counts what each peer answers. */
function countAnswers(ask: Ask, metrics: Metrics): Ask {
  return async (peer, request, signal) => {
    try {
      const reply = await ask(peer, request, signal);
      metrics.gotAnswer(peer.address, reply.status);
      return reply;
    } catch (error) {
      metrics.gotAnswer(peer.address, "failed");
      throw error;
    }
  };
}

type OpenRecords = (asOfDay: Day) => Promise<Outcomes<RecordPatient>>;
type Pass = (waitForTurn: boolean) => Promise<PassEvent[]>;

/** Remembers how the last pass and the last reading ended. */
function watchProgress(now: () => number): {
  readonly now: () => Progress;
  reading(open: OpenRecords): OpenRecords;
  passing(metrics: Metrics, pass: Pass): Pass;
} {
  let found: Progress = { lastPass: null, lastReading: null };
  return {
    now: () => found,
    reading: (open) => async (asOfDay) => {
      try {
        const records = await open(asOfDay);
        found = { ...found, lastReading: { at: now(), readable: true } };
        return records;
      } catch (error) {
        found = { ...found, lastReading: { at: now(), readable: false } };
        throw error;
      }
    },
    passing: (metrics, pass) => async (waitForTurn) => {
      const started = now();
      const seconds = (): number => (now() - started) / MILLISECONDS;
      try {
        const events = await pass(waitForTurn);
        const isBehind = events.some(({ step, result }) => step === "catch up" && result !== "done");
        found = { ...found, lastPass: { at: now(), result: isBehind ? "behind" : "done" } };
        metrics.passed(seconds(), events);
        return events;
      } catch (error) {
        found = { ...found, lastPass: { at: now(), result: "failed" } };
        metrics.passFailed(seconds());
        throw error;
      }
    },
  };
}
