// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What is kept of a report that waits or, after its window, has settled, in one slot; from the lowest bit:
/// 8 challenger · 32 challenged · 32 landed · 184 commitment. All zero: there is no such report.
/// @dev The content is brought along by whoever settles, rules or refutes. A settled report's commitment stays: a later report
/// that names one of its patients again can be refuted with it. A value and no struct, as {ClauseSlot}.
type ReportSlot is uint256;

using ReportSlots for ReportSlot global;

/// @title The fields of a {ReportSlot}.
library ReportSlots {
    /// @notice A report that has just landed. 184 bits of its struct hash: a second one with the same ones is out of reach.
    function landing(bytes32 structHash) internal view returns (ReportSlot) {
        return ReportSlot.wrap(uint256(bytes32(bytes23(structHash))) | (uint256(uint32(block.timestamp)) << 40));
    }

    function commitment(ReportSlot s) internal pure returns (bytes23) {
        return bytes23(bytes32(ReportSlot.unwrap(s)));
    }

    /// @notice Seconds; 0 once it is settled.
    function landed(ReportSlot s) internal pure returns (uint32) {
        return uint32(ReportSlot.unwrap(s) >> 40);
    }

    /// @notice Seconds; 0: not challenged.
    function challenged(ReportSlot s) internal pure returns (uint32) {
        return uint32(ReportSlot.unwrap(s) >> 8);
    }

    /// @notice The account that challenged it.
    function challenger(ReportSlot s) internal pure returns (uint8) {
        return uint8(ReportSlot.unwrap(s));
    }

    function isPending(ReportSlot s) internal pure returns (bool) {
        return landed(s) != 0;
    }

    function withChallenge(ReportSlot s, uint8 account) internal view returns (ReportSlot) {
        return ReportSlot.wrap(ReportSlot.unwrap(s) | (uint256(uint32(block.timestamp)) << 8) | account);
    }

    function asSettled(ReportSlot s) internal pure returns (ReportSlot) {
        return ReportSlot.wrap(uint256(bytes32(commitment(s))));
    }
}
