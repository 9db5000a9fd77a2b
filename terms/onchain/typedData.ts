/** What the parties' wallets show and sign: EIP-712 typed data over the terms, the paper contract and the address. */

import { TypedDataEncoder, type TypedDataDomain, type TypedDataField } from "ethers";

import type { SignedLegal, SignedTerms } from "./compile.ts";

const field = (declaration: string): TypedDataField => {
  const [type = "", name = ""] = declaration.split(" ");
  return { type, name };
};
const struct = (fields: string): TypedDataField[] => fields.split(", ").map(field);

/** Stands once more in `contracts/libraries/TermsHash.sol`; a test holds the two together. */
export const TERMS_TYPES: Record<string, TypedDataField[]> = {
  Agreement: struct("address agreement, Terms terms, Legal legal"),
  Terms: struct(
    "string title, string rules, uint64 nonce, uint32 validUntil, string currency, uint8 decimals, address token, " +
      "Party[] parties, OracleTerms oracle, string metrics, Cohort[] cohorts, Clause[] clauses",
  ),
  Party: struct("string group, string name, uint32 share, address account, string payout"),
  OracleTerms: struct(
    "address account, uint32 reportWithin, uint32 reportEvery, uint32 grace, uint32 minCell, string authorisedBy, " +
      "uint32 challengeWindow, uint128 challengeBond, address arbiter, uint32 ruleWithin",
  ),
  Cohort: struct(
    "string id, string population, string eligibility, uint128 price, uint32 opens, uint32 closes, " +
      "uint32 enrolWithin, uint32 maxPatients",
  ),
  Clause: struct(
    "string id, string kind, string metric, string unit, uint8 decimals, string endpoint, uint32 due, string from, " +
      "string to, Payoff[] payoffs",
  ),
  Payoff: struct("uint16 cohort, int128 pays, Tier[] tiers, int128 notEvaluable"),
  Tier: struct("int128 atLeast, int128 pays, int128 slope"),
  Legal: struct("bytes32 sha256Hash, string uri, string prevails"),
};

/** The domain of a signature that concerns `verifyingContract`: the factory for terms, the agreement for messages. */
export function domainOf(chainId: bigint, verifyingContract: string): TypedDataDomain {
  return { name: "outcomepay", version: "1", chainId, verifyingContract };
}

/** Hash of the terms alone: salt of the agreement's address. */
export function hashTerms(terms: SignedTerms): string {
  const { Agreement: _agreement, Legal: _legal, ...types } = TERMS_TYPES;
  return TypedDataEncoder.from(types).hashStruct("Terms", terms);
}

/** What every party signs. */
export function termsDigest(
  chainId: bigint,
  factory: string,
  agreement: string,
  terms: SignedTerms,
  legal: SignedLegal,
): string {
  return TypedDataEncoder.hash(domainOf(chainId, factory), TERMS_TYPES, { agreement, terms, legal });
}
