/** A chain behind a faulty server, and calls whose effect can be counted: each mints one unit to somebody else. */

import { setTimeout as delay } from "node:timers/promises";

import type { HDNodeWallet, JsonRpcApiProvider, TransactionRequest } from "ethers";

import { memoryOutbox, type Outbox } from "../../../oracle/chain/outbox.ts";
import { openRpc } from "../../../oracle/chain/rpc/provider.ts";
import { createSubmitter, type Call, type SubmitOptions, type Submitter } from "../../../oracle/chain/submit.ts";
import type { SubmitEvent, SubmitStep } from "../../../oracle/chain/submitEvent.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { account, startAnvil, type Anvil } from "../../../scripts/local/anvil.ts";
import { PlainToken__factory, type PlainToken } from "../../../typechain-types/index.ts";
import { faultyRpc, type FaultyRpc } from "./faultyRpc.ts";

export interface Sending {
  readonly anvil: Anvil;
  readonly rpc: FaultyRpc;
  readonly token: PlainToken;
  /** The account that sends, and its way to sign. */
  readonly wallet: HDNodeWallet;
  sign: (request: TransactionRequest) => Promise<string>;
  /** Of every submitter, in order. */
  readonly events: SubmitEvent[];
  /** Which steps were told, in order. */
  steps(): SubmitStep["type"][];
  /** A process with this outbox; a new one unless given. */
  process(outbox?: Outbox, options?: Partial<SubmitOptions>): Submitter;
  /** Mints one unit to the i-th beneficiary; done when the beneficiary has one. */
  call(i: number): Call;
  /** Units that a beneficiary has. */
  units: (i: number) => Promise<bigint>;
  mine(blocks?: number): Promise<void>;
  /** Replaces the latest blocks by empty ones. */
  reorganise(depth: number): Promise<void>;
  /** Transactions of the account in the pool. */
  pool(): Promise<{ nonce: string; hash: string; maxFeePerGas?: string; gasPrice?: string }[]>;
  /** The chain as it was at first, and nothing told. */
  fresh(): Promise<void>;
  stop(): Promise<void>;
}

export const QUICK = { confirmations: 1, poll: 20, stallAfter: 200, attempts: 4 } as const;

const beneficiary = (i: number): string => account(20 + i).address;

/** @param args Anvil's. @param signer Index of the account that sends. */
export async function sending(args: readonly string[] = [], signer = 3): Promise<Sending> {
  const anvil = await startAnvil(...args);
  const rpc = await faultyRpc(anvil.url);
  const deployer = account(0).connect(anvil.provider);
  const deployed = new PlainToken__factory(deployer).deploy(0);
  const mining = args.includes("--no-mining");
  const token = await deployed;
  if (mining) await anvil.provider.send("evm_mine", []);
  await token.waitForDeployment();
  const wallet = account(signer);
  const provider: JsonRpcApiProvider = await openRpc([rpc.url], { timeout: 300, sleep: () => delay(5) });
  const address = (await token.getAddress()) as Hex;
  const events: SubmitEvent[] = [];
  let processes = 0;
  const { baseFeePerGas } = (await anvil.provider.send("eth_getBlockByNumber", ["latest", false])) as {
    baseFeePerGas?: string;
  };
  const baseFee = baseFeePerGas ?? "0x0";
  let snapshot: unknown = await anvil.provider.send("evm_snapshot", []);
  const units = (i: number): Promise<bigint> => token.balanceOf(beneficiary(i));
  const at: Sending = {
    anvil,
    rpc,
    token,
    wallet,
    sign: (request) => wallet.signTransaction(request),
    events,
    steps: () => events.map(({ step }) => step.type),
    process: (outbox = memoryOutbox(), options = {}) => {
      processes += 1;
      const sender = {
        provider,
        getAddress: () => Promise.resolve(wallet.address),
        signTransaction: (request: TransactionRequest) => at.sign(request),
      };
      return createSubmitter(sender, {
        ...QUICK,
        outbox,
        holder: `process ${processes}`,
        now: Date.now,
        sleep: (milliseconds) => delay(milliseconds),
        onEvent: (event) => events.push(event),
        ...options,
      });
    },
    call: (i) => ({
      to: address,
      data: token.interface.encodeFunctionData("mint", [beneficiary(i), 1]) as Hex,
      intent: `mint to ${i}`,
      standing: async () => ((await token.connect(provider).balanceOf(beneficiary(i))) > 0n ? "landed" : "open"),
    }),
    units,
    mine: async (blocks = 1) => {
      await anvil.provider.send("anvil_mine", [`0x${blocks.toString(16)}`]);
    },
    reorganise: async (depth) => {
      await anvil.provider.send("anvil_reorg", [depth, []]);
    },
    pool: async () => {
      const { pending } = (await anvil.provider.send("txpool_content", [])) as {
        pending: Record<string, Record<string, { nonce: string; hash: string }>>;
      };
      return Object.entries(pending)
        .filter(([from]) => from.toLowerCase() === wallet.address.toLowerCase())
        .flatMap(([, byNonce]) => Object.values(byNonce));
    },
    fresh: async () => {
      await anvil.provider.send("anvil_dropAllTransactions", []);
      await anvil.provider.send("evm_revert", [snapshot]);
      snapshot = await anvil.provider.send("evm_snapshot", []);
      await anvil.provider.send("anvil_setAutomine", [!mining]);
      // A revert leaves the next block's base fee as it is.
      await anvil.provider.send("anvil_setNextBlockBaseFeePerGas", [baseFee]);
      rpc.reset();
      events.length = 0;
      at.sign = (request) => wallet.signTransaction(request);
    },
    stop: async () => {
      provider.destroy();
      await rpc.stop();
      anvil.stop();
    },
  };
  return at;
}

/** The error of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
