// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What the parties sign, as their wallets show it. Money is in minor units of the currency, a day is written
/// 20260101, a duration is in days, a value of a metric is `value × 10^decimals` in its unit.
struct Terms {
    string title;
    /// Version of the clinical rules by which the oracle measures.
    string rules;
    uint64 nonce;
    /// Last day on which the agreement can be created; 0 when it has none.
    uint32 validUntil;
    /// ISO 4217 code.
    string currency;
    uint8 decimals;
    /// The ERC-20 that settles the agreement; it has at least the currency's decimals.
    address token;
    /// Members of one group stand next to each other.
    Party[] parties;
    OracleTerms oracle;
    /// Canonical text of the metrics that the agreement defines itself.
    string metrics;
    Cohort[] cohorts;
    Clause[] clauses;
}

struct Party {
    /// `payer`, `manufacturer`, `provider`, `beneficiary` or `guarantor`.
    string group;
    string name;
    /// Part of the group in millionths of a percent; a group's shares add up to 100,000,000.
    uint32 share;
    address account;
    /// `automatic` or `on-request`.
    string payout;
}

struct OracleTerms {
    /// Answers ERC-1271's question, or is a plain key.
    address account;
    uint32 reportWithin;
    /// 0: any day.
    uint32 reportEvery;
    uint32 grace;
    uint32 minCell;
    /// `group/name` of the member whose signature an enrolment needs too; empty for none.
    string authorisedBy;
    /// 0: a report settles as it lands.
    uint32 challengeWindow;
    uint128 challengeBond;
    address arbiter;
    uint32 ruleWithin;
}

struct Cohort {
    string id;
    string population;
    /// Canonical text of the codes that make a patient eligible; empty for every patient of the source.
    string eligibility;
    uint128 price;
    /// First index day.
    uint32 opens;
    /// Day after the last index day.
    uint32 closes;
    uint32 enrolWithin;
    uint32 maxPatients;
}

struct Clause {
    string id;
    /// `payment at enrolment`, `payment by time`, `milestone`, `wager per patient` or `wager in total`.
    string kind;
    /// Empty for a payment at enrolment or by time; `enrolled` and `outlay` are known to the contract.
    string metric;
    string unit;
    uint8 decimals;
    /// Canonical text of the options by which the oracle computes the metric.
    string endpoint;
    /// Days after the patient's index day (milestone) or after the cohort closes (wager).
    uint32 due;
    /// A group, or `group/name` of one member.
    string from;
    string to;
    /// One for each cohort that the clause applies to, cohorts ascending.
    Payoff[] payoffs;
}

/// @notice f(x) = pays below the first tier; from a tier's start on, its pays + slope × (x − start) / 10⁹.
/// Negative amounts are paid by `to` to `from`.
struct Payoff {
    /// Position of the cohort in `Terms.cohorts`.
    uint16 cohort;
    int128 pays;
    Tier[] tiers;
    /// For a patient (wager: the cohort) whose metric can't be determined.
    int128 notEvaluable;
}

struct Tier {
    int128 atLeast;
    int128 pays;
    /// 10⁻⁹ minor units a smallest step of the metric. The last tier has none.
    int128 slope;
}

/// @notice The paper contract. Signed and logged at creation; no part of the agreement's address.
struct Legal {
    bytes32 sha256Hash;
    string uri;
    string prevails;
}
