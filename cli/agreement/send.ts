/** Sends one call with a key and waits for it. All attempts share one nonce: it happens at most once. */

import { setTimeout as delay } from "node:timers/promises";

import { Wallet, type JsonRpcProvider, type TransactionReceipt } from "ethers";

import { memoryOutbox } from "../../oracle/chain/outbox.ts";
import { createSubmitter } from "../../oracle/chain/submit.ts";
import { ConfigError } from "../../oracle/settings/read.ts";
import { readKey } from "../../oracle/signing/key.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { readWholeFlag } from "../flags.ts";
import { note, UsageError } from "../output.ts";
import { KEY_ENV, PASSWORD_ENV, type KeyFlags, type SendFlags } from "./commandFlags.ts";

export interface Call {
  readonly to: string;
  readonly data: string;
  /** What it does, for the progress on standard error. */
  readonly what: string;
}

/** An account that pays for gas. */
export interface Account {
  readonly address: string;
  /** @throws ChainError */
  send(call: Call): Promise<TransactionReceipt>;
}

const POLL = 500;
const STALL_AFTER = 60_000;
const ATTEMPTS = 5;
const MOST_CONFIRMATIONS = 1_000;

/** The key that the flags name. @throws UsageError that never shows it */
export async function openWallet({ keyEnv, keystore, passwordEnv }: KeyFlags): Promise<Wallet> {
  if (keystore !== undefined && keyEnv !== undefined) throw new UsageError("give --key-env or --keystore, not both");
  const source =
    keystore === undefined ? { env: keyEnv ?? KEY_ENV } : { keystore, passwordEnv: passwordEnv ?? PASSWORD_ENV };
  try {
    return new Wallet(await readKey(source, process.env));
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws UsageError */
export async function openAccount(provider: JsonRpcProvider, flags: SendFlags): Promise<Account> {
  const wallet = (await openWallet(flags)).connect(provider);
  const { confirmations: text } = flags;
  const confirmations = text === undefined ? 1 : readWholeFlag("--confirmations", text, MOST_CONFIRMATIONS);
  const sender = {
    provider,
    getAddress: () => wallet.getAddress(),
    signTransaction: wallet.signTransaction.bind(wallet),
  };
  const submitter = createSubmitter(sender, {
    // A person watches this one call: what becomes of it is seen on the chain, not kept.
    outbox: memoryOutbox(),
    holder: "this command",
    now: Date.now,
    confirmations,
    poll: POLL,
    stallAfter: STALL_AFTER,
    attempts: ATTEMPTS,
    sleep: (milliseconds: number) => delay(milliseconds),
  });
  return {
    address: wallet.address,
    async send({ to, data, what }) {
      note(`${what} …`);
      const { receipt } = await submitter.submit({ to, data: data as Hex, intent: what, standing: null });
      if (receipt === null) throw new RangeError("a call that is always open ended without a receipt");
      note(`${what}: ${receipt.hash}, block ${receipt.blockNumber}`);
      return receipt;
    },
  };
}
