// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clause, Cohort, OracleTerms, Party, Payoff, Terms, Tier} from "../../../contracts/interfaces/Terms.sol";

/// @title Four agreements: between them every kind of clause, both bases, signed and
/// sloped payoffs, groups with odd shares, single members, with and without a challenge window.
/// @dev Short durations, so that a run of some hundred calls sees whole lives.
library Shapes {
    uint256 internal constant COUNT = 4;
    /// @dev 2026-01-01, the first day of every shape.
    uint256 internal constant FIRST_DAY = 20_454;
    int128 private constant _E9 = 1e9;

    /// @notice `parties` has a fresh account for each member, more than any shape needs.
    function build(
        uint256 shape,
        address token,
        address oracle,
        address arbiter,
        address[] memory parties
    ) internal pure returns (Terms memory t) {
        t.title = "Shape";
        t.rules = "2026.1";
        t.nonce = uint64(shape);
        t.currency = "XTS";
        t.decimals = 2;
        t.token = token;
        t.oracle.account = oracle;
        t.oracle.minCell = 1;
        t.oracle.ruleWithin = 30;
        if (shape == 0) _guarantee(t, parties);
        else if (shape == 1) _slopes(t, arbiter, parties);
        else if (shape == 2) _totals(t, parties);
        else _disputes(t, arbiter, parties);
    }

    /// @dev Three payers with odd shares, reports once a week, no window.
    function _guarantee(Terms memory t, address[] memory parties) private pure {
        t.parties = new Party[](4);
        t.parties[0] = Party("payer", "a", 33_333_333, parties[0], "on-request");
        t.parties[1] = Party("payer", "b", 41_000_001, parties[1], "automatic");
        t.parties[2] = Party("payer", "c", 25_666_666, parties[2], "on-request");
        t.parties[3] = Party("manufacturer", "d", 100_000_000, parties[3], "automatic");
        t.oracle.reportWithin = 9;
        t.oracle.reportEvery = 7;
        t.cohorts = new Cohort[](1);
        t.cohorts[0] = Cohort("k", "", "", 100_001, 20260101, 20260301, 10, 400);
        t.clauses = new Clause[](2);
        t.clauses[0] = _clause("payment at enrolment", "", 0, "payer", "manufacturer", _flat(1, 100_001));
        t.clauses[1] = _clause("milestone", "pfs", 12, "manufacturer", "payer", new Payoff[](1));
        t.clauses[1].payoffs[0] = Payoff(0, 66_667, _tiers(Tier(5, 33_333, 0), Tier(9, 0, 0)), 50_001);
    }

    /// @dev Signed slopes that round, two cohorts with a payoff each, a window and a bond.
    function _slopes(Terms memory t, address arbiter, address[] memory parties) private pure {
        t.parties = new Party[](4);
        t.parties[0] = Party("payer", "a", 100_000_000, parties[0], "on-request");
        t.parties[1] = Party("manufacturer", "b", 1, parties[1], "automatic");
        t.parties[2] = Party("manufacturer", "c", 99_999_999, parties[2], "automatic");
        t.parties[3] = Party("provider", "d", 100_000_000, parties[3], "automatic");
        t.oracle = OracleTerms(t.oracle.account, 12, 0, 2, 1, "", 3, 777, arbiter, 5);
        t.cohorts = new Cohort[](2);
        t.cohorts[0] = Cohort("k", "", "", 5_000, 20260101, 20260120, 3, 200);
        t.cohorts[1] = Cohort("l", "", "", 7_000, 20260110, 20260215, 0, 300);
        t.clauses = new Clause[](3);
        t.clauses[0] = _clause("milestone", "cost", 6, "payer", "manufacturer", new Payoff[](2));
        Tier[] memory tiers = _tiers(Tier(-100, 10, -333_333_333), Tier(50, -1_000, 7_777_777_777));
        t.clauses[0].payoffs[0] = Payoff(0, -40, _tiers(tiers[0], Tier(200, 15, 0)), 3);
        t.clauses[0].payoffs[1] = Payoff(1, 500, _tiers(Tier(0, -1, 123_456_789), tiers[1], Tier(60, 0, 0)), -17);
        t.clauses[1] = _clause("wager per patient", "survival", 10, "manufacturer", "provider", new Payoff[](2));
        tiers = _tiers(Tier(700_000, -90, 1_234_567), Tier(900_000, 150, 0));
        t.clauses[1].payoffs[0] = Payoff(0, -90, tiers, 0);
        t.clauses[1].payoffs[1] = Payoff(1, 20, tiers, 11);
        t.clauses[2] = _clause("payment by time", "", 15, "provider", "manufacturer/b", _flat(2, -31));
    }

    /// @dev Wagers in total, on what the contract knows; a member authorises enrolments and a member pays alone.
    function _totals(Terms memory t, address[] memory parties) private pure {
        t.parties = new Party[](5);
        t.parties[0] = Party("guarantor", "a", 12_345_678, parties[0], "automatic");
        t.parties[1] = Party("guarantor", "b", 87_654_322, parties[1], "on-request");
        t.parties[2] = Party("payer", "c", 70_000_000, parties[2], "on-request");
        t.parties[3] = Party("payer", "d", 30_000_000, parties[3], "automatic");
        t.parties[4] = Party("manufacturer", "e", 100_000_000, parties[4], "on-request");
        t.oracle.reportWithin = 6;
        t.oracle.authorisedBy = "payer/c";
        t.cohorts = new Cohort[](1);
        t.cohorts[0] = Cohort("k", "", "", 10_000, 20260101, 20260125, 2, 100);
        t.clauses = new Clause[](5);
        t.clauses[0] = _clause("payment at enrolment", "", 0, "payer", "manufacturer", _flat(1, 10_000));
        t.clauses[1] = _clause("wager in total", "outlay", 20, "guarantor", "payer", new Payoff[](1));
        t.clauses[1].payoffs[0] = Payoff(0, 0, _tiers(Tier(0, 0, 100_000_003), Tier(300_000, 30_001, 0)), 0);
        t.clauses[2] = _clause("wager per patient", "enrolled", 1, "manufacturer", "payer/d", new Payoff[](1));
        t.clauses[2].payoffs[0] = Payoff(0, -100, _tiers(Tier(10, 0, 50 * _E9), Tier(20, 500, 0)), 0);
        t.clauses[3] = _clause("milestone", "alive", 5, "manufacturer", "payer", new Payoff[](1));
        t.clauses[3].payoffs[0] = Payoff(0, 4_001, _tiers(Tier(1, -1_999, 0)), -7);
        t.clauses[4] = _clause("wager in total", "research-cost", 2, "payer/c", "guarantor", new Payoff[](1));
        t.clauses[4].payoffs[0] = Payoff(0, -5, _tiers(Tier(-10, 900, -_E9 / 7), Tier(5_000, 0, 0)), 1);
    }

    /// @dev Everything is disputed, by and against members of both sides.
    function _disputes(Terms memory t, address arbiter, address[] memory parties) private pure {
        t.parties = new Party[](3);
        t.parties[0] = Party("payer", "a", 50_000_000, parties[0], "automatic");
        t.parties[1] = Party("payer", "b", 50_000_000, parties[1], "on-request");
        t.parties[2] = Party("provider", "c", 100_000_000, parties[2], "automatic");
        t.oracle = OracleTerms(t.oracle.account, 4, 0, 0, 1, "", 2, 901, arbiter, 3);
        t.cohorts = new Cohort[](1);
        t.cohorts[0] = Cohort("k", "", "", 1_000, 20260101, 20260201, 0, 500);
        t.clauses = new Clause[](3);
        t.clauses[0] = _clause("milestone", "alive", 3, "payer", "provider", new Payoff[](1));
        t.clauses[0].payoffs[0] = Payoff(0, -333, _tiers(Tier(1, 777, 0)), 1);
        t.clauses[1] = _clause("wager in total", "mean-cost", 4, "provider", "payer/b", new Payoff[](1));
        t.clauses[1].payoffs[0] = Payoff(0, 10_000, _tiers(Tier(100, 10_000, -13 * _E9), Tier(900, -400, 0)), -3);
        t.clauses[2] = _clause("milestone", "cost", 8, "payer/a", "provider", new Payoff[](1));
        t.clauses[2].payoffs[0] = Payoff(0, 0, _tiers(Tier(0, 0, 700_000_000), Tier(1_000, 700, 0)), 350);
    }

    function _clause(
        string memory kind,
        string memory metric,
        uint32 due,
        string memory from,
        string memory to,
        Payoff[] memory payoffs
    ) private pure returns (Clause memory) {
        return Clause(kind, kind, metric, "", 0, "", due, from, to, payoffs);
    }

    /// @dev The same amount in each of the first cohorts.
    function _flat(uint16 cohorts, int128 pays) private pure returns (Payoff[] memory payoffs) {
        payoffs = new Payoff[](cohorts);
        for (uint16 i = 0; i < cohorts; ++i) payoffs[i] = Payoff(i, pays, new Tier[](0), 0);
    }

    function _tiers(Tier memory a) private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](1);
        tiers[0] = a;
    }

    function _tiers(Tier memory a, Tier memory b) private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (a, b);
    }

    function _tiers(Tier memory a, Tier memory b, Tier memory c) private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](3);
        (tiers[0], tiers[1], tiers[2]) = (a, b, c);
    }
}
