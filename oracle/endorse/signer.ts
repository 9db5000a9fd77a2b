/** The key of one operator. A remote signer or a hardware module implements the same interface. */

import { keccak256, SigningKey, computeAddress, type BytesLike } from "ethers";

import type { Hex } from "../report/bytes.ts";

export interface OperatorSigner {
  /** Checksummed. */
  readonly address: string;
  /**
   * A 65-byte signature, with a low s, of the Keccak-256 hash of `preimage`. Signers hash what they sign: one that signed
   * any 32 bytes could not tell a transaction from a greeting.
   */
  sign(preimage: Hex): Promise<Hex>;
}

/** A signer from a private key of 32 bytes. */
export function keySigner(privateKey: BytesLike): OperatorSigner {
  const key = new SigningKey(privateKey);
  return {
    address: computeAddress(key.publicKey),
    sign: (preimage) => Promise.resolve(key.sign(keccak256(preimage)).serialized as Hex),
  };
}
