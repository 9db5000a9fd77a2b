/** How tests send: the in-process chain's first account, whose key everybody knows, and options that never wait long. */

import { HDNodeWallet, type Provider } from "ethers";

import { memoryOutbox } from "../../oracle/chain/outbox.ts";
import type { Sender, SubmitOptions } from "../../oracle/chain/submit.ts";

const MNEMONIC = "test test test test test test test test test test test junk";

/** The account that pays for gas on the in-process chain. */
export function relayerOf(provider: Provider): Sender {
  const wallet = HDNodeWallet.fromPhrase(MNEMONIC).connect(provider);
  return {
    provider,
    getAddress: () => wallet.getAddress(),
    signTransaction: (request) => wallet.signTransaction(request),
  };
}

/** On a chain that mines each transaction at once. */
export function submitOptions(): SubmitOptions {
  return {
    outbox: memoryOutbox(),
    holder: "test",
    now: Date.now,
    sleep: () => Promise.resolve(),
    confirmations: 1,
    poll: 1,
    stallAfter: 1_000,
    attempts: 3,
  };
}
