/** One operator's process: what its configuration names, opened and joined. */

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

import { type Block, type Provider, type TransactionRequest } from "ethers";
import type { FastifyInstance } from "fastify";

import { dayOfTimestamp } from "../terms/calendar.ts";
import type { Agreement, Day } from "../terms/model.ts";
import { openApi } from "./api/open.ts";
import type { LastReading } from "./api/source.ts";
import { askAuthorisation } from "./authorisations.ts";
import { heldEnrolment } from "./catchUp.ts";
import { agreementChain } from "./chain/agreementChain.ts";
import { ChainError, explainChainError } from "./chain/errors.ts";
import { holderOf } from "./chain/holder.ts";
import { openRpc } from "./chain/rpc/provider.ts";
import type { SubmitEvent } from "./chain/submitEvent.ts";
import { checkTerms } from "./checkTerms.ts";
import { httpAsk, httpAskEntries, httpAskErase } from "./endorse/client.ts";
import { createEndorser } from "./endorse/endorser.ts";
import { recomputing } from "./endorse/recompute.ts";
import { buildNodeServer } from "./endorse/server.ts";
import type { EraseAnswer } from "./erase/request.ts";
import { eventAt, failure } from "./pass/event.ts";
import { runPass, type NodeParts, type PassEvent } from "./node.ts";
import { OptionError } from "./endpoints/options.ts";
import { createMetrics } from "./operations/metrics.ts";
import { checkReadiness } from "./operations/readiness.ts";
import { measureStanding } from "./operations/standing.ts";
import { buildOperationsServer } from "./operations/server.ts";
import { countAnswers, watchProgress } from "./operations/watch.ts";
import type { Outcomes } from "./outcomes.ts";
import { clausesWithoutRule, needsOf, openRecords, type RecordPatient } from "./records.ts";
import { toHex } from "./report/bytes.ts";
import { reviewOf, type Review } from "./review.ts";
import { readSecret } from "./report/secret.ts";
import { ConfigError, type OracleConfig } from "./settings/read.ts";
import { openStoresAt, storeLocation } from "./settings/store.ts";
import { SignerAccount } from "./signing/account.ts";
import type { Env } from "./signing/key.ts";
import { openSigner } from "./signing/open.ts";
import { probeStore } from "./store/probe.ts";
import { Turns } from "./turns.ts";
import { CODE_VERSION } from "./version.ts";
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
  /** What sending to the chain tells while it is under way. */
  readonly onSubmit?: (event: SubmitEvent) => void;
  /** Ends the waiting for the chain when the process is to stop. */
  readonly signal?: AbortSignal;
  /** Another operator asked to erase a patient: who, and what came of it. */
  readonly onErase?: (operator: string, answer: EraseAnswer) => void;
  /** Called as files of the source are opened. */
  readonly onFile?: (file: string) => void;
}

/** A server with the place where it is to listen. */
export interface Listener {
  readonly name: "operators" | "api" | "operations";
  readonly server: FastifyInstance;
  readonly at: { readonly host: string; readonly port: number };
}

