// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IOutcomeAgreement} from "../../interfaces/IOutcomeAgreement.sol";

/// @title What is claimed of a message, in words that a disputer can judge: every field of it, its agreement and its chain.
/// @dev Reading a field from the calldata refuses what is beyond its type, so the words say what was hashed.
library Claims {
    using Strings for address;
    using Strings for int256;
    using Strings for uint256;

    function ofEnrolment(
        address agreement,
        bytes32 digest,
        IOutcomeAgreement.Enrolment calldata m
    ) internal view returns (string memory) {
        string memory content = string.concat(
            "cohort ",
            uint256(m.cohort).toString(),
            _numbered(m.number),
            uint256(m.patients).toString(),
            " patients enrolled, the latest of them indexed on ",
            _date(m.indexedDay)
        );
        return _claim(agreement, digest, "enrolment", content, m.root, m.lastDay);
    }

    function ofMilestone(
        address agreement,
        bytes32 digest,
        IOutcomeAgreement.MilestoneReport calldata m
    ) internal view returns (string memory) {
        string memory tallies = "";
        for (uint256 i = 0; i < m.tallies.length; ++i) {
            IOutcomeAgreement.Tally calldata tally = m.tallies[i];
            tallies = string.concat(
                tallies,
                "tier ",
                i.toString(),
                ": ",
                uint256(tally.patients).toString(),
                " patients, sum ",
                int256(tally.sum).toStringSigned(),
                "; "
            );
        }
        string memory content = string.concat(
            _place(m.clause, m.cohort, m.number, m.asOfDay),
            tallies,
            "not evaluable: ",
            uint256(m.notEvaluable).toString(),
            " patients"
        );
        return _claim(agreement, digest, "milestone report", content, m.root, m.lastDay);
    }

    function ofWager(
        address agreement,
        bytes32 digest,
        IOutcomeAgreement.WagerReport calldata m
    ) internal view returns (string memory) {
        string memory content = string.concat(
            _place(m.clause, m.cohort, m.number, m.asOfDay),
            m.evaluable ? "value " : "not evaluable, value ",
            int256(m.value).toStringSigned()
        );
        return _claim(agreement, digest, "wager report", content, m.root, m.lastDay);
    }

    function _claim(
        address agreement,
        bytes32 digest,
        string memory kind,
        string memory content,
        bytes32 root,
        uint256 lastDay
    ) private view returns (string memory) {
        string memory subject = string.concat(
            "outcomepay: the agreement at ",
            agreement.toChecksumHexString(),
            " on chain ",
            block.chainid.toString(),
            " may take this ",
            kind,
            ". Content: ",
            content
        );
        return
            string.concat(
                subject,
                ". Outcomes root: ",
                uint256(root).toHexString(32),
                ". Last day: ",
                _date(lastDay),
                ". EIP-712 digest: ",
                uint256(digest).toHexString(32),
                ". Clause, cohort and tier are positions in the terms that this agreement's parties signed; values are"
                " integers in the metric's smallest step. True if the records and the rules that those terms name give"
                " exactly this content. False if they give any other, or if who may read the records could not examine"
                " the leaves behind the root while this assertion could be disputed."
            );
    }

    function _place(
        uint256 clause,
        uint256 cohort,
        uint256 number,
        uint256 asOfDay
    ) private pure returns (string memory) {
        return
            string.concat(
                "clause ",
                clause.toString(),
                ", cohort ",
                cohort.toString(),
                _numbered(number),
                "as of ",
                _date(asOfDay),
                "; "
            );
    }

    function _numbered(uint256 number) private pure returns (string memory) {
        return string.concat(", number ", number.toString(), ": ");
    }

    /// @dev As 2026-04-01. Counts years from March, as {Calendar}; after E. G. Richards, "Mapping time" (1998).
    function _date(uint256 day) private pure returns (string memory) {
        uint256 f = day + 2_440_588 + 1401;
        f += (((4 * (day + 2_440_588) + 274_277) / 146_097) * 3) / 4 - 38;
        uint256 e = 4 * f + 3;
        uint256 h = 5 * ((e % 1461) / 4) + 2;
        uint256 month = ((h / 153 + 2) % 12) + 1;
        uint256 year = e / 1461 - 4716 + (14 - month) / 12;
        return string.concat(year.toString(), "-", _twoDigits(month), "-", _twoDigits((h % 153) / 5 + 1));
    }

    function _twoDigits(uint256 value) private pure returns (string memory) {
        return string.concat(value < 10 ? "0" : "", value.toString());
    }
}
