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

    function hash(IOutcomeAgreement.MilestoneReport memory m) internal pure returns (bytes32) {
        bytes32[] memory tallies = new bytes32[](m.tallies.length);
        for (uint256 i = 0; i < tallies.length; ++i) {
            IOutcomeAgreement.Tally memory tally = m.tallies[i];
            tallies[i] = keccak256(abi.encode(TALLY, tally.patients, tally.sum));
        }
        return
            keccak256(
                abi.encode(
                    MILESTONE_REPORT,
                    m.clause,
                    m.cohort,
                    m.number,
                    m.asOfDay,
                    keccak256(abi.encodePacked(tallies)),
                    m.notEvaluable,
                    m.root,
                    m.lastDay
                )
            );
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
