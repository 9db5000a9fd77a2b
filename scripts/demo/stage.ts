/** From a term sheet to a funded agreement: deployment, signatures, creation, deposits. */

import { NonceManager, type HDNodeWallet, type JsonRpcProvider } from "ethers";
import { parseDocument } from "yaml";

import type { Agreement } from "../../terms/model.ts";
import { compileLegal, compileTerms } from "../../terms/onchain/compile.ts";
import { domainOf, TERMS_TYPES } from "../../terms/onchain/typedData.ts";
import { readTerms } from "../../terms/read.ts";
import {
  AgreementFactory__factory,
  OracleCommittee__factory,
  OutcomeAgreement__factory,
  TokenisedDeposit__factory,
  type AgreementFactory,
  type OracleCommittee,
  type OutcomeAgreement,
  type TokenisedDeposit,
} from "../../typechain-types/index.ts";
import { CAST, THRESHOLD } from "./cast.ts";

/** What every agreement of the demo shares. */
export interface Stage {
  readonly provider: JsonRpcProvider;
  readonly factory: AgreementFactory;
  readonly committee: OracleCommittee;
  readonly token: TokenisedDeposit;
  readonly bank: NonceManager;
}

export interface Staged {
  readonly agreement: Agreement;
  /** The term sheet with every address. */
  readonly sheet: string;
  readonly contract: OutcomeAgreement;
  readonly address: string;
  readonly created: { readonly hash: string; readonly block: number };
  readonly digest: string;
}

export async function deployStage(provider: JsonRpcProvider): Promise<Stage> {
  const bank = new NonceManager(CAST.bank.connect(provider));
  const factory = await new AgreementFactory__factory(bank).deploy();
  const members = CAST.operators.map(({ address }) => address);
  const committee = await new OracleCommittee__factory(bank).deploy(members, THRESHOLD);
  const token = await new TokenisedDeposit__factory(bank).deploy("Escrow deposit CNY", "dCNY", 2, CAST.bank.address);
  await (await token.grantRole(await token.MINTER_ROLE(), CAST.bank.address)).wait();
  await (await token.grantRole(await token.ALLOWER_ROLE(), CAST.bank.address)).wait();
  for (const { address } of [CAST.fund, CAST.maker]) await (await token.allow(address)).wait();
  return { provider, factory, committee, token, bank };
}

/** Puts the addresses into the term sheet, has both parties sign it, and creates the agreement. */
export async function createAgreement(stage: Stage, source: string): Promise<Staged> {
  const { factory, committee, token, provider, bank } = stage;
  const document = parseDocument(source);
  document.setIn(["parties", "payer", 0, "address"], CAST.fund.address);
  document.setIn(["parties", "manufacturer", 0, "address"], CAST.maker.address);
  document.setIn(["oracle", "address"], await committee.getAddress());
  if (document.hasIn(["oracle", "arbiter"])) document.setIn(["oracle", "arbiter"], CAST.board.address);
  const sheet = document.toString();
  const { agreement, problems } = readTerms(sheet);
  if (agreement === null) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));

  const terms = compileTerms(agreement, await token.getAddress());
  const legal = compileLegal(agreement);
  const address = await factory.addressOf(terms);
  const { chainId } = await provider.getNetwork();
  const domain = domainOf(chainId, await factory.getAddress());
  const signatures = await Promise.all(
    [CAST.fund, CAST.maker].map((party) =>
      party.signTypedData(domain, TERMS_TYPES, { agreement: address, terms, legal }),
    ),
  );
  const receipt = await (await factory.create(terms, legal, signatures)).wait();
  await (await token.allow(address)).wait();
  return {
    agreement,
    sheet,
    contract: OutcomeAgreement__factory.connect(address, bank),
    address,
    created: { hash: receipt?.hash ?? "", block: receipt?.blockNumber ?? 0 },
    digest: await factory.digest(terms, legal),
  };
}

/** The bank books a party's money as deposits; the party pays them into its account of the agreement. */
export async function fund(
  { token, provider }: Stage,
  { address }: Staged,
  member: number,
  party: HDNodeWallet,
  amount: bigint,
  receipt: string,
): Promise<string> {
  await (await token.mint(party.address, amount, receipt)).wait();
  const holder = new NonceManager(party.connect(provider));
  await (await token.connect(holder).approve(address, amount)).wait();
  const contract = OutcomeAgreement__factory.connect(address, holder);
  const paid = await (await contract.deposit(member, amount)).wait();
  return paid?.hash ?? "";
}
