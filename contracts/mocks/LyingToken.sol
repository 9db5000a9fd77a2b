// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title While switched on, reports every transfer as done and moves nothing; can report balances that nobody has.
contract LyingToken is PlainToken {
    bool public lying;
    /// Added to every balance that it reports.
    uint256 public pretended;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setLying(bool lying_, uint256 pretended_) external {
        lying = lying_;
        pretended = pretended_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return lying || super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return lying || super.transferFrom(from, to, amount);
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) + pretended;
    }
}
