/** What parties sign, and where the agreement will stand, told without a chain. */

import type { Agreement } from "../model.ts";
import { agreementAddress } from "./address.ts";
import { compileLegal, compileTerms, type SignedLegal, type SignedTerms } from "./compile.ts";
import { MAX_PACKED, packTerms } from "./pack.ts";
import { hashTerms, termsDigest } from "./typedData.ts";

/** Where an agreement is created, and what settles it. */
export interface Venue {
  readonly chainId: bigint;
  readonly factory: string;
  readonly token: string;
  /** At least the currency's. */
  readonly tokenDecimals: number;
}

export interface Signable {
  readonly venue: Venue;
  readonly terms: SignedTerms;
  readonly legal: SignedLegal;
  readonly termsHash: string;
  /** Address of the agreement, whether it exists yet or not. */
  readonly address: string;
  /** What every party signs. */
  readonly digest: string;
  /** Bytes of the terms on chain. */
  readonly size: number;
}

/** Terms that no factory takes. */
export class UnsignableError extends Error {
  override readonly name = "UnsignableError";
}

/** @throws UnboundError, UnsignableError */
export function signable(agreement: Agreement, venue: Venue): Signable {
  const { chainId, factory, token, tokenDecimals } = venue;
  const { decimals } = agreement.currency;
  if (tokenDecimals < decimals) {
    throw new UnsignableError(
      `the token has ${tokenDecimals} decimals, the currency ${decimals}: it needs at least as many`,
    );
  }
  const terms = compileTerms(agreement, token);
  const legal = compileLegal(agreement);
  const packed = packTerms(agreement, terms, tokenDecimals);
  const size = packed.length / 2 - 1;
  if (size > MAX_PACKED) throw new UnsignableError(`the terms take ${size} bytes, at most ${MAX_PACKED} fit`);
  const termsHash = hashTerms(terms);
  const address = agreementAddress(factory, packed, termsHash);
  return {
    venue,
    terms,
    legal,
    termsHash,
    address,
    digest: termsDigest(chainId, factory, address, terms, legal),
    size,
  };
}
