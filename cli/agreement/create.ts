/** `agreement create`: brings the signatures together and has the factory create the agreement. */

import type { Provider } from "ethers";

import { AgreementFactory__factory } from "../../typechain-types/index.ts";
import { unpackTerms } from "../../terms/onchain/unpack.ts";
import { packTerms } from "../../terms/onchain/pack.ts";
import { Finding, UsageError } from "../output.ts";
import { prepare, type Prepared } from "../venue.ts";
import type { VenueFlags } from "../venueFlags.ts";
import { inPlainWords, type Answer } from "./answer.ts";
import { collected } from "./collected.ts";
import type { SendFlags } from "./commandFlags.ts";
import { openAccount } from "./send.ts";
import { readSignatures } from "./signatures.ts";
import { wordsOf } from "./words.ts";

export type CreateFlags = VenueFlags & SendFlags & { readonly signatures: readonly string[] };

/** Anyone may send it: the signatures say who agreed. */
export async function createAgreement(flags: CreateFlags): Promise<Answer> {
  const prepared = await prepare(flags);
  const { agreement, signable, chain } = prepared;
  if (chain === null) throw new UsageError("creating needs a chain: give --rpc URL");
  const { provider } = chain;
  try {
    const { terms, legal, venue, address, termsHash } = signable;
    if ((await provider.getCode(address)) !== "0x") {
      throw new Finding(`the agreement exists already, at ${address}; the same terms again need another nonce`, null);
    }
    const signatures = await signaturesOver(prepared, provider, flags.signatures);
    const sender = await openAccount(provider, flags);
    const factory = AgreementFactory__factory.connect(venue.factory, provider);
    const data = factory.interface.encodeFunctionData("create", [terms, legal, signatures]);
    const packed = unpackTerms(packTerms(agreement, terms, venue.tokenDecimals));
    const words = wordsOf(packed, agreement, agreement.currency);
    const receipt = await inPlainWords(words, () =>
      sender.send({ to: venue.factory, data, what: `creating the agreement at ${address}` }),
    );
    const created = { agreement: address, termsHash, transaction: receipt.hash, block: receipt.blockNumber };
    return {
      json: { ok: true, ...created },
      lines: [`agreement    ${address}`, `transaction  ${receipt.hash}`, `block        ${receipt.blockNumber}`],
    };
  } finally {
    provider.destroy();
  }
}

/** @throws UsageError when one was given over other terms, or a party is missing */
async function signaturesOver(
  { signable: { digest, terms } }: Prepared,
  provider: Provider,
  paths: readonly string[],
): Promise<string[]> {
  const files = readSignatures(paths);
  for (const { file, content } of files) {
    if (content.digest.toLowerCase() === digest) continue;
    throw new UsageError(
      `${file}: ${content.party} signed ${content.digest}, expected ${digest}: other terms or another place`,
    );
  }
  const parties = terms.parties.map(({ group, name, account }) => ({ name: `${group}/${name}`, account }));
  return collected(provider, digest, parties, files);
}
