// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IAgreementFactory} from "./interfaces/IAgreementFactory.sol";
import {Legal, Terms} from "./interfaces/Terms.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {TermsHash} from "./libraries/TermsHash.sol";
import {TermsPacker} from "./libraries/TermsPacker.sol";
import {OutcomeAgreement} from "./OutcomeAgreement.sol";

/// @title Creates agreements: minimal clones that carry their packed terms, at addresses that follow from the terms.
contract AgreementFactory is IAgreementFactory, EIP712 {
    /// @dev The limit on code (EIP-170) less the clone's own 45 bytes.
    uint256 private constant MAX_TERMS = 24_576 - 45;

    /// @inheritdoc IAgreementFactory
    address public immutable implementation;

    constructor() EIP712("outcomepay", "1") {
        implementation = address(new OutcomeAgreement());
    }

    /// @inheritdoc IAgreementFactory
    function create(
        Terms calldata terms,
        Legal calldata legal,
        bytes[] calldata signatures
    ) external returns (address agreement) {
        if (terms.validUntil != 0) {
            uint256 lastDay = Calendar.dayOf(terms.validUntil);
            if (Calendar.today() > lastDay) revert NoLongerValid(lastDay, Calendar.today());
        }
        bytes32 termsHash = TermsHash.hash(terms);
        bytes memory packed = _pack(terms);
        address predicted = _addressOf(packed, termsHash);
        bytes32 signed = _digest(predicted, termsHash, legal);
        uint256 parties = terms.parties.length;
        if (signatures.length != parties) revert WrongSignatureCount(signatures.length, parties);
        for (uint256 i = 0; i < parties; ++i) {
            address account = terms.parties[i].account;
            if (!Signatures.isValid(account, signed, signatures[i])) revert NotSigned(i, account, signed);
        }

        agreement = Clones.cloneDeterministicWithImmutableArgs(implementation, packed, termsHash);
        _logCreation(agreement, termsHash);
    }

    /// @inheritdoc IAgreementFactory
    function addressOf(Terms calldata terms) external view returns (address agreement) {
        return _addressOf(_pack(terms), TermsHash.hash(terms));
    }

    /// @inheritdoc IAgreementFactory
    function digest(Terms calldata terms, Legal calldata legal) external view returns (bytes32) {
        bytes32 termsHash = TermsHash.hash(terms);
        return _digest(_addressOf(_pack(terms), termsHash), termsHash, legal);
    }

    /// @inheritdoc IAgreementFactory
    function pack(Terms calldata terms) external view returns (bytes memory) {
        return _pack(terms);
    }

    /// @dev Emits AgreementCreated. Its data are the arguments of {create}, in order, so the call's own are copied: encoding
    /// nested structs again would cost 50,000 gas.
    function _logCreation(address agreement, bytes32 termsHash) private {
        bytes32 topic = AgreementCreated.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            let size := sub(calldatasize(), 4)
            calldatacopy(data, 4, size)
            log3(data, size, topic, agreement, termsHash)
        }
    }

    function _pack(Terms calldata terms) private view returns (bytes memory packed) {
        packed = TermsPacker.pack(terms);
        if (packed.length > MAX_TERMS) revert TermsTooLarge(packed.length, MAX_TERMS);
    }

    /// @dev The terms' hash as salt: the address follows from every word that is signed, not only from what is packed.
    function _addressOf(bytes memory packed, bytes32 termsHash) private view returns (address) {
        return Clones.predictDeterministicAddressWithImmutableArgs(implementation, packed, termsHash);
    }

    function _digest(address agreement, bytes32 termsHash, Legal calldata legal) private view returns (bytes32) {
        return _hashTypedDataV4(TermsHash.hash(agreement, termsHash, legal));
    }
}
