/**
 * From the resolved agreement to the struct that parties sign and the factory takes (`contracts/interfaces/Terms.sol`):
 * names, groups and kinds as words, days as 20260101, amounts in minor units.
 */

import { ZeroAddress, ZeroHash } from "ethers";

import { dayAsNumber } from "../calendar.ts";
import { assessment, type Agreement, type Clause, type Metric, type Payoff } from "../model.ts";

export interface SignedTier {
  atLeast: bigint;
  pays: bigint;
  slope: bigint;
}

export interface SignedPayoff {
  cohort: number;
  pays: bigint;
  tiers: SignedTier[];
  notEvaluable: bigint;
}

export interface SignedClause {
  id: string;
  kind: string;
  metric: string;
  unit: string;
  decimals: number;
  endpoint: string;
  due: number;
  from: string;
  to: string;
  payoffs: SignedPayoff[];
}

export interface SignedCohort {
  id: string;
  population: string;
  eligibility: string;
  price: bigint;
  opens: number;
  closes: number;
  enrolWithin: number;
  maxPatients: number;
}

export interface SignedParty {
  group: string;
  name: string;
  share: bigint;
  account: string;
  payout: string;
}

export interface SignedOracle {
  account: string;
  reportWithin: number;
  reportEvery: number;
  grace: number;
  minCell: number;
  authorisedBy: string;
  challengeWindow: number;
  challengeBond: bigint;
  arbiter: string;
  ruleWithin: number;
}

export interface SignedTerms {
  title: string;
  rules: string;
  nonce: bigint;
  validUntil: number;
  currency: string;
  decimals: number;
  token: string;
  parties: SignedParty[];
  oracle: SignedOracle;
  metrics: string;
  cohorts: SignedCohort[];
  clauses: SignedClause[];
}

export interface SignedLegal {
  sha256Hash: string;
  uri: string;
  prevails: string;
}

/** Somebody in the term sheet has no address yet: it can't be signed. */
export class UnboundError extends Error {
  override readonly name = "UnboundError";
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(`no address for ${missing.join(", ")}: the term sheet must name one before it can be signed`);
    this.missing = missing;
  }
}

/**
 * The struct that parties sign.
 * @param token Address of the ERC-20 that settles the agreement, bound at deployment.
 * @throws UnboundError naming every party, oracle or arbiter without an address.
 */
export function compileTerms(agreement: Agreement, token: string): SignedTerms {
  const { oracle } = agreement;
  const missing = agreement.members
    .filter(({ address }) => address === null)
    .map(({ group, name }) => `parties.${group} ${JSON.stringify(name)}`);
  if (oracle.address === null) missing.push("oracle.address");
  if (oracle.arbiter !== null && oracle.arbiter.address === null) missing.push("oracle.arbiter");
  if (missing.length > 0) throw new UnboundError(missing);

  return {
    title: agreement.title,
    rules: agreement.rules,
    nonce: agreement.nonce,
    validUntil: agreement.validUntil === null ? 0 : dayAsNumber(agreement.validUntil),
    currency: agreement.currency.code,
    decimals: agreement.currency.decimals,
    token,
    parties: agreement.members.map(({ group, name, share, address, payout }) => ({
      group,
      name,
      share,
      account: address ?? ZeroAddress,
      payout,
    })),
    oracle: {
      account: oracle.address ?? ZeroAddress,
      reportWithin: oracle.reportWithin,
      reportEvery: oracle.reportEvery,
      grace: oracle.grace,
      minCell: oracle.minCell,
      authorisedBy: authoriser(agreement),
      challengeWindow: oracle.challengeWindow,
      challengeBond: oracle.challengeBond,
      arbiter: oracle.arbiter?.address ?? ZeroAddress,
      ruleWithin: oracle.ruleWithin,
    },
    metrics: canonical(Object.fromEntries([...agreement.metrics].filter(([, m]) => !m.builtIn).map(defined))),
    cohorts: agreement.cohorts.map((cohort) => ({
      id: cohort.id,
      population: cohort.population,
      eligibility: canonical(cohort.eligibility ?? {}),
      price: cohort.price,
      opens: dayAsNumber(cohort.opens),
      closes: dayAsNumber(cohort.closes),
      enrolWithin: cohort.enrolWithin,
      maxPatients: cohort.maxPatients,
    })),
    clauses: agreement.clauses.map((clause) => ({
      id: clause.id,
      kind: kindOf(clause),
      metric: clause.metric?.id ?? "",
      unit: clause.metric?.unit ?? "",
      decimals: clause.metric?.decimals ?? 0,
      endpoint: canonical(clause.endpoint),
      due: clause.due === "enrolment" ? 0 : clause.due,
      from: clause.from.text,
      to: clause.to.text,
      payoffs: [...clause.payoffs].sort(([a], [b]) => a - b).map(([cohort, payoff]) => signedPayoff(cohort, payoff)),
    })),
  };
}

/** The paper contract as signed; zeros when the term sheet names none. */
export function compileLegal(agreement: Agreement): SignedLegal {
  const { legal } = agreement;
  return legal === null
    ? { sha256Hash: ZeroHash, uri: "", prevails: "" }
    : { sha256Hash: legal.sha256, uri: legal.uri, prevails: legal.prevails };
}

/** What a clause is, in the words that the factory knows. */
export function kindOf(clause: Clause): string {
  if (clause.kind === "wager") return clause.basis === "total" ? "wager in total" : "wager per patient";
  const kinds = { enrolment: "payment at enrolment", time: "payment by time", outcome: "milestone" } as const;
  return kinds[assessment(clause)];
}

/** One text for one content: JSON with sorted keys and no spaces; nothing for an empty map. */
export function canonical(value: object): string {
  if (Object.keys(value).length === 0) return "";
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function defined([id, metric]: [string, Metric]): [string, object] {
  const { of, kind, unit, decimals, levels, definition, source } = metric;
  return [id, { of, kind, unit, decimals, levels, definition, source }];
}

function authoriser({ members, oracle }: Agreement): string {
  const member = oracle.authorisedBy === null ? undefined : members[oracle.authorisedBy];
  return member === undefined ? "" : `${member.group}/${member.name}`;
}

function signedPayoff(cohort: number, { tiers, notEvaluable }: Payoff): SignedPayoff {
  const [first, ...rest] = tiers;
  return {
    cohort,
    pays: first?.pays ?? 0n,
    tiers: rest.map(({ start, pays, slope }) => ({ atLeast: start ?? 0n, pays, slope })),
    notEvaluable,
  };
}
