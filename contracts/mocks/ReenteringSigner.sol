// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Asked whether it signed, it makes a call first; the answer tells what came of that call.
/// @dev Not an heir of IERC1271, whose question is a view: Solidity would not compile the attempt.
contract ReenteringSigner {
    address public target;
    bytes public data;
    /// It signs when the attempt ends with this error, and with nothing else.
    bytes public expected;
    /// It signs when the attempt succeeds, and then alone.
    bool public hopeful;
    uint256 public marks;

    function prepare(address target_, bytes calldata data_, bytes calldata expected_, bool hopeful_) external {
        target = target_;
        data = data_;
        expected = expected_;
        hopeful = hopeful_;
    }

    /// @notice Something to do that changes state, without any guard.
    function mark() external {
        ++marks;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        // In a static call a write uses up the gas it was given: leave some to answer with.
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory found) = target.call{gas: 1_000_000}(data);
        bool signs = hopeful ? success : !success && keccak256(found) == keccak256(expected);
        return signs ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
