// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice A party's money in minor units, in one slot; from the lowest bit: 120 balance · 120 locked · 1 assigned · 15 free.
/// @dev No sum of balances exceeds 120 bits: deposits are refused before that. A value and no struct, as {ClauseSlot}.
type AccountSlot is uint256;

using AccountSlots for AccountSlot global;

/// @title The fields of an {AccountSlot}.
library AccountSlots {
    using SafeCast for uint256;

    uint256 private constant _MASK120 = type(uint120).max;

    /// @notice What the party holds here, the locked part included.
    function balance(AccountSlot s) internal pure returns (uint256) {
        return AccountSlot.unwrap(s) & _MASK120;
    }

    /// @notice What of it the worst case needs, bonds included.
    function locked(AccountSlot s) internal pure returns (uint256) {
        return (AccountSlot.unwrap(s) >> 120) & _MASK120;
    }

    /// @notice The holder is no longer the one in the terms.
    function assigned(AccountSlot s) internal pure returns (bool) {
        return AccountSlot.unwrap(s) >> 240 != 0;
    }

    /// @dev Reverts with SafeCastOverflowedUintDowncast when one does not fit.
    function with(AccountSlot s, uint256 balance_, uint256 locked_) internal pure returns (AccountSlot) {
        uint256 rest = (AccountSlot.unwrap(s) >> 240) << 240;
        return AccountSlot.wrap(rest | (uint256(locked_.toUint120()) << 120) | balance_.toUint120());
    }

    function asAssigned(AccountSlot s) internal pure returns (AccountSlot) {
        return AccountSlot.wrap(AccountSlot.unwrap(s) | (1 << 240));
    }
}
