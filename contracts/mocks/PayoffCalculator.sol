// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Book, Entries} from "../libraries/Book.sol";
import {ClauseAt, PackedTerms, PartyRange} from "../libraries/PackedTerms.sol";
import {Payoff, Piece} from "../libraries/Payoff.sol";
import {PackedClause} from "./PackedClause.sol";

/// @title The payoff engine and the book, open to questions by the batch.
contract PayoffCalculator {
    using Book for Entries;
    using PackedTerms for bytes;

    struct Question {
        Piece[] pieces;
        int256 notEvaluable;
        IOutcomeAgreement.Tally[] tallies;
        uint256 unknown;
        int256 value;
        uint256 weight;
    }

    struct Answer {
        int256 milestone;
        int256 wager;
        uint256 fromLock;
        uint256 toLock;
    }

    function answer(Question[] calldata questions) external pure returns (Answer[] memory answers) {
        answers = new Answer[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            Question memory q = questions[i];
            Answer memory a = answers[i];
            bytes memory terms = PackedClause.pack(q.pieces, q.notEvaluable);
            (a.milestone, ) = Payoff.ofTallies(terms, PackedClause.AT, questions[i].tallies, q.unknown);
            a.wager = Payoff.ofValue(terms, PackedClause.AT, q.value, q.weight);
            (a.fromLock, a.toLock) = Payoff.locks(q.pieces, q.notEvaluable);
        }
    }

    /// @notice What each member gets when the first clause of the first cohort moves `total`, and what `times` of its
    /// locks hold of each.
    function spread(
        bytes memory terms,
        int256[] calldata totals,
        int256 times
    ) external pure returns (int256[][] memory money, int256[] memory locks) {
        (, ClauseAt clause) = terms.clauseAt(terms.cohort(0), 0);
        (PartyRange from, PartyRange to) = (terms.from(clause), terms.to(clause));
        money = new int256[][](totals.length);
        for (uint256 i = 0; i < totals.length; ++i) {
            Entries memory entries = Book.open(terms);
            entries.pay(terms, from, to, totals[i]);
            money[i] = entries.money;
        }
        Entries memory locked = Book.open(terms);
        locked.lock(terms, clause, times);
        locks = locked.locks;
    }
}
