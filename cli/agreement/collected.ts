/** Signature files brought together: one signature a party, in the parties' order. */

import { recoverAddress, type Provider } from "ethers";

import { UsageError } from "../output.ts";

export interface Signed {
  readonly file: string;
  readonly content: { readonly account: string; readonly signature: string };
}

/**
 * @param files Signatures over `digest`.
 * @throws UsageError naming every party that is missing
 */
export async function collected(
  provider: Provider,
  digest: string,
  parties: readonly { readonly name: string; readonly account: string }[],
  files: readonly Signed[],
): Promise<string[]> {
  const missing: string[] = [];
  const signatures: string[] = [];
  for (const { name, account } of parties) {
    const found = files.find(({ content }) => content.account.toLowerCase() === account.toLowerCase());
    if (found === undefined) {
      missing.push(`${name} (${account})`);
      continue;
    }
    const { signature } = found.content;
    // A wallet that is a contract decides for itself: the contract that takes the signature asks it.
    if ((await provider.getCode(account)) === "0x" && signerOf(digest, signature) !== account) {
      throw new UsageError(`${found.file}: the signature is not that of ${name} (${account})`);
    }
    signatures.push(signature);
  }
  if (missing.length > 0) throw new UsageError(`--signatures: none of ${missing.join(", ")}`);
  return signatures;
}

function signerOf(digest: string, signature: string): string | null {
  try {
    return recoverAddress(digest, signature);
  } catch {
    return null;
  }
}
