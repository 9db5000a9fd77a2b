/** Who acts in the demo, each with an account of the local chain. The keys are the chain's public test keys. */

import type { HDNodeWallet } from "ethers";

import { account } from "../local/anvil.ts";

export const CAST = {
  /** Mints tokenised deposits when money arrives at the escrow account. */
  bank: account(0),
  fund: account(1),
  maker: account(2),
  board: account(3),
  /** Anyone: pays the gas of what nobody in particular must send. */
  operators: [5, 6, 7, 8, 9].map(account),
} as const satisfies Record<string, HDNodeWallet | readonly HDNodeWallet[]>;

/** Operators who must agree. */
export const THRESHOLD = 3;
