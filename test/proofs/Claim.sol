// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Steps of a proof.
library Claim {
    /// @notice A step that is proved where it stands, and may be used from there on.
    function holds(bool step) internal pure {
        assert(step);
        require(step);
    }
}
