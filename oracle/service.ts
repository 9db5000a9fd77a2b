/** One operator's process: what its configuration names, opened and joined. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";

import { Contract, Wallet, type Provider, type TransactionRequest } from "ethers";
import type { FastifyInstance } from "fastify";

import { dayOfTimestamp } from "../terms/calendar.ts";
import type { Agreement, Day } from "../terms/model.ts";
import { compileTerms } from "../terms/onchain/compile.ts";
import { packTerms } from "../terms/onchain/pack.ts";
import { IOutcomeAgreement__factory } from "../typechain-types/index.js";
import { heldEnrolment } from "./catchUp.ts";
import { agreementChain } from "./chain/agreementChain.ts";
import { ChainError, explainChainError } from "./chain/errors.ts";
import { holderOf } from "./chain/holder.ts";
import { openRpc } from "./chain/rpc/provider.ts";
import type { SubmitEvent } from "./chain/submitEvent.ts";
import { ConfigError, storeLocation, type OracleConfig } from "./config.ts";
import { httpAsk, httpAskEntries, httpAskErase } from "./endorse/client.ts";
import { createEndorser } from "./endorse/endorser.ts";
import { recomputing } from "./endorse/recompute.ts";
import { buildNodeServer } from "./endorse/server.ts";
import { keySigner } from "./endorse/signer.ts";
import type { EraseAnswer } from "./erase/request.ts";
import { readKey } from "./key.ts";
import { eventAt, failure } from "./pass/event.ts";
import { runPass, type NodeParts, type PassEvent } from "./node.ts";
import { OptionError } from "./endpoints/options.ts";
import type { Outcomes } from "./outcomes.ts";
import { clausesWithoutRule, needsOf, openRecords, type RecordPatient } from "./records.ts";
import { toHex, type Hex } from "./report/bytes.ts";
import { domainOf, MESSAGE_TYPES, type AgreementId, type Enrolment } from "./report/messages.ts";
import { readSecret } from "./report/secret.ts";
import { toJson } from "./report/wire.ts";
import { reviewOf, type Review } from "./review.ts";
import { openStores } from "./store/stores.ts";
import { Turns } from "./turns.ts";
import { CODE_VERSION } from "./version.ts";
import { loadView } from "./view.ts";

/** What the process takes from its surroundings. */
export interface Surroundings {
  /** Environment variables: keys and passwords only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970-01-01 UTC: times requests between operators, and nothing that is signed. */
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
}

export interface OracleService extends Review {
  /** Not listening yet. */
  readonly server: FastifyInstance;
  /** @param waitForTurn Whether other operators may go first. */
  pass(waitForTurn: boolean): Promise<PassEvent[]>;
  close(): Promise<void>;
}

const MILLISECONDS = 1_000;
/** While a transaction is waited for. */
const RECEIPT_POLL = 500;
const ATTEMPTS = 5;

