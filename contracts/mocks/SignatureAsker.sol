// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {Signatures} from "../libraries/Signatures.sol";

/// @title Asks whether an account signed, as the agreement and the factory do.
contract SignatureAsker {
    function isValid(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Signatures.isValid(signer, digest, signature);
    }

    /// @return used Gas of one ERC-1271 question, a cold account access included, and whether the answer was yes.
    function gasOfQuestion(
        IERC1271 signer,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (uint256 used, bool yes) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        uint256 before = gasleft();
        bool success;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            success := staticcall(gas(), signer, add(question, 32), mload(question), 0, 32)
        }
        used = before - gasleft();
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            yes := and(success, eq(shr(224, mload(0)), 0x1626ba7e))
        }
    }
}
