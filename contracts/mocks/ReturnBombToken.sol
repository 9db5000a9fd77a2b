// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Returns, or reverts with, as much data as was chosen: who copies it pays for it.
contract ReturnBombToken is PlainToken {
    /// Bytes of return data; 0: an ordinary token.
    uint256 public size;
    bool public reverting;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    /// @param reverting_ False: the money moves, and the first word returned is `true`.
    function setBomb(uint256 size_, bool reverting_) external {
        size = size_;
        reverting = reverting_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        bool done = super.transfer(to, amount);
        uint256 length = size;
        if (length == 0) return done;
        bool failing = reverting;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, 1)
            if failing {
                revert(data, length)
            }
            return(data, length)
        }
    }
}
