// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Keeps a part of every transfer: the receiver gets less than was sent.
contract FeeToken is PlainToken {
    /// Ten-thousandths of the amount.
    uint256 public fee = 100;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0), (amount * fee) / 10_000);
    }
}
