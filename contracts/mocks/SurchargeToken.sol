// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Takes its fee from the sender, beside what is sent: the receiver gets all of it.
contract SurchargeToken is PlainToken {
    /// Ten-thousandths of the amount.
    uint256 public surcharge;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setSurcharge(uint256 surcharge_) external {
        surcharge = surcharge_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(from, address(0), (amount * surcharge) / 10_000);
    }
}
