// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title While switched on, refuses every transfer; balances can still be read.
contract RevertingToken is PlainToken {
    bool public reverting;

    error Switched();

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setReverting(bool reverting_) external {
        reverting = reverting_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!reverting, Switched());
        super._update(from, to, amount);
    }
}
