// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Burns all the gas it is given on a transfer to a marked account.
contract GasEatingToken is PlainToken {
    mapping(address account => bool) public isMarked;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setMarked(address account, bool marked) external {
        isMarked[account] = marked;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isMarked[to]) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                invalid()
            }
        }
        super._update(from, to, amount);
    }
}
