// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Calendar} from "../libraries/Calendar.sol";
import {Messages} from "../libraries/Messages.sol";
import {PackedTerms} from "../libraries/PackedTerms.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Escrow} from "./Escrow.sol";

/// @title What every party must sign: the end of enrolment, movement of free balance, a new oracle or arbiter.
/// @dev A number in sequence, a last day and the domain (chain and agreement) keep a signature from being used twice or
/// elsewhere; the parties' positions give the order, so a duplicate signer is no help.
abstract contract JointActs is Escrow, EIP712 {
    using PackedTerms for bytes;
    using Messages for *;

    uint32 private _jointActs;
    /// @dev Appointed by the parties; zero: the one in the terms.
    address private _appointedArbiter;

    constructor() EIP712("outcomepay", "1") {}

    // -------------------------------------------------------------------------------------------------- stories

    /// @inheritdoc IOutcomeAgreement
    function terminate(Termination memory termination, bytes[] calldata signatures) external nonReentrant {
        _useJointAct(_terms(), termination.number, termination.lastDay, termination.hash(), signatures);
        _endEnrolment();
        emit Terminated(termination.number);
    }

    /// @inheritdoc IOutcomeAgreement
    function release(Release memory releases, bytes[] calldata signatures) external nonReentrant {
        bytes memory terms = _terms();
        _useJointAct(terms, releases.number, releases.lastDay, releases.hash(), signatures);
        for (uint256 i = 0; i < releases.movements.length; ++i) _move(terms, releases.movements[i]);
        emit Released(releases.number, releases.movements);
    }

    /// @inheritdoc IOutcomeAgreement
    function appoint(Appointment memory appointment, bytes[] calldata signatures) external nonReentrant {
        bytes memory terms = _terms();
        _useJointAct(terms, appointment.number, appointment.lastDay, appointment.hash(), signatures);
        if (appointment.oracle != address(0)) {
            _checkOutsider(terms, appointment.oracle);
            _replaceOracle(appointment.oracle);
        }
        if (appointment.arbiter != address(0)) {
            _checkOutsider(terms, appointment.arbiter);
            _appointedArbiter = appointment.arbiter;
        }
        emit Appointed(appointment.number, appointment.oracle, appointment.arbiter);
    }

    // ---------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IOutcomeAgreement
    function jointActs() external view returns (uint32) {
        return _jointActs;
    }

    /// @inheritdoc IOutcomeAgreement
    function arbiter() public view override returns (address) {
        return _appointedArbiter == address(0) ? _terms().arbiter() : _appointedArbiter;
    }

    // ------------------------------------------------------------------------------------------------ internals

    function _endEnrolment() internal virtual;

    function _replaceOracle(address successor) internal virtual;

    /// @dev Checks number, day and every party's signature, and uses the number up.
    function _useJointAct(
        bytes memory terms,
        uint32 number,
        uint256 lastDay,
        bytes32 structHash,
        bytes[] calldata signatures
    ) internal {
        uint32 expected = _jointActs + 1;
        if (number != expected) revert WrongNumber(number, expected);
        _checkLastDay(lastDay);
        uint256 members = terms.members();
        if (signatures.length != members) revert WrongSignatureCount(signatures.length, members);
        _jointActs = number;
        bytes32 digest = _hashTypedDataV4(structHash);
        for (uint256 i = 0; i < members; ++i) {
            if (!Signatures.isValid(_holder(terms, i), digest, signatures[i])) revert NotSigned(uint8(i), digest);
        }
    }

    function _checkLastDay(uint256 lastDay) internal view {
        uint256 today = Calendar.today();
        if (lastDay < today) revert Expired(lastDay, today);
    }
}
