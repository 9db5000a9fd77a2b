// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Piece} from "./Payoff.sol";

/// @notice How a clause is assessed, and who knows its metric.
enum Kind {
    PaymentAtEnrolment,
    PaymentByTime,
    Milestone,
    WagerPerPatient,
    WagerInTotal
}

enum Metric {
    None,
    Oracle,
    Enrolled,
    Outlay
}

/// @notice A run of members: a whole group, or one of it.
struct PartyRange {
    uint256 first;
    uint256 count;
}

struct CohortTerms {
    uint256 opens;
    uint256 closes;
    uint256 enrolWithin;
    uint256 maxPatients;
    /// Where the table of its clauses begins, and how many there are.
    uint256 table;
    uint256 clauses;
}

struct ClauseTerms {
    /// Position in the signed terms.
    uint16 clause;
    Kind kind;
    Metric metric;
    PartyRange from;
    PartyRange to;
    uint256 due;
    /// For one patient; for a wager in total, for the clause.
    uint256 fromLock;
    uint256 toLock;
    int256 notEvaluable;
    Piece[] pieces;
}

/// @title The terms as an agreement carries them in its own bytecode.
/// @dev Layout, big-endian, the factory writes it (`AgreementFactory.pack`) and `docs/protocol.md` documents it:
/// header · members · cohort offsets · for each cohort its window and the table of its clauses · clauses.
/// Reads are unchecked: only the factory creates agreements, and it writes every offset.
library PackedTerms {
    uint256 internal constant HEADER = 91;
    uint256 internal constant MEMBER = 25;
    uint256 internal constant COHORT = 13;
    uint256 internal constant TABLE_ENTRY = 4;
    uint256 internal constant CLAUSE = 58;
    uint256 internal constant PIECE = 40;

    // ----------------------------------------------------------------------------------------------------- header

    function token(bytes memory terms) internal pure returns (address) {
        return address(uint160(_read(terms, 0, 20)));
    }

    function oracle(bytes memory terms) internal pure returns (address) {
        return address(uint160(_read(terms, 20, 20)));
    }

    function arbiter(bytes memory terms) internal pure returns (address) {
        return address(uint160(_read(terms, 40, 20)));
    }

    /// @notice Token units in one minor unit of the currency.
    function tokenUnit(bytes memory terms) internal pure returns (uint256) {
        return 10 ** _read(terms, 60, 1);
    }

    /// @notice The member that authorises enrolments, plus one; 0 for none.
    function authoriser(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 61, 1);
    }

    /// @notice Days.
    function challengeWindow(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 62, 2);
    }

    function ruleWithin(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 64, 2);
    }

    function reportWithin(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 66, 2);
    }

    function reportEvery(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 68, 2);
    }

    function grace(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 70, 2);
    }

    /// @notice The earliest day on which a cohort opens.
    function firstDay(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 72, 3);
    }

    function challengeBond(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 75, 12);
    }

    /// @notice The payer group; empty when there is none.
    function payer(bytes memory terms) internal pure returns (PartyRange memory) {
        return _range(terms, 87);
    }

    function members(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 89, 1);
    }

    function cohorts(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 90, 1);
    }

    // ---------------------------------------------------------------------------------------------------- members

    function holder(bytes memory terms, uint256 member) internal pure returns (address) {
        return address(uint160(_read(terms, HEADER + member * MEMBER, 20)));
    }

    /// @notice Millionths of a percent of its group.
    function share(bytes memory terms, uint256 member) internal pure returns (uint256) {
        return _read(terms, HEADER + member * MEMBER + 20, 4);
    }

    function paidAutomatically(bytes memory terms, uint256 member) internal pure returns (bool) {
        return _read(terms, HEADER + member * MEMBER + 24, 1) != 0;
    }

    // ---------------------------------------------------------------------------------------- cohorts and clauses

    function cohort(bytes memory terms, uint16 position) internal pure returns (CohortTerms memory c) {
        if (position >= cohorts(terms)) revert IOutcomeAgreement.UnknownCohort(position);
        uint256 offset = _read(terms, HEADER + members(terms) * MEMBER + uint256(position) * 2, 2);
        c.opens = _read(terms, offset, 3);
        c.closes = _read(terms, offset + 3, 3);
        c.enrolWithin = _read(terms, offset + 6, 2);
        c.maxPatients = _read(terms, offset + 8, 4);
        c.clauses = _read(terms, offset + 12, 1);
        c.table = offset + COHORT;
    }

    /// @notice The clause's terms in the cohort. Reverts with ClauseNotInCohort.
    function clauseIn(
        bytes memory terms,
        CohortTerms memory c,
        uint16 clause,
        uint16 cohortPosition
    ) internal pure returns (ClauseTerms memory) {
        for (uint256 i = 0; i < c.clauses; ++i) {
            if (_read(terms, c.table + i * TABLE_ENTRY, 2) == clause) return clauseAt(terms, c, i);
        }
        revert IOutcomeAgreement.ClauseNotInCohort(clause, cohortPosition);
    }

    /// @notice The i-th clause of a cohort.
    function clauseAt(
        bytes memory terms,
        CohortTerms memory c,
        uint256 i
    ) internal pure returns (ClauseTerms memory clause) {
        uint256 entry = _read(terms, c.table + i * TABLE_ENTRY, 4);
        uint256 offset = entry & 0xffff;
        clause.clause = uint16(entry >> 16);
        clause.kind = Kind(_read(terms, offset, 1));
        clause.metric = Metric(_read(terms, offset + 1, 1));
        clause.from = _range(terms, offset + 2);
        clause.to = _range(terms, offset + 4);
        clause.due = _read(terms, offset + 6, 2);
        clause.fromLock = _read(terms, offset + 8, 12);
        clause.toLock = _read(terms, offset + 20, 12);
        clause.notEvaluable = _readInt96(terms, offset + 32);
        uint256 count = _read(terms, offset + 44, 2);
        Piece[] memory pieces = new Piece[](count);
        clause.pieces = pieces;
        pieces[0].pays = _readInt96(terms, offset + 46);
        offset += CLAUSE;
        for (uint256 k = 1; k < count; ++k) {
            Piece memory piece = pieces[k];
            piece.start = _readInt96(terms, offset);
            piece.pays = _readInt96(terms, offset + 12);
            piece.slope = int128(uint128(_read(terms, offset + 24, 16)));
            offset += PIECE;
        }
    }

    // -------------------------------------------------------------------------------------------------- internals

    function _range(bytes memory terms, uint256 offset) private pure returns (PartyRange memory) {
        uint256 both = _read(terms, offset, 2);
        return PartyRange(both >> 8, both & 0xff);
    }

    function _readInt96(bytes memory terms, uint256 offset) private pure returns (int256) {
        return int96(uint96(_read(terms, offset, 12)));
    }

    /// @dev `size` bytes at `at` as a number. One load and one shift: a call reads some forty fields.
    function _read(bytes memory terms, uint256 offset, uint256 size) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(add(add(terms, 0x20), offset)))
        }
    }
}
