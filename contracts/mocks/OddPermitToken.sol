// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @title Its permit does something other than what it says.
contract OddPermitToken is PlainToken {
    enum Mode {
        /// Takes anything for a permit and approves nothing, as a token with a fallback does.
        Phantom,
        Revert,
        /// All the gas it is given.
        EatGas,
        /// Approves without a look at the signature.
        Generous,
        /// Calls back, then approves.
        Reenter
    }

    Mode public mode;
    address public target;
    bytes public data;
    bool public succeeded;
    /// What the call back returned, or the error it ended with.
    bytes public result;

    error Odd();

    constructor(uint8 decimals_) PlainToken(decimals_) {}

    function setMode(Mode mode_, address target_, bytes calldata data_) external {
        mode = mode_;
        target = target_;
        data = data_;
    }

    function permit(address owner, address spender, uint256 value, uint256, uint8, bytes32, bytes32) public override {
        Mode m = mode;
        require(m != Mode.Revert, Odd());
        if (m == Mode.EatGas) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                invalid()
            }
        }
        // solhint-disable-next-line avoid-low-level-calls
        if (m == Mode.Reenter) (succeeded, result) = target.call(data);
        if (m == Mode.Generous || m == Mode.Reenter) _approve(owner, spender, value);
    }
}
