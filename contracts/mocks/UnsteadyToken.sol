// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Moves money as it should, and answers the question for a balance in every wrong way.
contract UnsteadyToken is PlainToken {
    enum Mode {
        Honest,
        Revert,
        /// All the gas it is given.
        EatGas,
        /// Nothing at all.
        Empty,
        /// The balance in 31 bytes instead of a word.
        Short,
        /// The balance, and then as much data as fits.
        Flood,
        /// The largest number there is.
        Most
    }

    Mode public mode;

    error Unsteady();

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        uint256 balance = super.balanceOf(account);
        Mode m = mode;
        require(m != Mode.Revert, Unsteady());
        if (m == Mode.EatGas) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (m == Mode.Empty) return _answer(balance, 0);
        if (m == Mode.Short) return _answer(balance, 31);
        if (m == Mode.Flood) return _answer(balance, 100_000);
        return m == Mode.Most ? type(uint256).max : balance;
    }

    /// @dev Ends the call with `size` bytes of return data that begin with `word`.
    function _answer(uint256 word, uint256 size) private pure returns (uint256) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, word)
            return(0, size)
        }
    }
}
