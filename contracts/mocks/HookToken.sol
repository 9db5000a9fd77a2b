// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accomplice} from "./Accomplice.sol";
import {PlainToken} from "./PlainToken.sol";

/// @title Tells both ends of a transfer, as ERC-777 does: the sender before, the receiver after.
contract HookToken is PlainToken {
    /// Who is told for an account, as ERC-1820's registry has it.
    mapping(address account => Accomplice) public hookOf;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setHook(address account, Accomplice hook) external {
        hookOf[account] = hook;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (address(hookOf[from]) != address(0)) hookOf[from].onTokens();
        super._update(from, to, amount);
        if (address(hookOf[to]) != address(0)) hookOf[to].onTokens();
    }
}
