// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Text in calldata.
library Text {
    /// @notice keccak256 of the text.
    /// @dev Uses free memory without keeping it: creating an agreement hashes some forty texts, and an allocation each
    /// would cost 5,000 gas.
    function hash(string calldata text) internal pure returns (bytes32 result) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, text.offset, text.length)
            result := keccak256(free, text.length)
        }
    }
}
