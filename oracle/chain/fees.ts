/** What a transaction offers for gas: from the chain's quote, raised for a replacement, never beyond the operator's cap. */

import type { Provider } from "ethers";

/** Per unit of gas, in wei. A chain without a base fee takes one price. */
export type Fees =
  { readonly gasPrice: bigint } | { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

export interface Quote {
  readonly fees: Fees;
  /** The least that the latest block took; null where the chain has no base fee. */
  readonly baseFee: bigint | null;
}

/** Nodes ask at least 10% more of each field for a replacement. */
const BUMP = 1125n;
const SCALE = 1000n;

/** The chain's quote. */
export async function quoteFees(provider: Provider): Promise<Quote> {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
  if (maxFeePerGas !== null && maxPriorityFeePerGas !== null) {
    // The quote covers twice the base fee, so that it holds while that rises over a few blocks.
    return { fees: { maxFeePerGas, maxPriorityFeePerGas }, baseFee: (maxFeePerGas - maxPriorityFeePerGas) / 2n };
  }
  const price = gasPrice ?? 0n;
  // A base fee of zero is one: there the quote is a tip, and a block takes less.
  const baseFee = (await provider.getBlock("latest"))?.baseFeePerGas ?? null;
  if (baseFee === null) return { fees: { gasPrice: price }, baseFee };
  return { fees: { maxFeePerGas: price, maxPriorityFeePerGas: price }, baseFee };
}

/**
 * Nodes suggest a tip even where none is needed: an account that holds nothing offers none where the block asks none.
 * @param balance In wei.
 */
export function affordable(quote: Quote, balance: bigint): Quote {
  if (balance > 0n || quote.baseFee !== 0n) return quote;
  return { ...quote, fees: { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n } };
}

/** The most that a unit of gas may cost. */
export function ceilingOf(fees: Fees): bigint {
  return "gasPrice" in fees ? fees.gasPrice : fees.maxFeePerGas;
}

const more = (fee: bigint): bigint => (fee === 0n ? 0n : (fee * BUMP) / SCALE + 1n);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** The least that a node takes as a replacement of a transaction with these fees. */
export function bumped(fees: Fees): Fees {
  if ("gasPrice" in fees) return { gasPrice: more(fees.gasPrice) };
  const maxPriorityFeePerGas = more(fees.maxPriorityFeePerGas);
  return { maxFeePerGas: larger(more(fees.maxFeePerGas), maxPriorityFeePerGas), maxPriorityFeePerGas };
}

/** Field by field the larger one; of two kinds, the chain's present one. */
function atLeast(quoted: Fees, floor: Fees): Fees {
  if ("gasPrice" in quoted) return { gasPrice: larger(quoted.gasPrice, ceilingOf(floor)) };
  const tip = "gasPrice" in floor ? floor.gasPrice : floor.maxPriorityFeePerGas;
  return {
    maxFeePerGas: larger(quoted.maxFeePerGas, ceilingOf(floor)),
    maxPriorityFeePerGas: larger(quoted.maxPriorityFeePerGas, tip),
  };
}

/** `needed`: what a unit of gas would have to be allowed to cost. */
export type Offer =
  { readonly type: "offer"; readonly fees: Fees } | { readonly type: "over the cap"; readonly needed: bigint };

/**
 * Fees for the next attempt.
 * @param before Those of the attempts that it replaces, oldest first; none for a first one.
 * @param cap The most that a unit of gas may cost, in wei; null for no cap.
 */
export function offer({ fees: quoted, baseFee }: Quote, before: readonly Fees[], cap: bigint | null): Offer {
  const floor = before.map(bumped).reduce<Fees | null>((max, fees) => (max === null ? fees : atLeast(fees, max)), null);
  const wanted = floor === null ? quoted : atLeast(quoted, floor);
  if (cap === null || ceilingOf(wanted) <= cap) return { type: "offer", fees: wanted };
  if ("gasPrice" in wanted) return { type: "over the cap", needed: wanted.gasPrice };
  // Room for a rising base fee is given up before the cap is: what the next block takes is enough.
  const { maxPriorityFeePerGas } = wanted;
  const needed = larger((baseFee ?? 0n) + maxPriorityFeePerGas, floor === null ? 0n : ceilingOf(floor));
  if (needed > cap) return { type: "over the cap", needed };
  return { type: "offer", fees: { maxFeePerGas: cap, maxPriorityFeePerGas } };
}
