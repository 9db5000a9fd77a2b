// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Calls back while a transfer is under way, and keeps what came of it.
contract ReentrantToken is PlainToken {
    address public target;
    bytes public data;
    /// Whether the call back was made since it was set.
    bool public called;
    bool public succeeded;
    /// What the call back returned, or the error it ended with.
    bytes public result;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    /// @notice The next transfer makes this call, once.
    function setCallback(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
        called = false;
        succeeded = false;
        result = "";
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0) || called) return;
        called = true;
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, result) = target.call(data);
    }
}
