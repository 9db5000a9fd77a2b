/** The address of an agreement before it exists. */

import { concat, getAddress, getCreate2Address, getCreateAddress, keccak256, toBeHex } from "ethers";

/**
 * Address of the clone with `packed` terms that `factory` creates under `termsHash`.
 * The factory deploys the implementation as its first contract; the clone's code is OpenZeppelin's `Clones` with
 * immutable arguments (5.7).
 */
export function agreementAddress(factory: string, packed: string, termsHash: string): string {
  const implementation = getCreateAddress({ from: factory, nonce: 1 });
  const size = (packed.length - 2) / 2 + 0x2d;
  const initCode = concat([
    "0x61",
    toBeHex(size, 2),
    "0x3d81600a3d39f3363d3d373d3d3d363d73",
    implementation,
    "0x5af43d82803e903d91602b57fd5bf3",
    packed,
  ]);
  return getAddress(getCreate2Address(factory, termsHash, keccak256(initCode)));
}
