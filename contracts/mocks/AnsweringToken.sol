// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Moves the money and then says about it what it was told to say.
contract AnsweringToken is PlainToken {
    bool public answering;
    bytes public answer;

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setAnswer(bytes calldata answer_) external {
        answering = true;
        answer = answer_;
    }

    function transfer(address to, uint256 amount) public override returns (bool done) {
        done = super.transfer(to, amount);
        if (answering) _end();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool done) {
        done = super.transferFrom(from, to, amount);
        if (answering) _end();
    }

    /// @dev Ends the call with the answer as it is.
    function _end() private view {
        bytes memory data = answer;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            return(add(data, 32), mload(data))
        }
    }
}
