// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title Calls back from wherever it is called: as who opens a dispute and is given change, and as the arbitrator.
contract ReentrantDisputant {
    address private _target;
    bytes private _call;
    bool private _answers;

    uint256 public callbacks;
    /// @notice What the last call back was answered; its error, when it was refused.
    bytes public answer;
    bool public succeeded;

    error NotNow();

    function aim(address target, bytes calldata call, bool answers) external {
        (_target, _call, _answers) = (target, call, answers);
    }

    function act() external payable {
        Address.functionCallWithValue(_target, _call, msg.value);
    }

    receive() external payable {
        _callBack();
    }

    function createDispute(uint256, bytes calldata) external payable returns (uint256) {
        _callBack();
        return 0;
    }

    function arbitrationCost(bytes calldata) external pure returns (uint256) {
        return 0;
    }

    function _callBack() private {
        require(_answers, NotNow());
        ++callbacks;
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, answer) = _target.call(_call);
    }
}