export interface OracleService extends Review {
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
  if ((config.source === null) !== (config.secret === null)) {
    throw new ConfigError("source, secret: found one of them, expected both, or none for both: a node that only keeps");
  }
  if (config.source !== null) checkRules(agreement);
  const { env, now, sleep } = surroundings;
  // Nobody's pseudonym is ever made from a keeper's.
  const secret = config.secret === null ? randomBytes(SECRET_LENGTH) : readSecret(config.secret);
  const location = storeLocation(config.store, env);
  const keys = await openSigner(config.key, env, sleep);
  const { signer } = keys;
  const provider = await openRpc(config.rpc, {
    ...(config.rpcQuorum === undefined ? {} : { quorum: config.rpcQuorum }),
    timeout: config.rpcTimeout * MILLISECONDS,
    sleep,
  });
  const metrics = createMetrics();
  try {
    const { chainId } = await provider.getNetwork().catch((error: unknown) => {
      throw explainChainError(error);
    });
    if (config.chainId !== undefined && BigInt(config.chainId) !== chainId) {
      throw new ConfigError(`chainId: found ${config.chainId}, the servers of \`rpc\` are of chain ${chainId}`);
    }
    const id = { chainId, address: config.agreement };
    await checkTerms(provider, id.address, agreement, config.committee);
    const { database, ...stores } = await openStoresAt(location);
    const account = new SignerAccount(signer, provider);
    const sender = {
      provider,
      getAddress: () => account.getAddress(),
      signTransaction: (request: TransactionRequest) => account.signTransaction(request),
    };
    const chain = agreementChain(sender, id, agreement, {
      outbox: stores.outbox,
      ...holderOf(THIS_PROCESS, toHex(randomBytes(4)), isAlive),
      now,
      fromBlock: config.fromBlock,
      logRange: config.logRange,
      confirmations: config.confirmations,
      poll: RECEIPT_POLL,
      stallAfter: config.stallAfter * MILLISECONDS,
      attempts: ATTEMPTS,
      maxFee: config.maxFee ?? null,
      sleep,
      onEvent: (event) => {
        metrics.submission(event.step);
        surroundings.onSubmit?.(event);
      },
      ...(surroundings.signal === undefined ? {} : { signal: surroundings.signal }),
    });
    const progress = watchProgress(now);
    let lastReading: LastReading | null = null;
    const openAsOf = progress.reading(async (asOfDay): Promise<Outcomes<RecordPatient>> => {
      if (config.source === null) {
        throw new ConfigError("source: found none, expected a file: this key is one of the agreement's oracle");
      }
      const records = await openRecords(agreement, config.source, asOfDay, {
        server: surroundings,
        ...(surroundings.onFile === undefined ? {} : { progress: surroundings.onFile }),
      });
      const { patients, rejected, snapshot, counts } = records;
      lastReading = { asOfDay, snapshot, patients: patients.length, rejected };
      metrics.records({ ...counts, patients: patients.length });
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
      keeper: { lapseAfter: config.keeper.lapse },
      reading: { day: null },
      onState: (state) => measureStanding(metrics, agreement, state),
    };
    const turns = new Turns(config.patience);
    const { review, answerErase } = reviewOf(parts, {
      account,
      now,
      database,
      askErase: httpAskErase(signer, now),
      draw: randomBytes,
      knowsPatients: config.secret !== null,
      onErase: surroundings.onErase,
    });
    const server = buildNodeServer({
      address: signer.address,
      operators: config.peers.map((peer) => peer.address),
      endorser,
      entries: async ({ agreement: asked, root }) =>
        asked.address === id.address && asked.chainId === id.chainId ? heldEnrolment(stores, id, root) : null,
      erase: answerErase,
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
        readsRecords: config.source !== null,
        passWithin: Math.max(config.poll * POLLS_BEHIND, BEHIND_AT_LEAST) * MILLISECONDS,
        now,
        timeout: PROBE_TIMEOUT,
      });
    const listeners: Listener[] = [{ name: "operators", server, at: config.listen }];
    if (config.api !== undefined) {
      const api = await openApi({
        settings: config.api,
        auditors: config.auditors,
        env,
        provider,
        chain,
        source: {
          agreement,
          id,
          operator: signer.address,
          code: CODE_VERSION,
          reports: stores.reports,
          patients: stores.patients,
          checks: ready,
          lastReading: () => lastReading,
        },
        now,
        onError: surroundings.onError,
      });
      listeners.push({ name: "api", server: api, at: config.api });
    }
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
      ...review,
      pass: progress.passing(metrics, async (waitForTurn) => {
        // What an earlier process had on its way comes first: it needs nobody's signature any more.
        const left = await chain.recover().then(
          () => [],
          // A pass has more to do than to send.
          (error: unknown) => [eventAt("resume", { clause: null, cohort: null, number: null }, failure(error))],
        );
        try {
          return [...left, ...(await runPass({ ...parts, turns: waitForTurn ? turns : null }))];
        } finally {
          metrics.outbox((await stores.outbox.unfinished({ chainId, address: signer.address })).length);
        }
      }),
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

const THIS_PROCESS = { host: hostname(), pid: process.pid, started: Math.round(performance.timeOrigin) };

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be asked, and lives.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const SECRET_LENGTH = 32;

/** @throws ConfigError when this program can't compute what the terms ask for */
function checkRules(agreement: Agreement): void {
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
}

async function latestBlock(provider: Provider): Promise<Block> {
  const block = await provider.getBlock("latest");
  if (block === null) throw new ChainError("the chain has no block", "wait", null);
  return block;
}

async function chainDay(provider: Provider): Promise<Day> {
  return dayOfTimestamp((await latestBlock(provider)).timestamp);
}
