/** The oracle's terms: who reports, by when, and what happens in dispute. */

import { type Fields, found, openFields, readDuration, readInteger, readLine } from "../fields.ts";
import { oneOfText, quote, type Findings } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import type { Account, OracleTerms } from "../model.ts";
import type { Node, TextNode } from "../yaml.ts";
import { readAddress } from "./address.ts";
import { readPositive, type Currency } from "./amount.ts";
import { readParty, partyNames, type Parties } from "./parties.ts";

const KEYS = [
  "address",
  "reportWithin",
  "reportEvery",
  "grace",
  "minCell",
  "authorisedBy",
  "challengeWindow",
  "challengeBond",
  "arbiter",
  "ruleWithin",
] as const;

const RULE_WITHIN = 30;

const DEFAULTS: OracleTerms = {
  address: null,
  reportWithin: 0,
  reportEvery: 0,
  grace: 0,
  minCell: 1,
  authorisedBy: null,
  challengeWindow: 0,
  challengeBond: 0n,
  arbiter: null,
  ruleWithin: RULE_WITHIN,
};

/** A window that could not be read is missing from the result, so that nothing is said about it twice. */
export function readOracle(
  node: Node | undefined,
  currency: Currency | undefined,
  parties: Parties,
  findings: Findings,
): Partial<OracleTerms> {
  if (node === undefined) return DEFAULTS;
  const fields = openFields(node, KEYS, "the oracle's terms, such as { reportWithin: 60d }", findings);
  if (fields === undefined) return {};
  const read: { -readonly [K in keyof OracleTerms]?: OracleTerms[K] } = { ...DEFAULTS };
  const put = <K extends keyof OracleTerms>(key: K, value: OracleTerms[K] | undefined): void => {
    if (value === undefined) delete read[key];
    else read[key] = value;
  };
  for (const key of ["reportWithin", "reportEvery", "grace", "challengeWindow", "ruleWithin"] as const) {
    if (fields.has(key)) put(key, readDuration(fields.get(key), LIMITS.windowDays, "a year", findings));
  }
  if (fields.has("address")) put("address", readAddress(fields.get("address"), findings));
  if (fields.has("minCell")) {
    const cell = readInteger(fields.get("minCell"), 1n, LIMITS.patients, findings);
    put("minCell", cell === undefined ? undefined : Number(cell));
  }
  if (fields.has("challengeBond") && currency !== undefined) {
    put("challengeBond", readPositive(fields.get("challengeBond"), currency, findings));
  }
  if (fields.has("arbiter")) put("arbiter", readArbiter(fields.get("arbiter"), findings));
  if (fields.has("authorisedBy")) put("authorisedBy", readAuthoriser(fields.get("authorisedBy"), parties, findings));
  checkTogether(fields, read, parties, findings);
  return read;
}

function readArbiter(node: Node | undefined, findings: Findings): Account | undefined {
  const expected = "the arbiter's address, or a name until it is known";
  const text = readLine(node, expected, findings);
  if (node === undefined || text === undefined) return undefined;
  if (!/^0x/i.test(text)) return { name: text, address: null };
  const address = readAddress(node, findings);
  return address === undefined ? undefined : { name: null, address };
}

function readAuthoriser(node: Node | undefined, parties: Parties, findings: Findings): number | undefined {
  const party = readParty(node, parties, findings);
  if (node === undefined || party === undefined) return undefined;
  if (party.count === 1) return party.first;
  const names = partyNames(parties.members.slice(party.first, party.first + party.count)).slice(1);
  return findings.expected(node, `${quote(party.text)}, a group of ${party.count}`, `one member: ${oneOfText(names)}`);
}

function checkTogether(fields: Fields, read: Partial<OracleTerms>, parties: Parties, findings: Findings): void {
  const { arbiter, challengeWindow, challengeBond, address } = read;
  if (challengeWindow !== undefined && challengeWindow > 0 && arbiter === null) {
    const place = fields.at("challengeWindow");
    findings.expected(place, "a challenge window without an arbiter", "oracle.arbiter: somebody must rule");
  }
  if (challengeWindow === 0) {
    if (arbiter) findings.warning(fields.at("arbiter"), "without a challengeWindow the arbiter has nothing to rule on");
    if (challengeBond !== undefined && challengeBond > 0n) {
      findings.warning(fields.at("challengeBond"), "without a challengeWindow no bond is ever posted");
    }
  }
  if (address !== undefined && address !== null && arbiter?.address === address) {
    findings.warning(fields.at("arbiter"), "the oracle is its own arbiter: it would rule on its own reports");
  }
  for (const key of ["address", "arbiter"] as const) {
    const node = fields.get(key) as TextNode | undefined;
    const account = key === "address" ? { name: null, address: address ?? null } : arbiter;
    const same = parties.members.find((member) =>
      account?.address ? member.address === account.address : account?.name === member.name,
    );
    if (node === undefined || same === undefined) continue;
    const who = key === "address" ? "the oracle" : "the arbiter";
    findings.expected(node, `${found(node)}, the party ${same.group}/${same.name}`, `${who} to be nobody's side`);
  }
}
