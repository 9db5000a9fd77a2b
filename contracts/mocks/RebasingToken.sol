// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Balances shrink without a transfer.
contract RebasingToken is PlainToken {
    constructor(uint8 decimals_) PlainToken(decimals_) {}

    /// @notice Takes `amount` from an account, without its doing. Anyone may.
    function shrink(address account, uint256 amount) external {
        _burn(account, amount);
    }
}
