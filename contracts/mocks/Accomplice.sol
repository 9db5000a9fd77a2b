// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title A contract in whichever role is wanted: acts for anyone, signs everything, and calls back from a token's hook.
/// @dev It has no way to receive ether.
contract Accomplice is IERC1271 {
    address public target;
    bytes public data;
    /// Whether the hook called back since it was set.
    bool public called;
    bool public succeeded;
    /// What the call back returned, or the error it ended with.
    bytes public result;

    /// @notice Makes these calls now, one after the other; each must succeed.
    function act(address[] calldata targets, bytes[] calldata calls) external {
        for (uint256 i = 0; i < targets.length; ++i) Address.functionCall(targets[i], calls[i]);
    }

    /// @notice The next hook makes this call, once.
    function prepare(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
        called = false;
        succeeded = false;
        result = "";
    }

    /// @notice What a token calls before it takes from, and after it has given to, the account it is registered for.
    function onTokens() external {
        if (target == address(0) || called) return;
        called = true;
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, result) = target.call(data);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        return IERC1271.isValidSignature.selector;
    }
}
