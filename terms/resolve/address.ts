/** Addresses: 20 bytes in hex; mixed case carries a checksum, which must then be right. */

import { getAddress, ZeroAddress } from "ethers";

import { readText } from "../fields.ts";
import { quote, type Findings } from "../findings.ts";
import type { Node } from "../yaml.ts";

const ADDRESS = "an address: 0x and 40 hexadecimal digits";

/** The checksummed address. */
export function readAddress(node: Node | undefined, findings: Findings): string | undefined {
  const text = readText(node, ADDRESS, findings);
  if (node === undefined || text === undefined) return undefined;
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return findings.expected(node, quote(text), ADDRESS);
  const checksummed = getAddress(text.toLowerCase());
  if (checksummed === ZeroAddress) return findings.expected(node, "the zero address", "an account that somebody holds");
  const mixed = /[a-f]/.test(text) && /[A-F]/.test(text);
  return !mixed || checksummed === text
    ? checksummed
    : findings.expected(
        node,
        `${quote(text)}, whose checksum is wrong`,
        "the address as its owner's software shows it",
      );
}
