// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";

/// @title EIP-712 struct hashes of the messages that an agreement takes.
library Messages {
    bytes32 internal constant ENROLMENT = keccak256(
        "Enrolment(uint16 cohort,uint32 number,uint32 patients,uint32 indexedDay,bytes32 root,uint32 lastDay)"
    );
    bytes32 internal constant TALLY = keccak256("Tally(uint32 patients,int128 sum)");
    bytes32 internal constant MILESTONE_REPORT = keccak256(
        "MilestoneReport(uint16 clause,uint16 cohort,uint32 number,uint32 asOfDay,Tally[] tallies,uint32 notEvaluable,bytes32 root,uint32 lastDay)Tally(uint32 patients,int128 sum)"
    );
    bytes32 internal constant WAGER_REPORT = keccak256(
        "WagerReport(uint16 clause,uint16 cohort,uint32 number,uint32 asOfDay,bool evaluable,int128 value,bytes32 root,uint32 lastDay)"
    );
    bytes32 internal constant COMPROMISE = keccak256(
        "Compromise(uint16 clause,uint16 cohort,uint32 number,uint32 patients,int128 total,uint32 lastDay)"
    );
    bytes32 internal constant MOVEMENT = keccak256("Movement(uint8 from,uint8 to,uint128 amount)");
    bytes32 internal constant RELEASE = keccak256(
        "Release(uint32 number,Movement[] movements,uint32 lastDay)Movement(uint8 from,uint8 to,uint128 amount)"
    );
    bytes32 internal constant APPOINTMENT = keccak256(
        "Appointment(uint32 number,address oracle,address arbiter,uint32 lastDay)"
    );
    bytes32 internal constant TERMINATION = keccak256("Termination(uint32 number,uint32 lastDay)");

    function hash(IOutcomeAgreement.Enrolment memory m) internal pure returns (bytes32) {
        return keccak256(abi.encode(ENROLMENT, m.cohort, m.number, m.patients, m.indexedDay, m.root, m.lastDay));
    }

    /// @dev By hand, from the calldata, where a report and a tally stand as they are hashed but for the type in front
    /// and the tallies' hash in place of their offset: `abi.encode` costs 2,500 gas more for two tallies.
    /// Memory beyond the free pointer is used and left free. Words are hashed as they come; one beyond its type's range
    /// gives a hash that nobody endorses, since signers encode the typed value.
    function hash(IOutcomeAgreement.MilestoneReport calldata m) internal pure returns (bytes32 result) {
        IOutcomeAgreement.Tally[] calldata tallies = m.tallies;
        bytes32 typeOfTally = TALLY;
        bytes32 typeOfReport = MILESTONE_REPORT;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let hashes := mload(0x40)
            let next := hashes
            // Each tally is put together right after the place of its hash, and the last stays there: it is overwritten.
            for {
                let from := tallies.offset
                let end := add(from, shl(6, tallies.length))
            } lt(from, end) {
                from := add(from, 0x40)
            } {
                let tally := add(next, 0x20)
                mstore(tally, typeOfTally)
                calldatacopy(add(tally, 0x20), from, 0x40)
                mstore(next, keccak256(tally, 0x60))
                next := tally
            }
            let ofTallies := keccak256(hashes, sub(next, hashes))
            mstore(hashes, typeOfReport)
            calldatacopy(add(hashes, 0x20), m, 0x100)
            mstore(add(hashes, 0xa0), ofTallies)
            result := keccak256(hashes, 0x120)
        }
    }

    function hash(IOutcomeAgreement.WagerReport memory m) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    WAGER_REPORT,
                    m.clause,
                    m.cohort,
                    m.number,
                    m.asOfDay,
                    m.evaluable,
                    m.value,
                    m.root,
                    m.lastDay
                )
            );
    }

    function hash(IOutcomeAgreement.Compromise memory m) internal pure returns (bytes32) {
        return keccak256(abi.encode(COMPROMISE, m.clause, m.cohort, m.number, m.patients, m.total, m.lastDay));
    }

    function hash(IOutcomeAgreement.Release memory m) internal pure returns (bytes32) {
        bytes32[] memory movements = new bytes32[](m.movements.length);
        for (uint256 i = 0; i < movements.length; ++i) {
            IOutcomeAgreement.Movement memory movement = m.movements[i];
            movements[i] = keccak256(abi.encode(MOVEMENT, movement.from, movement.to, movement.amount));
        }
        return keccak256(abi.encode(RELEASE, m.number, keccak256(abi.encodePacked(movements)), m.lastDay));
    }

    function hash(IOutcomeAgreement.Appointment memory m) internal pure returns (bytes32) {
        return keccak256(abi.encode(APPOINTMENT, m.number, m.oracle, m.arbiter, m.lastDay));
    }

    function hash(IOutcomeAgreement.Termination memory m) internal pure returns (bytes32) {
        return keccak256(abi.encode(TERMINATION, m.number, m.lastDay));
    }
}
