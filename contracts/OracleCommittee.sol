// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {MultiSignerERC7913} from "@openzeppelin/contracts/utils/cryptography/signers/MultiSignerERC7913.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {IOracleCommittee} from "./interfaces/IOracleCommittee.sol";
import {CalldataArrays} from "./libraries/CalldataArrays.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title M-of-N endorsement, on OpenZeppelin's multi-signer.
/// @dev What it promises stands in {IOracleCommittee}.
contract OracleCommittee is IOracleCommittee, MultiSignerERC7913, EIP712 {
    using CalldataArrays for bytes[];

    bytes32 private constant _RECONFIGURATION_TYPEHASH = keccak256(
        "Reconfiguration(bytes[] add,bytes[] remove,uint64 threshold,uint32 number,uint32 lastDay)"
    );

    /// @inheritdoc IOracleCommittee
    uint32 public override reconfigurations;

    /// @param members At least `threshold_` of them.
    /// @dev Reverts as {reconfigure} does for what it adds and for the threshold.
    constructor(
        bytes[] memory members,
        uint64 threshold_
    ) MultiSignerERC7913(members, threshold_) EIP712("outcomepay", "1") {}

    /// @inheritdoc IOracleCommittee
    function reconfigure(Reconfiguration calldata reconfiguration, bytes calldata signature) external override {
        uint32 expected = reconfigurations + 1;
        require(reconfiguration.number == expected, WrongNumber(reconfiguration.number, expected));
        uint256 today = block.timestamp / 1 days;
        require(today <= reconfiguration.lastDay, Expired(reconfiguration.lastDay, today));
        bytes32 digest = reconfigurationDigest(reconfiguration);
        require(_rawSignatureValidation(digest, signature), NotEndorsed(digest));

        reconfigurations = expected;
        // In this order every change of members and threshold can be made at once: OpenZeppelin checks after each step
        // that the threshold can be reached, and the last step checks it for the members that remain.
        _addSigners(reconfiguration.add);
        _setThreshold(reconfiguration.threshold);
        _removeSigners(reconfiguration.remove);
        emit Reconfigured(expected, getSignerCount(), reconfiguration.threshold);
    }

    /// @inheritdoc IOracleCommittee
    function isValidSignature(
        bytes32 digest,
        bytes calldata signature
    ) external view override returns (bytes4 magicValue) {
        return _rawSignatureValidation(digest, signature) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @inheritdoc IOracleCommittee
    function reconfigurationDigest(Reconfiguration calldata reconfiguration) public view override returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        _RECONFIGURATION_TYPEHASH,
                        _hashEach(reconfiguration.add),
                        _hashEach(reconfiguration.remove),
                        reconfiguration.threshold,
                        reconfiguration.number,
                        reconfiguration.lastDay
                    )
                )
            );
    }

    /// @dev Refuses members that would be none. Nobody and the committee itself: OpenZeppelin leaves both to the
    /// inheritor; a committee that is its own member would count one quorum as a further signature. A verifier without code:
    /// it could never answer, or is the identity precompile, whose echo reads as a yes to everything.
    function _addSigners(bytes[] memory newSigners) internal override {
        for (uint256 i = 0; i < newSigners.length; ++i) {
            bytes memory member = newSigners[i];
            require(member.length >= 20, MultiSignerERC7913InvalidSigner(member));
            address account = address(bytes20(member));
            require(
                member.length == 20 ? account != address(0) && account != address(this) : account.code.length > 0,
                InvalidMember(member)
            );
        }
        super._addSigners(newSigners);
    }

    /// @dev As OpenZeppelin's, with three differences: a 20-byte member is checked key first, which saves a cold account
    /// access each; signers out of order are refused rather than compared with each other; and an element outside the
    /// calldata is a signature that does not hold, not a revert.
    function _validateSignatures(
        bytes32 digest,
        bytes[] calldata signers,
        bytes[] calldata signatures
    ) internal view override returns (bool valid) {
        if (signers.length != signatures.length) return false;

        bytes32 last;
        for (uint256 i = 0; i < signers.length; ++i) {
            (bool signerFits, bytes calldata signer) = signers.tryAt(i);
            (bool signatureFits, bytes calldata signature) = signatures.tryAt(i);
            if (!signerFits || !signatureFits) return false;

            // One copy in memory serves the order and the look-up.
            bytes memory member = signer;
            // Strictly ascending: nobody signs twice.
            bytes32 id = keccak256(member);
            if (id <= last) return false;
            last = id;

            if (!isSigner(member) || !_isSignedBy(signer, digest, signature)) return false;
        }
        return true;
    }

    function _isSignedBy(bytes calldata signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        return
            signer.length == 20
                ? Signatures.isValid(address(bytes20(signer)), digest, signature)
                : SignatureChecker.isValidSignatureNow(signer, digest, signature);
    }

    /// @dev EIP-712's encoding of `bytes[]`.
    function _hashEach(bytes[] calldata list) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](list.length);
        for (uint256 i = 0; i < list.length; ++i) hashes[i] = keccak256(list[i]);
        return keccak256(abi.encodePacked(hashes));
    }
}
