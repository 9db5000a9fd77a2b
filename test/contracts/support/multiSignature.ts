import { AbiCoder, keccak256, type BytesLike } from "ethers";

/** One member's word: the ERC-7913 signer and its signature. */
export interface MemberSignature {
  signer: string;
  signature: BytesLike;
}

/** Encodes what an oracle committee takes, in the order given. */
export function encodeMultiSignature(parts: readonly MemberSignature[]): string {
  return AbiCoder.defaultAbiCoder().encode(
    ["bytes[]", "bytes[]"],
    [parts.map(({ signer }) => signer), parts.map(({ signature }) => signature)],
  );
}

/** In strictly ascending order of the signers' hashes, as a committee asks for it. */
export function inCommitteeOrder(parts: readonly MemberSignature[]): MemberSignature[] {
  return [...parts].sort((a, b) => (keccak256(a.signer) < keccak256(b.signer) ? -1 : 1));
}
