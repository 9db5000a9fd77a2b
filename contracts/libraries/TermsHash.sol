// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clause, Cohort, Legal, OracleTerms, Party, Payoff, Terms, Tier} from "../interfaces/Terms.sol";
import {Text} from "./Text.sol";

/// @title EIP-712 struct hashes of the terms that parties sign.
library TermsHash {
    using Text for string;

    bytes32 internal constant AGREEMENT = keccak256(
        "Agreement(address agreement,Terms terms,Legal legal)Clause(string id,string kind,string metric,string unit,uint8 decimals,string endpoint,uint32 due,string from,string to,Payoff[] payoffs)Cohort(string id,string population,string eligibility,uint128 price,uint32 opens,uint32 closes,uint32 enrolWithin,uint32 maxPatients)Legal(bytes32 sha256Hash,string uri,string prevails)OracleTerms(address account,uint32 reportWithin,uint32 reportEvery,uint32 grace,uint32 minCell,string authorisedBy,uint32 challengeWindow,uint128 challengeBond,address arbiter,uint32 ruleWithin)Party(string group,string name,uint32 share,address account,string payout)Payoff(uint16 cohort,int128 pays,Tier[] tiers,int128 notEvaluable)Terms(string title,string rules,uint64 nonce,uint32 validUntil,string currency,uint8 decimals,address token,Party[] parties,OracleTerms oracle,string metrics,Cohort[] cohorts,Clause[] clauses)Tier(int128 atLeast,int128 pays,int128 slope)"
    );
    bytes32 internal constant TERMS = keccak256(
        "Terms(string title,string rules,uint64 nonce,uint32 validUntil,string currency,uint8 decimals,address token,Party[] parties,OracleTerms oracle,string metrics,Cohort[] cohorts,Clause[] clauses)Clause(string id,string kind,string metric,string unit,uint8 decimals,string endpoint,uint32 due,string from,string to,Payoff[] payoffs)Cohort(string id,string population,string eligibility,uint128 price,uint32 opens,uint32 closes,uint32 enrolWithin,uint32 maxPatients)OracleTerms(address account,uint32 reportWithin,uint32 reportEvery,uint32 grace,uint32 minCell,string authorisedBy,uint32 challengeWindow,uint128 challengeBond,address arbiter,uint32 ruleWithin)Party(string group,string name,uint32 share,address account,string payout)Payoff(uint16 cohort,int128 pays,Tier[] tiers,int128 notEvaluable)Tier(int128 atLeast,int128 pays,int128 slope)"
    );
    bytes32 internal constant LEGAL = keccak256("Legal(bytes32 sha256Hash,string uri,string prevails)");
    bytes32 internal constant PARTY = keccak256(
        "Party(string group,string name,uint32 share,address account,string payout)"
    );
    bytes32 internal constant ORACLE = keccak256(
        "OracleTerms(address account,uint32 reportWithin,uint32 reportEvery,uint32 grace,uint32 minCell,string authorisedBy,uint32 challengeWindow,uint128 challengeBond,address arbiter,uint32 ruleWithin)"
    );
    bytes32 internal constant COHORT = keccak256(
        "Cohort(string id,string population,string eligibility,uint128 price,uint32 opens,uint32 closes,uint32 enrolWithin,uint32 maxPatients)"
    );
    bytes32 internal constant CLAUSE = keccak256(
        "Clause(string id,string kind,string metric,string unit,uint8 decimals,string endpoint,uint32 due,string from,string to,Payoff[] payoffs)Payoff(uint16 cohort,int128 pays,Tier[] tiers,int128 notEvaluable)Tier(int128 atLeast,int128 pays,int128 slope)"
    );
    bytes32 internal constant PAYOFF = keccak256(
        "Payoff(uint16 cohort,int128 pays,Tier[] tiers,int128 notEvaluable)Tier(int128 atLeast,int128 pays,int128 slope)"
    );
    bytes32 internal constant TIER = keccak256("Tier(int128 atLeast,int128 pays,int128 slope)");

    /// @notice What a party signs: the terms, the paper contract and the address that follows from the terms.
    function hash(address agreement, bytes32 termsHash, Legal calldata legal) internal pure returns (bytes32) {
        bytes32 legalHash = keccak256(abi.encode(LEGAL, legal.sha256Hash, legal.uri.hash(), legal.prevails.hash()));
        return keccak256(abi.encode(AGREEMENT, agreement, termsHash, legalHash));
    }

    function hash(Terms calldata terms) internal pure returns (bytes32) {
        bytes memory head = abi.encode(
            TERMS,
            terms.title.hash(),
            terms.rules.hash(),
            terms.nonce,
            terms.validUntil,
            terms.currency.hash(),
            terms.decimals,
            terms.token
        );
        bytes memory tail = abi.encode(
            _hashParties(terms.parties),
            _hashOracle(terms.oracle),
            terms.metrics.hash(),
            _hashCohorts(terms.cohorts),
            _hashClauses(terms.clauses)
        );
        return keccak256(bytes.concat(head, tail));
    }

    function _hashParties(Party[] calldata parties) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](parties.length);
        for (uint256 i = 0; i < parties.length; ++i) {
            Party calldata p = parties[i];
            hashes[i] = keccak256(
                abi.encode(PARTY, p.group.hash(), p.name.hash(), p.share, p.account, p.payout.hash())
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashOracle(OracleTerms calldata o) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ORACLE,
                    o.account,
                    o.reportWithin,
                    o.reportEvery,
                    o.grace,
                    o.minCell,
                    o.authorisedBy.hash(),
                    o.challengeWindow,
                    o.challengeBond,
                    o.arbiter,
                    o.ruleWithin
                )
            );
    }

    function _hashCohorts(Cohort[] calldata cohorts) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](cohorts.length);
        for (uint256 i = 0; i < cohorts.length; ++i) {
            Cohort calldata c = cohorts[i];
            hashes[i] = keccak256(
                abi.encode(
                    COHORT,
                    c.id.hash(),
                    c.population.hash(),
                    c.eligibility.hash(),
                    c.price,
                    c.opens,
                    c.closes,
                    c.enrolWithin,
                    c.maxPatients
                )
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashClauses(Clause[] calldata clauses) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](clauses.length);
        for (uint256 i = 0; i < clauses.length; ++i) {
            Clause calldata c = clauses[i];
            bytes memory head = abi.encode(
                CLAUSE,
                c.id.hash(),
                c.kind.hash(),
                c.metric.hash(),
                c.unit.hash(),
                c.decimals,
                c.endpoint.hash()
            );
            bytes memory tail = abi.encode(c.due, c.from.hash(), c.to.hash(), _hashPayoffs(c.payoffs));
            hashes[i] = keccak256(bytes.concat(head, tail));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashPayoffs(Payoff[] calldata payoffs) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](payoffs.length);
        for (uint256 i = 0; i < payoffs.length; ++i) {
            Payoff calldata p = payoffs[i];
            hashes[i] = keccak256(abi.encode(PAYOFF, p.cohort, p.pays, _hashTiers(p.tiers), p.notEvaluable));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashTiers(Tier[] calldata tiers) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](tiers.length);
        for (uint256 i = 0; i < tiers.length; ++i) {
            hashes[i] = keccak256(abi.encode(TIER, tiers[i].atLeast, tiers[i].pays, tiers[i].slope));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
