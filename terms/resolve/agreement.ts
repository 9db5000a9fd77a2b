/** The whole term sheet: its parts in the order in which they depend on each other. */

import { type Fields, openFields, readDay, readInteger, readLine, readText } from "../fields.ts";
import { nearest, oneOfText, quote, type Findings, type Place } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import type { Agreement, Legal, Member, Metric, OracleTerms } from "../model.ts";
import type { Node } from "../yaml.ts";
import type { Currency } from "./amount.ts";
import { metricNeeds, readClauses } from "./clauses.ts";
import { readCohorts } from "./cohorts.ts";
import { readMetrics } from "./metrics.ts";
import { readOracle } from "./oracle.ts";
import { readParties, type Parties } from "./parties.ts";

/** The clinical rules this version computes by, oldest first. A changed rule is a new version; an agreement keeps its own. */
export const RULES_VERSIONS: readonly string[] = ["2026.1"];

/** What `rules` is when a term sheet names none. */
export const DEFAULT_RULES = "2026.1";

const KEYS = [
  "outcomes",
  "title",
  "rules",
  "nonce",
  "validUntil",
  "legal",
  "currency",
  "parties",
  "oracle",
  "metrics",
  "cohorts",
  "clauses",
];

/** Resolves a term sheet; null after any problem. `bound`: addresses are expected, and missing ones worth a warning. */
export function resolveAgreement(node: Node | undefined, bound: boolean, findings: Findings): Agreement | null {
  const fields = openFields(
    node,
    KEYS,
    "a term sheet: a map with outcomes, title, currency, parties, cohorts and clauses",
    findings,
  );
  if (fields === undefined) return null;
  const grammar = readText(fields.need("outcomes", "1, the grammar's version"), "1, the grammar's version", findings);
  if (grammar !== undefined && grammar !== "1") {
    findings.expected(fields.at("outcomes"), quote(grammar), "1, the grammar's version");
  }
  const title = readLine(fields.need("title", "the agreement's title"), "the agreement's title", findings);
  const rules = fields.has("rules") ? readRules(fields, findings) : DEFAULT_RULES;
  const nonce = fields.has("nonce") ? readInteger(fields.get("nonce"), 0n, LIMITS.nonce, findings) : 0n;
  const validUntil = fields.has("validUntil") ? readDay(fields.get("validUntil"), findings) : null;
  const legal = fields.has("legal") ? readLegal(fields.get("legal"), findings) : null;
  const currency = readCurrency(fields.need("currency", "the currency, such as { code: CNY, decimals: 2 }"), findings);
  const parties = readParties(fields.need("parties", "the parties by group"), findings);
  const oracle = readOracle(fields.get("oracle"), currency, parties, findings);
  checkAddresses(fields, parties, findings);
  const cohorts = readCohorts(fields.need("cohorts", "the cohorts by id"), currency, findings);
  const clausesNode = fields.need("clauses", "the clauses by id");
  // Without a currency the rest is still checked, in one with two decimals: only its own problem is reported.
  const counted: Currency = currency ?? { code: "", decimals: 2 };
  const metrics = readMetrics(fields.get("metrics"), metricNeeds(clausesNode), counted, findings);
  const context = { currency: counted, parties, oracle, metrics, cohorts, findings };
  const clauses = readClauses(clausesNode, context);
  if (bound) warnUnbound(fields, parties.members, oracle, findings);
  if (!findings.clean) return null;
  if (title === undefined || rules === undefined || nonce === undefined || validUntil === undefined) return null;
  if (legal === undefined || currency === undefined) return null;
  const named = new Map<string, Metric>();
  for (const clause of clauses) if (clause?.metric) named.set(clause.metric.id, clause.metric);
  for (const metric of metrics.own) named.set(metric.id, metric);
  return {
    title,
    rules,
    nonce,
    validUntil,
    legal,
    currency,
    members: parties.members,
    oracle: oracle as OracleTerms,
    metrics: named,
    cohorts: cohorts.map(({ cohort }) => cohort).filter((cohort) => cohort !== undefined),
    clauses: clauses.filter((clause) => clause !== undefined),
  };
}

function readRules(fields: Fields, findings: Findings): string | undefined {
  const expected = `a known version of the clinical rules: ${oneOfText(RULES_VERSIONS)}`;
  const text = readText(fields.get("rules"), expected, findings);
  if (text === undefined || RULES_VERSIONS.includes(text)) return text;
  return findings.expected(fields.at("rules"), quote(text), expected, nearest(text, RULES_VERSIONS));
}

function readLegal(node: Node | undefined, findings: Findings): Legal | undefined {
  const fields = openFields(node, ["sha256", "uri", "prevails"], "{ sha256, uri, prevails }", findings);
  if (fields === undefined) return undefined;
  const hash = readText(fields.need("sha256", HASH), HASH, findings);
  const uri = readLine(fields.need("uri", "where the paper contract is"), "where the paper contract is", findings);
  const prevails = readLine(fields.need("prevails", PREVAILS), PREVAILS, findings);
  const hex = hash?.replace(/^0x/, "");
  if (hash !== undefined && !/^[0-9a-fA-F]{64}$/.test(hex ?? "")) {
    return findings.expected(fields.at("sha256"), quote(hash), HASH);
  }
  if (hex === undefined || uri === undefined || prevails === undefined) return undefined;
  return { sha256: `0x${hex.toLowerCase()}`, uri, prevails };
}

const HASH = "the SHA-256 of the signed paper contract: 64 hexadecimal digits";
const PREVAILS = "which text prevails, such as paper";

function readCurrency(node: Node | undefined, findings: Findings): Currency | undefined {
  const fields = openFields(node, ["code", "decimals"], "a currency such as { code: CNY, decimals: 2 }", findings);
  if (fields === undefined) return undefined;
  const form = "a code of 1 to 10 capital letters and digits, such as CNY";
  const code = readText(fields.need("code", form), form, findings);
  const decimals = readInteger(fields.need("decimals", "a whole number from 0 to 18"), 0n, 18n, findings);
  if (code !== undefined && !/^[A-Z0-9]{1,10}$/.test(code))
    return findings.expected(fields.at("code"), quote(code), form);
  return code === undefined || decimals === undefined ? undefined : { code, decimals: Number(decimals) };
}

/** An account is one party's: its balance, its locks and its signature would otherwise be shared. */
function checkAddresses(fields: Fields, { members }: Parties, findings: Findings): void {
  members.forEach((member, position) => {
    const first = members.findIndex(({ address }) => address !== null && address === member.address);
    const other = members[first];
    if (other === undefined || first === position) return;
    const among = members.filter(({ group }) => group === member.group);
    const place: Place = {
      path: `${fields.at("parties").path}.${member.group}[${among.indexOf(member)}].address`,
      line: fields.at("parties").line,
    };
    findings.expected(place, `the address of ${other.group}/${other.name}`, "each party to have an account of its own");
  });
}

function warnUnbound(
  fields: Fields,
  members: readonly Member[],
  oracle: Partial<OracleTerms>,
  findings: Findings,
): void {
  const open = members.filter(({ address }) => address === null).map(({ group, name }) => `${group}/${name}`);
  if (open.length > 0) findings.warning(fields.at("parties"), `not yet bound to an address: ${open.join(", ")}`);
  if (oracle.address === null) findings.warning(fields.at("oracle"), "not yet bound to an address: the oracle");
  if (oracle.arbiter?.address === null) {
    findings.warning(fields.at("oracle"), `not yet bound to an address: the arbiter, ${oracle.arbiter.name ?? ""}`);
  }
}
