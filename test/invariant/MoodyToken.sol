// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "../../contracts/mocks/PlainToken.sol";

/// @title Treats each receiver of a transfer as it is told, keeps a fee while told so, and can lose what an account holds.
contract MoodyToken is PlainToken {
    enum Mood {
        Fair,
        /// Reverts.
        Refuses,
        /// Burns all the gas it is given.
        EatsGas,
        /// Returns false and moves nothing.
        ReturnsFalse,
        /// Reverts with 50,000 bytes.
        Bombs
    }

    mapping(address receiver => Mood) public moodTo;
    /// Taken from what a receiver is sent by `transferFrom`.
    uint256 public fee;

    error Refused(address receiver);

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setMood(address receiver, Mood mood) external {
        moodTo[receiver] = mood;
    }

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    /// @notice Takes `amount` from an account, without its doing. Anyone may.
    function shrink(address account, uint256 amount) external {
        _burn(account, amount);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        Mood mood = moodTo[to];
        if (mood == Mood.Fair) return super.transfer(to, amount);
        if (mood == Mood.ReturnsFalse) return false;
        require(mood != Mood.Refuses, Refused(to));
        bool bomb = mood == Mood.Bombs;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            if bomb {
                revert(mload(0x40), 50000)
            }
            invalid()
        }
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        bool done = super.transferFrom(from, to, amount);
        if (fee != 0) _burn(to, fee);
        return done;
    }
}
