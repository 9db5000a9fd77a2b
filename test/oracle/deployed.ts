/** An agreement on a chain behind JSON-RPC, and the files that an operator's process starts from. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { NonceManager, type JsonRpcProvider, type Signer } from "ethers";

import { account, type Anvil } from "../../scripts/local/anvil.ts";
import { compileLegal, compileTerms } from "../../terms/onchain/compile.ts";
import { domainOf, TERMS_TYPES } from "../../terms/onchain/typedData.ts";
import type { Agreement } from "../../terms/model.ts";
import {
  AgreementFactory__factory,
  OracleCommittee__factory,
  OutcomeAgreement__factory,
  PlainToken__factory,
  type OutcomeAgreement,
} from "../../typechain-types/index.ts";
import { agreementOf } from "./fixture.ts";

/** Accounts of the chain: the first pays, the next two are the parties, and operators follow from the sixth. */
export const PAYER = account(1);
export const MAKER = account(2);
export const OPERATOR_KEYS = [5, 6, 7].map(account);

/** `ORACLE` stands for the committee's address. */
export const SHEET = `outcomes: 1
title: Guarantee
currency: { code: CNY, decimals: 2 }
parties:
  payer: [{ name: Basic, address: "${PAYER.address}" }]
  manufacturer: [{ name: Maker, address: "${MAKER.address}" }]
oracle: { address: "ORACLE", reportWithin: 60d, grace: 28d }
cohorts:
  2026: { population: First year, price: 1000, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 4 }
clauses:
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: pfs, due: 6mo, from: manufacturer, to: payer, pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }], notEvaluable: 20% }
`;

const SOURCE = `kind: csv
files:
  patients: { path: patients.csv, columns: { patient: id, index: start } }
  assessments: { path: assessments.csv, columns: { patient: id, date: date, response: response } }
`;

export interface Deployed {
  readonly agreement: Agreement;
  readonly contract: OutcomeAgreement;
  readonly address: string;
  readonly committee: string;
  readonly sheet: string;
}

/** @param threshold How many of the operators must sign. */
export async function deployAgreement({ provider }: Anvil, sheet = SHEET, threshold = 2): Promise<Deployed> {
  const relayer = new NonceManager(account(0).connect(provider));
  const members = OPERATOR_KEYS.map(({ address }) => address);
  const committee = await (await new OracleCommittee__factory(relayer).deploy(members, threshold)).getAddress();
  const text = sheet.replace("ORACLE", committee);
  return { ...(await signAndFund(provider, relayer, text)), committee, sheet: text };
}

/**
 * The agreement of a sheet with its oracle's address, signed by the parties, with a token of its own, and with money for
 * both.
 */
export async function signAndFund(
  provider: JsonRpcProvider,
  relayer: Signer,
  sheet: string,
): Promise<Pick<Deployed, "agreement" | "contract" | "address">> {
  const token = await new PlainToken__factory(relayer).deploy(2);
  const factory = await new AgreementFactory__factory(relayer).deploy();
  const agreement = agreementOf(sheet);
  const terms = compileTerms(agreement, await token.getAddress());
  const legal = compileLegal(agreement);
  const address = await factory.addressOf(terms);
  const domain = domainOf((await provider.getNetwork()).chainId, await factory.getAddress());
  const signed = { agreement: address, terms, legal };
  const signatures = [PAYER, MAKER].map((party) => party.signTypedData(domain, TERMS_TYPES, signed));
  await (await factory.create(terms, legal, await Promise.all(signatures))).wait();
  const contract = OutcomeAgreement__factory.connect(address, relayer);
  await (await token.mint(account(0).address, 1_000_000n)).wait();
  await (await token.approve(address, 1_000_000n)).wait();
  for (const member of [0, 1]) await (await contract.deposit(member, 500_000n)).wait();
  return { agreement, contract, address };
}

/** Terms, secret and records: one patient, who progressed in March. */
export function writeFiles(folder: string, { sheet }: Pick<Deployed, "sheet">): void {
  const files = {
    "terms.yaml": sheet,
    "source.yaml": SOURCE,
    secret: "07".repeat(32),
    "patients.csv": "id,start\nPatient-4711,2026-01-01\n",
    "assessments.csv": "id,date,response\nPatient-4711,2026-03-01,PD\nPatient-4711,not a date,PD\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
