// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";

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

/// @notice A run of members, a whole group or one of it: position of the first in the second-lowest byte, their number in
/// the lowest.
type PartyRange is uint256;

/// @notice Where the terms of a cohort begin.
type CohortAt is uint256;

/// @notice Where the terms of a clause in one cohort begin.
type ClauseAt is uint256;

/// @title The terms as an agreement carries them in its own bytecode.
/// @dev Layout, big-endian, the factory writes it (`AgreementFactory.pack`) and `docs/protocol.md` documents it:
/// header · members · cohort offsets · for each cohort its window and the table of its clauses · clauses.
/// Reads and the sums of their offsets are unchecked: only the factory creates agreements, and it writes every offset.
library PackedTerms {
    uint256 internal constant HEADER = 91;
    uint256 internal constant MEMBER = 25;
    uint256 internal constant COHORT = 13;
    uint256 internal constant TABLE_ENTRY = 4;
    uint256 internal constant CLAUSE = 58;
    /// @dev A later tier: start and amount, and in a payoff with slopes the slope.
    uint256 internal constant PIECE = 24;
    uint256 internal constant SLOPE = 16;
    /// @dev Set beside the metric when the payoff has slopes.
    uint256 internal constant SLOPED = 0x80;

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
    function payer(bytes memory terms) internal pure returns (PartyRange) {
        return _range(terms, 0, 87);
    }

    function members(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 89, 1);
    }

    function cohorts(bytes memory terms) internal pure returns (uint256) {
        return _read(terms, 90, 1);
    }

    // ---------------------------------------------------------------------------------------------------- members

    function holder(bytes memory terms, uint256 member) internal pure returns (address) {
        return address(uint160(_read(terms, _memberOffset(member), 20)));
    }

    /// @notice Millionths of a percent of its group.
    function share(bytes memory terms, uint256 member) internal pure returns (uint256) {
        return _read(terms, _memberOffset(member), 20, 4);
    }

    function paidAutomatically(bytes memory terms, uint256 member) internal pure returns (bool) {
        return _read(terms, _memberOffset(member), 24, 1) != 0;
    }

    // ---------------------------------------------------------------------------------------------------- cohorts

    /// @notice The terms of a cohort. Reverts with UnknownCohort.
    function cohort(bytes memory terms, uint16 position) internal pure returns (CohortAt) {
        if (position >= cohorts(terms)) revert IOutcomeAgreement.UnknownCohort(position);
        return CohortAt.wrap(_read(terms, _memberOffset(members(terms)), uint256(position) << 1, 2));
    }

    /// @notice First index day.
    function opens(bytes memory terms, CohortAt c) internal pure returns (uint256) {
        return _read(terms, CohortAt.unwrap(c), 3);
    }

    /// @notice Day after the last index day.
    function closes(bytes memory terms, CohortAt c) internal pure returns (uint256) {
        return _read(terms, CohortAt.unwrap(c), 3, 3);
    }

    /// @notice First day on which nobody can be enrolled any more.
    function enrolmentEnds(bytes memory terms, CohortAt c) internal pure returns (uint256) {
        return closes(terms, c) + _read(terms, CohortAt.unwrap(c), 6, 2);
    }

    function maxPatients(bytes memory terms, CohortAt c) internal pure returns (uint256) {
        return _read(terms, CohortAt.unwrap(c), 8, 4);
    }

    /// @notice Number of clauses that apply to the cohort.
    function clauses(bytes memory terms, CohortAt c) internal pure returns (uint256) {
        return _read(terms, CohortAt.unwrap(c), 12, 1);
    }

    /// @notice The i-th clause of a cohort: its position in the signed terms, and its terms there.
    function clauseAt(
        bytes memory terms,
        CohortAt c,
        uint256 i
    ) internal pure returns (uint16 position, ClauseAt clause) {
        uint256 entry;
        unchecked {
            entry = _read(terms, CohortAt.unwrap(c), COHORT + i * TABLE_ENTRY, 4);
        }
        return (uint16(entry >> 16), ClauseAt.wrap(entry & 0xffff));
    }

    /// @notice The terms of a clause in a cohort. Reverts with ClauseNotInCohort.
    function clauseIn(
        bytes memory terms,
        CohortAt c,
        uint16 position,
        uint16 cohortPosition
    ) internal pure returns (ClauseAt) {
        uint256 count = clauses(terms, c);
        for (uint256 i = 0; i < count; ++i) {
            (uint16 found, ClauseAt clause) = clauseAt(terms, c, i);
            if (found == position) return clause;
        }
        revert IOutcomeAgreement.ClauseNotInCohort(position, cohortPosition);
    }

    // ---------------------------------------------------------------------------------------------------- clauses

    function kind(bytes memory terms, ClauseAt c) internal pure returns (Kind) {
        return Kind(_read(terms, ClauseAt.unwrap(c), 1));
    }

    function isWager(bytes memory terms, ClauseAt c) internal pure returns (bool) {
        return kind(terms, c) > Kind.Milestone;
    }

    function metric(bytes memory terms, ClauseAt c) internal pure returns (Metric) {
        return Metric(_read(terms, ClauseAt.unwrap(c), 1, 1) & ~SLOPED);
    }

    function from(bytes memory terms, ClauseAt c) internal pure returns (PartyRange) {
        return _range(terms, ClauseAt.unwrap(c), 2);
    }

    function to(bytes memory terms, ClauseAt c) internal pure returns (PartyRange) {
        return _range(terms, ClauseAt.unwrap(c), 4);
    }

    /// @notice Days from the index day, or from the cohort's end, until an outcome can be asked for: the oracle's grace
    /// included where it reports.
    function span(bytes memory terms, ClauseAt c) internal pure returns (uint256 days_) {
        days_ = _read(terms, ClauseAt.unwrap(c), 6, 2);
        if (metric(terms, c) == Metric.Oracle) days_ += grace(terms);
    }

    /// @notice The worst case of `from`, in minor units: for one patient; for a wager in total, for the clause.
    function fromLock(bytes memory terms, ClauseAt c) internal pure returns (uint256) {
        return _read(terms, ClauseAt.unwrap(c), 8, 12);
    }

    function toLock(bytes memory terms, ClauseAt c) internal pure returns (uint256) {
        return _read(terms, ClauseAt.unwrap(c), 20, 12);
    }

    function notEvaluable(bytes memory terms, ClauseAt c) internal pure returns (int256) {
        return _readInt96(terms, ClauseAt.unwrap(c), 32);
    }

    /// @notice Number of tiers.
    function tiers(bytes memory terms, ClauseAt c) internal pure returns (uint256) {
        return _read(terms, ClauseAt.unwrap(c), 44, 2);
    }

    /// @notice What the first tier pays; for a clause without a metric, the amount.
    function pays(bytes memory terms, ClauseAt c) internal pure returns (int256) {
        return _readInt96(terms, ClauseAt.unwrap(c), 46);
    }

    /// @notice One piece of the payoff: f(x) = pays + slope × (x − start) / 10⁹, up to the next piece's start.
    /// @dev The first one reaches down without limit: its start means nothing.
    function pieceAt(
        bytes memory terms,
        ClauseAt c,
        uint256 k
    ) internal pure returns (int256 start, int256 amount, int256 slope) {
        if (k == 0) return (0, pays(terms, c), 0);
        uint256 offset = _pieceOffset(terms, c, k);
        start = _readInt96(terms, offset, 0);
        amount = _readInt96(terms, offset, 12);
        if (_isSloped(terms, c)) slope = int128(uint128(_read(terms, offset, PIECE, SLOPE)));
    }

    /// @notice Where a piece after the first starts.
    function startOf(bytes memory terms, ClauseAt c, uint256 k) internal pure returns (int256) {
        return _readInt96(terms, _pieceOffset(terms, c, k), 0);
    }

    // -------------------------------------------------------------------------------------------------- internals

    function _isSloped(bytes memory terms, ClauseAt c) private pure returns (bool) {
        return _read(terms, ClauseAt.unwrap(c), 1, 1) & SLOPED != 0;
    }

    function _pieceOffset(bytes memory terms, ClauseAt c, uint256 k) private pure returns (uint256) {
        unchecked {
            return ClauseAt.unwrap(c) + CLAUSE + (k - 1) * (_isSloped(terms, c) ? PIECE + SLOPE : PIECE);
        }
    }

    function _memberOffset(uint256 member) private pure returns (uint256) {
        unchecked {
            return HEADER + member * MEMBER;
        }
    }

    function _range(bytes memory terms, uint256 base, uint256 offset) private pure returns (PartyRange) {
        return PartyRange.wrap(_read(terms, base, offset, 2));
    }

    function _readInt96(bytes memory terms, uint256 base, uint256 offset) private pure returns (int256) {
        return int96(uint96(_read(terms, base, offset, 12)));
    }

    function _read(bytes memory terms, uint256 base, uint256 offset, uint256 size) private pure returns (uint256) {
        unchecked {
            return _read(terms, base + offset, size);
        }
    }

    /// @dev `size` bytes at `at` as a number. One load and one shift: a call reads some forty fields.
    function _read(bytes memory terms, uint256 offset, uint256 size) private pure returns (uint256 value) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(add(add(terms, 0x20), offset)))
        }
    }
}
