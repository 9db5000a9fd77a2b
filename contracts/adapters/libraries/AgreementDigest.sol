// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title What an agreement on this chain asks its oracle to endorse.
library AgreementDigest {
    bytes32 private constant _DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant _NAME = keccak256("outcomepay");
    bytes32 private constant _VERSION = keccak256("1");

    /// @notice EIP-712 digest of a message of `agreement`, computed here: the agreement is not asked.
    function compute(address agreement, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(_DOMAIN, _NAME, _VERSION, block.chainid, agreement));
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}
