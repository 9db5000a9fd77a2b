/**
 * The resolved agreement: what a term sheet means once it has been read, checked and worked out for each cohort.
 * Everything downstream (the on-chain struct, the typed data, the oracle, `explain`) starts from this and from nothing else.
 *
 * Units: money in minor units of the currency, metric values as `value × 10^decimals`, days as whole days since 1970-01-01 UTC.
 */

export const GROUPS = ["payer", "manufacturer", "provider", "beneficiary", "guarantor"] as const;
export type Group = (typeof GROUPS)[number];

/** Whole days since 1970-01-01, UTC. */
export type Day = number;

/** One hundred percent of a group, in the unit of `Member.share` (a millionth of a percent). */
export const WHOLE = 100_000_000n;

/** Slopes are stored in 10⁻⁹ minor units a smallest step of the metric. */
export const SLOPE_SCALE = 1_000_000_000n;

/** One account of the agreement. Members of a group stand next to each other, in listed order. */
export interface Member {
  readonly group: Group;
  readonly name: string;
  /** Part of the group, in millionths of a percent; a group's shares add up to `WHOLE`. */
  readonly share: bigint;
  /** Checksummed address; null while the party has named none. */
  readonly address: string | null;
  readonly payout: "on-request" | "automatic";
}

/** A run of members: a whole group, or one member of it. */
export interface PartyRef {
  /** As written: `payer`, or `payer/Basic insurance`. */
  readonly text: string;
  readonly first: number;
  readonly count: number;
}

/** An address, or the name of somebody whose address is not yet known. */
export interface Account {
  readonly name: string | null;
  readonly address: string | null;
}

export interface OracleTerms {
  readonly address: string | null;
  /** Days after the due day within which a report is expected; then anyone may lapse. */
  readonly reportWithin: number;
  /** Days between as-of dates, counted from the earliest `opens`; 0 = any day. */
  readonly reportEvery: number;
  /** Days added to a due day when the oracle measures the metric. */
  readonly grace: number;
  /** Smallest number of patients that operators report together. */
  readonly minCell: number;
  /** Index of the member whose signature an enrolment needs too. */
  readonly authorisedBy: number | null;
  /** Days in which a report may be challenged; 0 = none, a report settles as it lands. */
  readonly challengeWindow: number;
  /** Minor units. */
  readonly challengeBond: bigint;
  readonly arbiter: Account | null;
  /** Days after a challenge after which the report settles without a ruling. */
  readonly ruleWithin: number;
}

export interface Eligibility {
  readonly conditions: readonly string[];
  readonly medications: readonly string[];
  readonly variants: readonly string[];
}

/** Patients enrolled under one price in one window. */
export interface Cohort {
  readonly id: string;
  readonly population: string;
  readonly eligibility: Eligibility | null;
  /** Minor units. */
  readonly price: bigint;
  /** First index day. */
  readonly opens: Day;
  /** Day after the last index day. */
  readonly closes: Day;
  /** Days after `closes` in which patients may still be enrolled. */
  readonly enrolWithin: number;
  readonly maxPatients: number;
}

/** How a metric's values are written and what a whole unit is. */
export type MetricKind = "number" | "percent" | "money" | "days" | "level";

/** How the oracle gets a metric of the agreement's own. */
export type MetricSource =
  | {
      readonly type: "observation";
      readonly codes: readonly string[];
      readonly take: "first" | "last" | "min" | "max" | "mean";
      /** UCUM unit that the values must be in; absent: that of the metric's kind, for a plain number none. */
      readonly unit?: string;
    }
  | { readonly type: "all" | "any"; readonly of: readonly string[] }
  | { readonly type: "atLeast"; readonly count: number; readonly of: readonly string[] }
  | { readonly type: "unless"; readonly metric: string; readonly stops: readonly string[] }
  | { readonly type: "when"; readonly value: string; readonly condition: string }
  | { readonly type: "difference"; readonly minuend: string; readonly subtrahend: string }
  | { readonly type: "statement"; readonly name: string }
  | { readonly type: "rule"; readonly name: string; readonly version: string };

export interface Metric {
  readonly id: string;
  readonly of: "patient" | "cohort";
  readonly kind: MetricKind;
  /** Unit in words: `days`, `percent`, `CNY`, `0 or 1`, `QALY`. */
  readonly unit: string;
  /** A value on chain is `value × 10^decimals`. */
  readonly decimals: number;
  /** Names of the levels 0, 1, 2 … when `kind` is `level`, else empty. */
  readonly levels: readonly string[];
  /** What is measured, in words. */
  readonly definition: string;
  /** Who knows the value: a report, or the contract itself (`enrolled`, `outlay`). */
  readonly knownTo: "oracle" | "contract";
  /** Null for a built-in metric, and for one of the agreement's own that names no source. */
  readonly source: MetricSource | null;
  readonly builtIn: boolean;
}

/** One piece of a payoff: f(x) = pays + slope × (x − start) / SLOPE_SCALE. */
export interface Tier {
  /** First value of the tier; null for the first tier, which reaches down without limit. */
  readonly start: bigint | null;
  /** Minor units at `start`, negative when `to` pays `from`. */
  readonly pays: bigint;
  /** 10⁻⁹ minor units a smallest step of the metric. */
  readonly slope: bigint;
}

export interface Payoff {
  /** At least one; a clause without a metric has exactly one. */
  readonly tiers: readonly Tier[];
  /** Minor units for a patient (wager: cohort) whose metric can't be determined. Zero without a metric. */
  readonly notEvaluable: bigint;
}

/** The oracle's options for one clause, as signed: keys of the term sheet's `endpoint`. */
export type EndpointOptions = Readonly<Record<string, string | number | boolean>>;

export interface Clause {
  readonly id: string;
  readonly kind: "milestone" | "wager";
  /** `enrolment`, or days: after the patient's index day (milestone), after the cohort closes (wager). */
  readonly due: "enrolment" | number;
  readonly metric: Metric | null;
  readonly basis: "patient" | "total";
  readonly from: PartyRef;
  readonly to: PartyRef;
  readonly endpoint: EndpointOptions;
  /** By position of the cohort. */
  readonly payoffs: ReadonlyMap<number, Payoff>;
}

export interface Legal {
  /** 32 bytes, hex with 0x. */
  readonly sha256: string;
  readonly uri: string;
  readonly prevails: string;
}

export interface Agreement {
  readonly title: string;
  /** Version of the clinical rules. */
  readonly rules: string;
  readonly nonce: bigint;
  /** Last day on which the agreement can be created. */
  readonly validUntil: Day | null;
  readonly legal: Legal | null;
  readonly currency: { readonly code: string; readonly decimals: number };
  readonly members: readonly Member[];
  readonly oracle: OracleTerms;
  /** Every metric a clause names, and every one the agreement defines. */
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly cohorts: readonly Cohort[];
  readonly clauses: readonly Clause[];
}

/** The members a reference stands for, in listed order. */
export function membersOf(agreement: Agreement, party: PartyRef): readonly Member[] {
  return agreement.members.slice(party.first, party.first + party.count);
}

/** What a milestone's due day is counted with: by enrolment, by time alone, or by an outcome. */
export function assessment(clause: Clause): "enrolment" | "time" | "outcome" {
  if (clause.due === "enrolment") return "enrolment";
  return clause.metric === null ? "time" : "outcome";
}
