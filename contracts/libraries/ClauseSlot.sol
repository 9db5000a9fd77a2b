// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What happened under a clause in one cohort, in one slot; from the lowest bit:
/// 32 assessed · 32 pending · 32 number · 32 reopenedDay · 1 settled · 7 free · 112 total · 8 free.
/// @dev A value and no struct: a call reads it once, changes it as it goes and writes it once, without a copy in memory.
type ClauseSlot is uint256;

using ClauseSlots for ClauseSlot global;

/// @title The fields of a {ClauseSlot}.
library ClauseSlots {
    uint256 private constant _MASK32 = type(uint32).max;
    uint256 private constant _MASK112 = type(uint112).max;

    /// @notice Patients with an outcome.
    function assessed(ClauseSlot s) internal pure returns (uint32) {
        return uint32(ClauseSlot.unwrap(s));
    }

    /// @notice Patients in reports that have not settled; 1 for a wager.
    function pending(ClauseSlot s) internal pure returns (uint32) {
        return uint32(ClauseSlot.unwrap(s) >> 32);
    }

    /// @notice Of the last report.
    function number(ClauseSlot s) internal pure returns (uint32) {
        return uint32(ClauseSlot.unwrap(s) >> 64);
    }

    /// @notice The day of the first rejection, from which the reporting window runs again; 0 before one.
    function reopenedDay(ClauseSlot s) internal pure returns (uint32) {
        return uint32(ClauseSlot.unwrap(s) >> 96);
    }

    /// @notice A wager has its outcome.
    function settled(ClauseSlot s) internal pure returns (bool) {
        return ClauseSlot.unwrap(s) & (1 << 128) != 0;
    }

    /// @notice Paid by `from` to `to` so far.
    function total(ClauseSlot s) internal pure returns (int112) {
        return int112(uint112(ClauseSlot.unwrap(s) >> 136));
    }

    function withAssessed(ClauseSlot s, uint32 value) internal pure returns (ClauseSlot) {
        return _with(s, 0, _MASK32, value);
    }

    function withPending(ClauseSlot s, uint32 value) internal pure returns (ClauseSlot) {
        return _with(s, 32, _MASK32, value);
    }

    function withNumber(ClauseSlot s, uint32 value) internal pure returns (ClauseSlot) {
        return _with(s, 64, _MASK32, value);
    }

    function withReopenedDay(ClauseSlot s, uint32 value) internal pure returns (ClauseSlot) {
        return _with(s, 96, _MASK32, value);
    }

    function withOutcome(ClauseSlot s) internal pure returns (ClauseSlot) {
        return ClauseSlot.wrap(ClauseSlot.unwrap(s) | (1 << 128));
    }

    function withTotal(ClauseSlot s, int112 value) internal pure returns (ClauseSlot) {
        return _with(s, 136, _MASK112, uint112(value));
    }

    function _with(ClauseSlot s, uint256 shift, uint256 mask, uint256 value) private pure returns (ClauseSlot) {
        return ClauseSlot.wrap((ClauseSlot.unwrap(s) & ~(mask << shift)) | (value << shift));
    }
}
