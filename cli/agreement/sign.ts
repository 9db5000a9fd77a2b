/** `agreement sign`: one party's signature over the terms. */

import { oneOfText } from "../../terms/findings.ts";
import { domainOf, TERMS_TYPES } from "../../terms/onchain/typedData.ts";
import { Findings } from "../../terms/findings.ts";
import { findParty } from "../../terms/resolve/parties.ts";
import { note, UsageError } from "../output.ts";
import { prepare, type Prepared } from "../venue.ts";
import type { VenueFlags } from "../venueFlags.ts";
import type { Answer } from "./answer.ts";
import type { KeyFlags } from "./commandFlags.ts";
import { openWallet } from "./send.ts";
import { writeSignature, type SignatureFile } from "./signatures.ts";

export type SignFlags = VenueFlags & KeyFlags & { readonly party?: string; readonly out?: string };

/** A party signs. With `--party` the key may be another's than the party's address: one of a wallet that is a contract. */
export async function signTerms(flags: SignFlags): Promise<Answer> {
  const prepared = await prepare(flags);
  prepared.chain?.provider.destroy();
  const { signable } = prepared;
  const { terms, legal, venue, address, digest } = signable;
  const wallet = await openWallet(flags);
  const party = partyOf(prepared, wallet.address, flags.party);
  note(`signing as ${party.name}: ${terms.title}; agreement ${address}, digest ${digest}`);
  if (party.account !== wallet.address) {
    note(`warning: ${party.account} is not the key's address: the signature holds if that wallet takes it`);
  }
  const signature = await wallet.signTypedData(domainOf(venue.chainId, venue.factory), TERMS_TYPES, {
    agreement: address,
    terms,
    legal,
  });
  const content: SignatureFile = {
    party: party.name,
    account: party.account,
    agreement: address,
    digest,
    chainId: venue.chainId.toString(),
    factory: venue.factory,
    token: venue.token,
    signature,
  };
  if (flags.out === undefined) return { json: content, lines: [JSON.stringify(content, null, 2)] };
  writeSignature(flags.out, content);
  return { json: { ...content, file: flags.out }, lines: [`${party.name} has signed: ${flags.out}`] };
}

function partyOf(
  { agreement, signable }: Prepared,
  signer: string,
  flag: string | undefined,
): { name: string; account: string } {
  const parties = signable.terms.parties.map(({ group, name, account }) => ({ name: `${group}/${name}`, account }));
  if (flag === undefined) {
    const own = parties.find(({ account }) => account === signer);
    if (own !== undefined) return own;
    const known = parties.map(({ name, account }) => `${name} (${account})`);
    throw new UsageError(`the key's address is ${signer}, expected that of a party: ${oneOfText(known)}`);
  }
  const findings = new Findings();
  const party = findParty(
    flag,
    { path: "--party", line: null },
    { members: agreement.members, broken: false },
    findings,
  );
  const found = party?.count === 1 ? parties[party.first] : undefined;
  if (found !== undefined) return found;
  throw new UsageError(`--party: found ${flag}, expected ${oneOfText(parties.map(({ name }) => name))}`);
}
