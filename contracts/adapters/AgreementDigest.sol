// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title What an agreement on this chain asks its oracle to endorse.
library AgreementDigest {
    /// @dev EIP-5267: name, version, chain and contract, no salt.
    bytes1 private constant _FIELDS = 0x0f;
    bytes32 private constant _NAME = keccak256("outcomepay");
    bytes32 private constant _VERSION = keccak256("1");

    /// @notice EIP-712 digest of a message of `agreement`, computed here: the agreement is not asked.
    function compute(address agreement, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = MessageHashUtils.toDomainSeparator(
            _FIELDS,
            _NAME,
            _VERSION,
            block.chainid,
            agreement,
            bytes32(0)
        );
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}
