// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The part of UMA's Optimistic Oracle V3 that {IUmaEndorser} uses.
/// @dev Names and types are UMA's; what the calls do stands in UMA's documentation.
interface IOptimisticOracleV3 {
    function assertTruth(
        bytes memory claim,
        address asserter,
        address callbackRecipient,
        address escalationManager,
        uint64 liveness,
        address currency,
        uint256 bond,
        bytes32 identifier,
        bytes32 domainId
    ) external returns (bytes32 assertionId);

    /// @dev Reads the identifier, the currency and its fee from UMA's other contracts anew. Anyone may.
    function syncUmaParams(bytes32 identifier, address currency) external;

    function defaultIdentifier() external view returns (bytes32);

    function getMinimumBond(address currency) external view returns (uint256);
}
