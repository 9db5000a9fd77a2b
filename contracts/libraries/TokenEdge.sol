// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";

/// @title Every movement of tokens in or out of an agreement.
library TokenEdge {
    using SafeERC20 for IERC20;

    /// @dev What an automatic transfer may cost at most. An ERC-20 transfer costs 35,000 to 65,000.
    uint256 internal constant PAYOUT_GAS = 150_000;

    /// @notice Takes exactly `amount` from the caller, or reverts: a token that takes a fee or lies is found out here.
    function pull(address token, uint256 amount) internal {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert IOutcomeAgreement.TokenShort(received, amount);
    }

    /// @notice Sends `amount` and reverts when the token does.
    function push(address token, address to, uint256 amount) internal {
        IERC20(token).safeTransfer(to, amount);
    }

    /// @notice Sends `amount` with bounded gas and tells whether it went. Reads one word of what comes back, so that a
    /// token can neither revert the call, nor use up its gas, nor fill its memory.
    function tryPush(address token, address to, uint256 amount) internal returns (bool) {
        (bool success, uint256 size, uint256 word) = _bounded(token, abi.encodeCall(IERC20.transfer, (to, amount)));
        return success && (size == 0 || (size >= 32 && word == 1));
    }

    /// @notice Tokens held by this contract; 0 when the token does not say.
    function tryHeld(address token) internal returns (uint256) {
        (bool success, uint256 size, uint256 word) = _bounded(token, abi.encodeCall(IERC20.balanceOf, (address(this))));
        return success && size >= 32 ? word : 0;
    }

    /// @dev A call keeps a 64th of the gas back: with less than this left the callee would get less than its due, and
    /// whoever sends the call could make the payout fail.
    function _bounded(address token, bytes memory data) private returns (bool success, uint256 size, uint256 word) {
        uint256 needed = PAYOUT_GAS + PAYOUT_GAS / 63 + 5_000;
        if (gasleft() < needed) revert IOutcomeAgreement.GasTooLow(gasleft(), needed);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            success := call(PAYOUT_GAS, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            size := returndatasize()
            word := mload(0x00)
        }
    }
}
