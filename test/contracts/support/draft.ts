/** A term sheet cast with the chain's accounts, ready to be signed and created. */

import { TypedDataEncoder, type Addressable, type ContractTransactionResponse } from "ethers";

import type { Agreement } from "../../../terms/model.ts";
import { compileLegal, compileTerms, type SignedLegal, type SignedTerms } from "../../../terms/onchain/compile.ts";
import { domainOf, TERMS_TYPES } from "../../../terms/onchain/typedData.ts";
import { formatDay } from "../../../terms/calendar.ts";
import { readTerms } from "../../../terms/read.ts";
import { PlainToken__factory, type PlainToken } from "../../../typechain-types/index.ts";
import { at, chainId, freshChain, keyOfAccount, type Account, type Shared } from "./chain.ts";

/** Who stands where a term sheet names somebody. */
export interface Cast<T extends Addressable = PlainToken> {
  /** Deploys the token that settles; else a plain one with the currency's decimals. */
  readonly token?: () => Promise<T>;
  /** Deploys the oracle and gives its address; else the committee. */
  readonly oracle?: () => Promise<string>;
  /** Deploys the arbiter and gives its address; else an account. */
  readonly arbiter?: () => Promise<string>;
  /** Who the parties are, of the accounts that they would be. */
  readonly parties?: (accounts: readonly Account[]) => Promise<readonly Account[]>;
  /** The date of creation; else the first day of the first cohort. */
  readonly on?: string;
  /** Brings the terms where no term sheet would, before anybody signs them. */
  readonly stretch?: (terms: SignedTerms) => void;
  /** Terms of a hundred kilobytes take a wallet seconds to show: the parties' keys sign their digest instead. */
  readonly byKey?: boolean;
}

export interface Draft<T extends Addressable = PlainToken> extends Shared {
  readonly token: T;
  /** The resolved term sheet, with addresses. */
  readonly model: Agreement;
  readonly terms: SignedTerms;
  readonly legal: SignedLegal;
  /** The parties' signatures over terms, in order. */
  readonly sign: (terms?: SignedTerms, legal?: SignedLegal, signers?: readonly Account[]) => Promise<string[]>;
  /** Signs and sends. */
  readonly create: (terms?: SignedTerms, legal?: SignedLegal) => Promise<ContractTransactionResponse>;
}

/** Reads a term sheet that has no problem. */
export function readSheet(source: string): Agreement {
  const { agreement, problems } = readTerms(source);
  if (agreement === null) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return agreement;
}

/** The agreement with addresses in place of names. */
export function castWith(
  agreement: Agreement,
  accounts: readonly string[],
  oracle: string,
  arbiter: string,
): Agreement {
  return {
    ...agreement,
    members: agreement.members.map((member, i) => ({ ...member, address: accounts[i] ?? null })),
    oracle: {
      ...agreement.oracle,
      address: oracle,
      arbiter: agreement.oracle.arbiter && { name: agreement.oracle.arbiter.name, address: arbiter },
    },
  };
}

export async function draft<T extends Addressable>(
  source: string,
  cast: Cast<T> & { token: () => Promise<T> },
): Promise<Draft<T>>;
export async function draft(source: string, cast?: Cast): Promise<Draft>;
export async function draft<T extends Addressable>(source: string, cast: Cast<T> = {}): Promise<Draft<T | PlainToken>> {
  const shared = await freshChain();
  const { factory, committee, relayer, arbiter } = shared;
  const read = readSheet(source);
  await at(cast.on ?? formatDay(Math.min(...read.cohorts.map(({ opens }) => opens))));
  const token = cast.token ? await cast.token() : await new PlainToken__factory(relayer).deploy(read.currency.decimals);
  const oracle = cast.oracle ? await cast.oracle() : await committee.getAddress();
  const accounts = shared.parties.slice(0, read.members.length);
  const parties = cast.parties ? await cast.parties(accounts) : accounts;
  const model = castWith(
    read,
    parties.map(({ address }) => address),
    oracle,
    cast.arbiter ? await cast.arbiter() : arbiter.address,
  );
  const terms = compileTerms(model, await token.getAddress());
  cast.stretch?.(terms);
  const legal = compileLegal(model);
  const domain = domainOf(chainId, await factory.getAddress());

  const sign: Draft["sign"] = async (signed = terms, paper = legal, signers = parties) => {
    const agreement = await factory.addressOf(signed);
    if (cast.byKey) {
      const digest = TypedDataEncoder.hash(domain, TERMS_TYPES, { agreement, terms: signed, legal: paper });
      return signers.map(({ address }) => keyOfAccount(address).sign(digest).serialized);
    }
    return Promise.all(
      signers.map((party) => party.signTypedData(domain, TERMS_TYPES, { agreement, terms: signed, legal: paper })),
    );
  };
  return {
    ...shared,
    parties,
    token,
    model,
    terms,
    legal,
    sign,
    create: async (signed = terms, paper = legal) => factory.create(signed, paper, await sign(signed, paper)),
  };
}
