// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";

/// @title A milestone report's struct hash as EIP-712 spells it: the agreement's own is put together by hand.
library ReportHash {
    function hash(IOutcomeAgreement.MilestoneReport memory m) internal pure returns (bytes32) {
        bytes32[] memory tallies = new bytes32[](m.tallies.length);
        for (uint256 i = 0; i < tallies.length; ++i) {
            tallies[i] = keccak256(abi.encode(Messages.TALLY, m.tallies[i].patients, m.tallies[i].sum));
        }
        return
            keccak256(
                abi.encode(
                    Messages.MILESTONE_REPORT,
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
}
