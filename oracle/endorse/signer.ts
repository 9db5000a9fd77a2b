/** The key of one operator. A hardware module implements the same interface. */

import { SigningKey, computeAddress, type BytesLike } from "ethers";

import type { Hex } from "../report/bytes.ts";

export interface OperatorSigner {
  /** Checksummed. */
  readonly address: string;
  /** A 65-byte signature of a 32-byte digest, with a low s. */
  signDigest(digest: Hex): Promise<Hex>;
}

/** A signer from a private key of 32 bytes. */
export function keySigner(privateKey: BytesLike): OperatorSigner {
  const key = new SigningKey(privateKey);
  return {
    address: computeAddress(key.publicKey),
    signDigest: (digest) => Promise.resolve(key.sign(digest).serialized as Hex),
  };
}