/**
 * Days are the chain's, from its latest block: a chain whose clock is moved, as in tests, takes the oracle along.
 * @throws ConfigError, ChainError
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
  const privateKey = await readKey(config.key, surroundings.env);
  const signer = keySigner(privateKey);
  // Nobody's pseudonym is ever made from a keeper's.
  const secret = config.secret === null ? randomBytes(SECRET_LENGTH) : readSecret(config.secret);
  const provider = await openRpc(config.rpc, {
    ...(config.rpcQuorum === undefined ? {} : { quorum: config.rpcQuorum }),
    timeout: config.rpcTimeout * MILLISECONDS,
    sleep: surroundings.sleep,
  });
  try {
    const { chainId } = await provider.getNetwork();
    if (config.chainId !== undefined && BigInt(config.chainId) !== chainId) {
      throw new ConfigError(`chainId: found ${config.chainId}, the servers of \`rpc\` are of chain ${chainId}`);
    }
    const id = { chainId, address: config.agreement };
    await checkTerms(provider, id.address, agreement, config.committee);
    const { database, ...stores } = await openStores(storeLocation(config.store, surroundings.env), CODE_VERSION);
    const wallet = new Wallet(privateKey, provider);
    const sender = {
      provider,
      getAddress: () => wallet.getAddress(),
      signTransaction: (request: TransactionRequest) => wallet.signTransaction(request),
    };
    const chain = agreementChain(sender, id, agreement, {
      outbox: stores.outbox,
      ...holderOf(THIS_PROCESS, toHex(randomBytes(4)), isAlive),
      now: surroundings.now,
      fromBlock: config.fromBlock,
      logRange: config.logRange,
      confirmations: config.confirmations,
      poll: RECEIPT_POLL,
      stallAfter: config.stallAfter * MILLISECONDS,
      attempts: ATTEMPTS,
      maxFee: config.maxFee ?? null,
      sleep: surroundings.sleep,
      onEvent: surroundings.onSubmit ?? (() => undefined),
      ...(surroundings.signal === undefined ? {} : { signal: surroundings.signal }),
    });
    const openAsOf = async (asOfDay: Day): Promise<Outcomes<RecordPatient>> => {
      if (config.source !== null) return openRecords(agreement, config.source, asOfDay, { server: surroundings });
      throw new ConfigError("source: found none, expected a file: this key is one of the agreement's oracle");
    };
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
      ask: httpAsk(signer, surroundings.now),
      askEntries: httpAskEntries(signer, surroundings.now),
      peerTimeout: config.peerTimeout * MILLISECONDS,
      drawSalt: () => toHex(randomBytes(32)),
      authorise: (enrolment, digest) => Promise.resolve(askAuthorisation(config.authorisations, id, enrolment, digest)),
      validity: config.validity,
      turns: null,
      keeper: { lapseAfter: config.keeper.lapse },
      reading: { day: null },
    };
    const turns = new Turns(config.patience);
    const { review, answerErase } = reviewOf(parts, {
      database,
      askErase: httpAskErase(signer, surroundings.now),
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
      now: surroundings.now,
      onRefusal: (operator, { status }) => surroundings.onRefusal(operator, status),
      onError: surroundings.onError,
    });
    return {
      server,
      ...review,
      pass: async (waitForTurn) => {
        // What an earlier process had on its way comes first: it needs nobody's signature any more.
        const left = await chain.recover().then(
          () => [],
          // A pass has more to do than to send.
          (error: unknown) => [eventAt("resume", { clause: null, cohort: null, number: null }, failure(error))],
        );
        return [...left, ...(await runPass({ ...parts, turns: waitForTurn ? turns : null }))];
      },
      close: async () => {
        await server.close();
        provider.destroy();
        await database.close();
      },
    };
  } catch (error) {
    provider.destroy();
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

async function chainDay(provider: Provider): Promise<Day> {
  const block = await provider.getBlock("latest");
  if (block === null) throw new ChainError("the chain has no block", "wait", null);
  return dayOfTimestamp(block.timestamp);
}

/** An oracle that worked from other terms than the contract's would report nonsense with good signatures. */
async function checkTerms(
  provider: Provider,
  address: string,
  agreement: Agreement,
  committee: string | undefined,
): Promise<void> {
  let found: { packed: string; token: string; oracle: string; decimals: bigint };
  try {
    const contract = IOutcomeAgreement__factory.connect(address, provider);
    const [packed, token, oracle] = await Promise.all([contract.packedTerms(), contract.token(), contract.oracle()]);
    const erc20 = new Contract(token, ["function decimals() view returns (uint8)"], provider);
    const decimals = (await erc20.getFunction("decimals")()) as bigint;
    found = { packed, token, oracle, decimals };
  } catch (error) {
    throw explainChainError(error);
  }
  const expected = packTerms(agreement, compileTerms(agreement, found.token), Number(found.decimals));
  if (found.packed !== expected) throw new ConfigError(`terms: they are not those of the agreement ${address}`);
  if (committee !== undefined && committee !== found.oracle) {
    throw new ConfigError(`committee: found ${committee}, the agreement's oracle is ${found.oracle}`);
  }
}

/**
 * The authorising party's signature, if it lies in the folder under the digest. Until then the enrolment lies there for
 * the party, as the typed data that its wallet shows and signs.
 */
function askAuthorisation(folder: string | undefined, id: AgreementId, message: Enrolment, digest: Hex): Hex | null {
  if (folder === undefined) return null;
  const file = join(folder, digest);
  if (existsSync(file)) {
    const text = readFileSync(file, "utf8").trim();
    return /^0x([0-9a-f]{2})+$/i.test(text) ? (text as Hex) : null;
  }
  mkdirSync(folder, { recursive: true });
  const typedData = { domain: domainOf(id), types: MESSAGE_TYPES.enrolment, primaryType: "Enrolment", message };
  writeFileSync(`${file}.json`, `${toJson(typedData)}\n`);
  return null;
}
