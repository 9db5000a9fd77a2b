// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How money falls on the members of a group, on plain values.
/// @dev Without imports, as {Affine}, and proved like it (`docs/proofs.md`).
library Shares {
    /// @dev A hundred percent of a group in millionths of a percent; the factory checks that shares add up to it.
    uint256 internal constant WHOLE = 1e8;

    /// @notice What of `size` falls on the members up to one whose shares, and those before, add up to `running`: rounded
    /// down, so that a member's part is the difference from the one before and the parts add up to `size`.
    function upTo(uint256 size, uint256 running) internal pure returns (uint256) {
        return (size * running) / WHOLE;
    }

    /// @notice A member's part of one lock: rounded up, so that k locks cover its part of whatever k of them settle at.
    function ofLock(uint256 amount, uint256 share) internal pure returns (uint256) {
        return (amount * share + WHOLE - 1) / WHOLE;
    }
}
