// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOracleCommittee} from "../../contracts/interfaces/IOracleCommittee.sol";
import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";

/// @title Every function that changes an agreement, or the committee that endorses for it. `counted.test.ts` holds the list
/// against the ABI.
library Counted {
    /// @notice Name and selector of each.
    function list() internal pure returns (string[] memory names, bytes4[] memory s) {
        (names, s) = (new string[](21), new bytes4[](21));
        (names[0], s[0]) = ("deposit", IOutcomeAgreement.deposit.selector);
        (names[1], s[1]) = ("depositWithPermit", IOutcomeAgreement.depositWithPermit.selector);
        (names[2], s[2]) = ("withdraw", IOutcomeAgreement.withdraw.selector);
        (names[3], s[3]) = ("assign", IOutcomeAgreement.assign.selector);
        (names[4], s[4]) = ("enrol", IOutcomeAgreement.enrol.selector);
        (names[5], s[5]) = ("reportMilestone", IOutcomeAgreement.reportMilestone.selector);
        (names[6], s[6]) = ("reportWager", IOutcomeAgreement.reportWager.selector);
        (names[7], s[7]) = ("settleMilestone", IOutcomeAgreement.settleMilestone.selector);
        (names[8], s[8]) = ("settleWager", IOutcomeAgreement.settleWager.selector);
        (names[9], s[9]) = ("settleClause", IOutcomeAgreement.settleClause.selector);
        (names[10], s[10]) = ("challenge", IOutcomeAgreement.challenge.selector);
        (names[11], s[11]) = ("ruleMilestone", IOutcomeAgreement.ruleMilestone.selector);
        (names[12], s[12]) = ("ruleWager", IOutcomeAgreement.ruleWager.selector);
        (names[13], s[13]) = ("refuteMilestone", IOutcomeAgreement.refuteMilestone.selector);
        (names[14], s[14]) = ("refuteWager", IOutcomeAgreement.refuteWager.selector);
        (names[15], s[15]) = ("lapse", IOutcomeAgreement.lapse.selector);
        (names[16], s[16]) = ("terminate", IOutcomeAgreement.terminate.selector);
        (names[17], s[17]) = ("agree", IOutcomeAgreement.agree.selector);
        (names[18], s[18]) = ("release", IOutcomeAgreement.release.selector);
        (names[19], s[19]) = ("appoint", IOutcomeAgreement.appoint.selector);
        (names[20], s[20]) = ("reconfigure", IOracleCommittee.reconfigure.selector);
    }

    function nameOf(bytes4 selector) internal pure returns (string memory) {
        (string[] memory names, bytes4[] memory s) = list();
        for (uint256 i = 0; i < s.length; ++i) if (s[i] == selector) return names[i];
        return "?";
    }
}
