// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClauseAt, PackedTerms, PartyRange} from "./PackedTerms.sol";
import {Shares} from "./Shares.sol";

/// @notice What one call changes: signed deltas by account, in minor units.
struct Entries {
    int256[] money;
    int256[] locks;
    /// A bond that comes back is free again but no payout.
    uint256 bondOf;
    uint256 bondReturned;
}

/// @title How a clause's total and its locks fall on the members of the two groups.
/// @dev Locks fit 96 bits, counts 32, totals 112: a call's few sums of their products stay far from 256 bits, so the
/// sums of members are unchecked.
library Book {
    using PackedTerms for bytes;

    uint256 internal constant WHOLE = Shares.WHOLE;

    function open(bytes memory terms) internal pure returns (Entries memory entries) {
        uint256 members = terms.members();
        entries.money = new int256[](members);
        entries.locks = new int256[](members);
    }

    /// @notice `from` pays `total` to `to`; a negative total is paid the other way.
    function pay(
        Entries memory entries,
        bytes memory terms,
        PartyRange from,
        PartyRange to,
        int256 total
    ) internal pure {
        if (total == 0) return;
        _spread(entries.money, terms, from, -total);
        _spread(entries.money, terms, to, total);
    }

    /// @notice Locks `times` the clause's worst case; a negative number releases. A member's part is its share of one
    /// lock, rounded up, so that every settlement of k patients releases at least what it can cost each member.
    function lock(Entries memory entries, bytes memory terms, ClauseAt clause, int256 times) internal pure {
        _spreadLock(entries.locks, terms, terms.from(clause), terms.fromLock(clause), times);
        _spreadLock(entries.locks, terms, terms.to(clause), terms.toLock(clause), times);
    }

    /// @notice The members of a range: from the first up to, not including, the second.
    function bounds(PartyRange range) internal pure returns (uint256 first, uint256 end) {
        first = PartyRange.unwrap(range) >> 8;
        unchecked {
            end = first + (PartyRange.unwrap(range) & 0xff);
        }
    }

    /// @notice Whether an account, or the first of a range, belongs to the range.
    function includes(PartyRange range, uint256 account) internal pure returns (bool) {
        (uint256 first, uint256 end) = bounds(range);
        return account >= first && account < end;
    }

    /// @dev Adds `total` to the members by cumulative rounding in listed order: the parts add up to it exactly.
    function _spread(int256[] memory deltas, bytes memory terms, PartyRange range, int256 total) private pure {
        (uint256 i, uint256 end) = bounds(range);
        if (end == i + 1) return _add(deltas, i, total);
        uint256 size = total < 0 ? uint256(-total) : uint256(total);
        uint256 running;
        uint256 given;
        for (; i < end; ++i) {
            running += terms.share(i);
            uint256 upTo = Shares.upTo(size, running);
            int256 part = int256(upTo - given);
            given = upTo;
            _add(deltas, i, total < 0 ? -part : part);
        }
    }

    function _spreadLock(
        int256[] memory deltas,
        bytes memory terms,
        PartyRange range,
        uint256 amount,
        int256 times
    ) private pure {
        if (amount == 0) return;
        (uint256 i, uint256 end) = bounds(range);
        unchecked {
            if (end == i + 1) return _add(deltas, i, int256(amount) * times);
        }
        for (; i < end; ++i) {
            _add(deltas, i, int256(Shares.ofLock(amount, terms.share(i))) * times);
        }
    }

    /// @dev Without a look at the array's bounds, 58 gas each: positions come from the terms, whose reads are unchecked for
    /// the same reason.
    function _add(int256[] memory deltas, uint256 account, int256 amount) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let slot := add(add(deltas, 0x20), shl(5, account))
            mstore(slot, add(mload(slot), amount))
        }
    }
}
