// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "./interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "./interfaces/IRefuter.sol";
import {Leaves} from "./libraries/Leaves.sol";
import {Messages} from "./libraries/Messages.sol";
import {ClauseAt, PackedTerms} from "./libraries/PackedTerms.sol";

/// @title Judges refutations for agreements: a contract of its own, since an agreement has no room for it.
/// @dev Stateless. It trusts only what the calling agreement's views say; the agreement has checked that the report is the
/// pending one.
contract Refuter is IRefuter {
    using Leaves for *;
    using Messages for *;
    using PackedTerms for bytes;

    /// @dev What is known of the report when its leaves are looked at.
    struct Case {
        IOutcomeAgreement agreement;
        uint16 clause;
        uint16 cohort;
        bytes32 root;
        /// Patients that it counts.
        uint256 leaves;
        /// The position of the tier of patients not evaluable.
        uint256 tiers;
        bool wager;
    }

    /// @inheritdoc IRefuter
    function refuteMilestone(
        IOutcomeAgreement.MilestoneReport calldata report,
        Refutation calldata refutation
    ) external view {
        uint256 leaves = _leavesIn(report);
        Case memory found = Case(
            IOutcomeAgreement(msg.sender),
            report.clause,
            report.cohort,
            report.root,
            leaves,
            report.tallies.length,
            false
        );
        Form form = refutation.form;
        bool contradicts;
        if (form == Form.Tier) {
            contradicts = _hasWrongTier(found, report, _onlyLeaf(found, refutation));
        } else if (form == Form.RunningSum) {
            contradicts = _hasWrongSum(found, report, refutation);
        } else if (form == Form.TwiceInClause) {
            contradicts = _isInEarlier(found, report, refutation);
        } else if (form == Form.NotDue) {
            contradicts = _isNotDue(found, report.asOfDay, _onlyLeaf(found, refutation));
        } else {
            contradicts = _contradicts(found, refutation);
        }
        if (!contradicts) revert NotRefuted(form);
    }

    /// @inheritdoc IRefuter
    function refuteWager(IOutcomeAgreement.WagerReport calldata report, Refutation calldata refutation) external view {
        IOutcomeAgreement agreement = IOutcomeAgreement(msg.sender);
        (uint256 patients, , , ) = agreement.cohortState(report.cohort);
        Case memory found = Case(agreement, report.clause, report.cohort, report.root, patients, 1, true);
        Form form = refutation.form;
        bool contradicts;
        if (form == Form.Tier) {
            contradicts = _onlyLeaf(found, refutation).tier > 1;
        } else if (form == Form.RunningSum) {
            contradicts = _onlyLeaf(found, refutation).runningSum != 0;
        } else if (form != Form.TwiceInClause && form != Form.NotDue) {
            contradicts = _contradicts(found, refutation);
        }
        if (!contradicts) revert NotRefuted(form);
    }

    // ---------------------------------------------------------------------------------------- forms of both kinds

    function _contradicts(Case memory found, Refutation calldata refutation) private view returns (bool) {
        Form form = refutation.form;
        if (form == Form.LeafCount) {
            _expect(refutation, 0, 0, 0);
            if (Leaves.root(refutation.leaves, refutation.top) != found.root) revert NotTheRoot();
            return refutation.leaves != found.leaves;
        }
        if (form == Form.Order) {
            (ShownLeaf calldata a, ShownLeaf calldata b) = _twoLeaves(found, refutation);
            return _follows(a, b) && (a.tier > b.tier || (a.tier == b.tier && a.patientKey >= b.patientKey));
        }
        if (form == Form.TwiceInReport) {
            (ShownLeaf calldata a, ShownLeaf calldata b) = _twoLeaves(found, refutation);
            return a.position != b.position && a.patientKey == b.patientKey;
        }
        return _isNotEnrolled(found, refutation);
    }

    /// @dev Entries of a batch ascend by key, so that a key between two neighbours is not among them.
    function _isNotEnrolled(Case memory found, Refutation calldata refutation) private view returns (bool) {
        uint256 count = refutation.entries.length;
        if (count > 2) revert WrongExhibits(refutation.form);
        _expect(refutation, 1, count, 0);
        ShownLeaf calldata leaf = refutation.shown[0];
        _checkLeaf(found.root, found.leaves, leaf);
        (, uint32 batches, , ) = found.agreement.cohortState(found.cohort);
        if (leaf.batch == 0 || leaf.batch > batches) return true;
        (, uint256 cumulative, bytes24 root) = found.agreement.batchOf(found.cohort, leaf.batch);
        (, uint256 before, ) = found.agreement.batchOf(found.cohort, leaf.batch - 1);
        uint256 patients = cumulative - before;
        if (patients == 0) return true;
        for (uint256 i = 0; i < count; ++i) {
            ShownEntry calldata entry = refutation.entries[i];
            bytes32 shown = entry.hash().rootFrom(entry.position, patients, entry.siblings);
            if (shown == 0 || bytes24(shown) != root) revert EntryNotInBatch(entry.position, leaf.batch);
        }
        if (count == 0) return false;
        ShownEntry calldata first = refutation.entries[0];
        if (count == 1) {
            return
                (first.position == 0 && leaf.patientKey < first.patientKey) ||
                (first.position == patients - 1 && leaf.patientKey > first.patientKey);
        }
        ShownEntry calldata second = refutation.entries[1];
        return
            uint256(first.position) + 1 == second.position &&
            leaf.patientKey > first.patientKey &&
            leaf.patientKey < second.patientKey;
    }

    // ------------------------------------------------------------------------------------------- forms of milestones

    function _hasWrongTier(
        Case memory found,
        IOutcomeAgreement.MilestoneReport calldata report,
        ShownLeaf calldata leaf
    ) private view returns (bool) {
        if (leaf.tier > found.tiers) return true;
        (uint256 tier, , ) = _tierAt(report, leaf.position);
        if (leaf.tier != tier) return true;
        if (tier == found.tiers) return leaf.value != 0;
        (bytes memory terms, ClauseAt clause) = _terms(found);
        if (tier != 0 && leaf.value < terms.startOf(clause, tier)) return true;
        return tier + 1 < found.tiers && leaf.value >= terms.startOf(clause, tier + 1);
    }

    function _hasWrongSum(
        Case memory found,
        IOutcomeAgreement.MilestoneReport calldata report,
        Refutation calldata refutation
    ) private view returns (bool) {
        (bytes memory terms, ClauseAt clause) = _terms(found);
        if (refutation.shown.length == 2) {
            (ShownLeaf calldata a, ShownLeaf calldata b) = _twoLeaves(found, refutation);
            if (!_follows(a, b) || a.tier != b.tier) return false;
            return b.runningSum != int256(a.runningSum) + _summand(terms, clause, found, b);
        }
        ShownLeaf calldata leaf = _onlyLeaf(found, refutation);
        (uint256 tier, uint256 first, uint256 last) = _tierAt(report, leaf.position);
        // In the wrong tier it says nothing about this one's sum: that is another form.
        if (leaf.tier != tier) return false;
        if (tier == found.tiers) return leaf.runningSum != 0;
        if (leaf.position == first && leaf.runningSum != _summand(terms, clause, found, leaf)) return true;
        return leaf.position == last && leaf.runningSum != report.tallies[tier].sum;
    }

    /// @dev What a leaf adds to the sum of its tier.
    function _summand(
        bytes memory terms,
        ClauseAt clause,
        Case memory found,
        ShownLeaf calldata leaf
    ) private pure returns (int256) {
        if (leaf.tier >= found.tiers) return 0;
        (, , int256 slope) = terms.pieceAt(clause, leaf.tier);
        return slope == 0 ? int256(0) : leaf.value;
    }

    /// @dev The earlier report stands: a later one with the same patient is the one to fall.
    function _isInEarlier(
        Case memory found,
        IOutcomeAgreement.MilestoneReport calldata report,
        Refutation calldata refutation
    ) private view returns (bool) {
        _expect(refutation, 2, 0, 1);
        IOutcomeAgreement.MilestoneReport calldata earlier = refutation.earlier[0];
        bytes23 commitment = found.agreement.reportCommitment(found.clause, found.cohort, earlier.number);
        if (
            earlier.clause != found.clause ||
            earlier.cohort != found.cohort ||
            earlier.number >= report.number ||
            commitment == 0 ||
            commitment != bytes23(earlier.hash())
        ) revert NotAnEarlierReport(earlier.number);
        _checkLeaf(found.root, found.leaves, refutation.shown[0]);
        _checkLeaf(earlier.root, _leavesIn(earlier), refutation.shown[1]);
        return refutation.shown[0].patientKey == refutation.shown[1].patientKey;
    }

    function _isNotDue(Case memory found, uint256 asOfDay, ShownLeaf calldata leaf) private view returns (bool) {
        (uint256 indexedDay, uint256 cumulative, ) = found.agreement.batchOf(found.cohort, leaf.batch);
        // A batch that does not exist is another form.
        if (cumulative == 0) return false;
        (bytes memory terms, ClauseAt clause) = _terms(found);
        return indexedDay + terms.span(clause) > asOfDay;
    }

    // ------------------------------------------------------------------------------------------------------ exhibits

    function _expect(Refutation calldata refutation, uint256 leaves, uint256 entries, uint256 reports) private pure {
        if (
            refutation.shown.length != leaves ||
            refutation.entries.length != entries ||
            refutation.earlier.length != reports
        ) revert WrongExhibits(refutation.form);
    }

    function _onlyLeaf(
        Case memory found,
        Refutation calldata refutation
    ) private pure returns (ShownLeaf calldata leaf) {
        _expect(refutation, 1, 0, 0);
        leaf = refutation.shown[0];
        _checkLeaf(found.root, found.leaves, leaf);
    }

    function _twoLeaves(
        Case memory found,
        Refutation calldata refutation
    ) private pure returns (ShownLeaf calldata a, ShownLeaf calldata b) {
        _expect(refutation, 2, 0, 0);
        (a, b) = (refutation.shown[0], refutation.shown[1]);
        _checkLeaf(found.root, found.leaves, a);
        _checkLeaf(found.root, found.leaves, b);
    }

    /// @dev A root that commits to another number than `leaves` has no leaf that this finds: {Form.LeafCount} refutes it.
    function _checkLeaf(bytes32 root, uint256 leaves, ShownLeaf calldata leaf) private pure {
        bytes32 shown = leaf.hash().rootFrom(leaf.position, leaves, leaf.siblings);
        if (shown == 0 || shown != root) revert LeafNotInReport(leaf.position);
    }

    function _follows(ShownLeaf calldata a, ShownLeaf calldata b) private pure returns (bool) {
        return uint256(a.position) + 1 == b.position;
    }

    // --------------------------------------------------------------------------------------------------------- terms

    function _leavesIn(IOutcomeAgreement.MilestoneReport calldata report) private pure returns (uint256 leaves) {
        leaves = report.notEvaluable;
        for (uint256 k = 0; k < report.tallies.length; ++k) leaves += report.tallies[k].patients;
    }

    /// @dev The tier that stands at a position by the tallies, and the first and the last position of it.
    function _tierAt(
        IOutcomeAgreement.MilestoneReport calldata report,
        uint256 position
    ) private pure returns (uint256 tier, uint256 first, uint256 last) {
        for (; tier < report.tallies.length; ++tier) {
            uint256 next = first + report.tallies[tier].patients;
            if (position < next) return (tier, first, next - 1);
            first = next;
        }
        return (tier, first, first + report.notEvaluable - 1);
    }

    function _terms(Case memory found) private view returns (bytes memory terms, ClauseAt clause) {
        terms = found.agreement.packedTerms();
        clause = terms.clauseIn(terms.cohort(found.cohort), found.clause, found.cohort);
    }
}
