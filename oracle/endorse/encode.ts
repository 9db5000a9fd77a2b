/** Operators' signatures as the oracle's address takes them. */

import { AbiCoder, keccak256 } from "ethers";

import type { Hex } from "../report/bytes.ts";
import { compareText } from "../report/order.ts";

export interface Endorsement {
  /** Checksummed. */
  readonly signer: string;
  /** 65 bytes. */
  readonly signature: Hex;
}

/**
 * What an oracle committee takes: `abi.encode(bytes[] signers, bytes[] signatures)`, as OpenZeppelin's multi-signer
 * expects it, signers strictly ascending by keccak256 of their 20 bytes.
 * @throws RangeError when an operator is named twice.
 */
export function encodeEndorsements(endorsements: readonly Endorsement[]): Hex {
  const ordered = endorsements
    .map(({ signer, signature }) => ({ signer: signer.toLowerCase(), signature, id: keccak256(signer) }))
    .sort((a, b) => compareText(a.id, b.id));
  ordered.forEach(({ signer, id }, i) => {
    if (ordered[i - 1]?.id === id) throw new RangeError(`operator ${signer} is named twice`);
  });
  const columns = [ordered.map(({ signer }) => signer), ordered.map(({ signature }) => signature)];
  return AbiCoder.defaultAbiCoder().encode(["bytes[]", "bytes[]"], columns) as Hex;
}
