// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Book, Entries} from "../libraries/Book.sol";
import {Calendar} from "../libraries/Calendar.sol";
import {Messages} from "../libraries/Messages.sol";
import {Metric, PackedTerms} from "../libraries/PackedTerms.sol";
import {Payoff} from "../libraries/Payoff.sol";
import {ReportSlot, ReportSlots} from "../libraries/ReportSlot.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Clauses} from "./Clauses.sol";

/// @title Reports that the oracle endorsed: they settle at once, or wait out their window as a commitment.
abstract contract Reports is Clauses {
    using Messages for *;
    using PackedTerms for bytes;

    mapping(uint256 report => ReportSlot) internal _reports;

    // -------------------------------------------------------------------------------------------------- stories

    /// @inheritdoc IOutcomeAgreement
    function reportMilestone(
        MilestoneReport calldata report,
        bytes calldata endorsement,
        uint256 hint
    ) external nonReentrant {
        Place memory place = _place(report.clause, report.cohort, report.number);
        Tally[] calldata tallies = report.tallies;
        if (place.terms.isWager(place.clause)) revert WrongKindOfReport(report.clause);
        if (place.terms.metric(place.clause) != Metric.Oracle) revert ReportedByContract(report.clause);
        _checkAsOf(place.terms, report.asOfDay);
        uint256 patients = _patientsIn(tallies, report.notEvaluable, place);
        CohortState storage enrolled = _cohorts[report.cohort];
        uint256 taken = uint256(place.state.assessed()) + place.state.pending();
        uint256 outstanding = enrolled.patients - taken;
        if (patients > outstanding) revert MorePatientsThanEnrolled(patients, outstanding);
        uint256 due = _patientsDue(place, enrolled.number, report.asOfDay, 0, hint);
        // An earlier report may have looked from a later day: then fewer are due on this one than are taken already.
        due = due > taken ? due - taken : 0;
        if (patients > due) revert NotYetDue(patients, due);
        (int256 total, ) = Payoff.ofTallies(place.terms, place.clause, tallies, report.notEvaluable);
        bytes32 structHash = report.hash();
        _useReport(place, enrolled.oracle, structHash, report.lastDay, endorsement);

        emit MilestoneReported(
            report.clause,
            report.cohort,
            report.number,
            report.asOfDay,
            tallies,
            report.notEvaluable,
            report.root,
            total,
            due - patients
        );
        if (place.terms.challengeWindow() != 0) _defer(place, structHash, patients);
        else _settle(place, Book.open(place.terms), patients, total);
    }

    /// @inheritdoc IOutcomeAgreement
    function reportWager(WagerReport memory report, bytes calldata endorsement) external nonReentrant {
        Place memory place = _place(report.clause, report.cohort, report.number);
        if (!place.terms.isWager(place.clause)) revert WrongKindOfReport(report.clause);
        if (place.terms.metric(place.clause) != Metric.Oracle) revert ReportedByContract(report.clause);
        _checkAsOf(place.terms, report.asOfDay);
        if (place.state.settled() || place.state.pending() != 0) revert AlreadySettled(report.clause, report.cohort);
        uint256 due = _wagerDue(place);
        if (report.asOfDay < due) revert NotYetDue(report.asOfDay, due);
        bytes32 structHash = report.hash();
        _useReport(place, _cohorts[report.cohort].oracle, structHash, report.lastDay, endorsement);

        int256 total = _totalOf(report, place);
        emit WagerReported(
            report.clause,
            report.cohort,
            report.number,
            report.asOfDay,
            report.evaluable,
            report.value,
            report.root,
            total
        );
        if (place.terms.challengeWindow() != 0) _defer(place, structHash, 1);
        else _settle(place, Book.open(place.terms), 0, total);
    }

    /// @inheritdoc IOutcomeAgreement
    function settleMilestone(MilestoneReport calldata report) external nonReentrant {
        Place memory place = _place(report.clause, report.cohort, report.number);
        Entries memory entries = _closeUnruled(place, report.hash());
        (int256 total, uint256 patients) = _measure(report, place);
        _settleReport(place, entries, patients, total);
    }

    /// @inheritdoc IOutcomeAgreement
    function settleWager(WagerReport memory report) external nonReentrant {
        Place memory place = _place(report.clause, report.cohort, report.number);
        Entries memory entries = _closeUnruled(place, report.hash());
        place.state = place.state.withPending(0);
        _settleReport(place, entries, 0, _totalOf(report, place));
    }

    // ---------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IOutcomeAgreement
    function pendingReport(
        uint16 clause,
        uint16 cohort,
        uint32 number
    ) external view returns (bytes23 commitment, uint256 landed, uint256 challenged, uint8 challenger) {
        ReportSlot report = _reports[_reportKey(clause, cohort, number)];
        if (report.isPending()) return (report.commitment(), report.landed(), report.challenged(), report.challenger());
    }

    /// @inheritdoc IOutcomeAgreement
    function reportCommitment(uint16 clause, uint16 cohort, uint32 number) external view returns (bytes23) {
        return _reports[_reportKey(clause, cohort, number)].commitment();
    }

    // --------------------------------------------------------------------------------------------------- checks

    /// @dev The oracle endorses this very message, on this chain, for this agreement, today. Evaluated once.
    function _checkEndorsed(
        bytes memory terms,
        address appointed,
        bytes32 structHash,
        uint256 lastDay,
        bytes calldata endorsement
    ) internal view returns (bytes32 digest) {
        _checkLastDay(lastDay);
        digest = _hashTypedDataV4(structHash);
        address endorser = appointed == address(0) ? terms.oracle() : appointed;
        if (!Signatures.isValid(endorser, digest, endorsement)) revert NotEndorsed(digest);
    }

    function _checkAsOf(bytes memory terms, uint256 asOfDay) private view {
        uint256 every = terms.reportEvery();
        if (every != 0) {
            uint256 firstDay = terms.firstDay();
            if (asOfDay < firstDay || (asOfDay - firstDay) % every != 0) {
                revert NotReportingDay(asOfDay, firstDay, every);
            }
        }
        if (asOfDay > Calendar.today()) revert AsOfInFuture(asOfDay, Calendar.today());
    }

    /// @dev Reports come in sequence: a used or skipped number is refused before the endorsement is looked at.
    function _useReport(
        Place memory place,
        address appointed,
        bytes32 structHash,
        uint256 lastDay,
        bytes calldata endorsement
    ) private view {
        uint32 expected = place.state.number() + 1;
        if (place.number != expected) revert WrongNumber(place.number, expected);
        place.state = place.state.withNumber(expected);
        _checkEndorsed(place.terms, appointed, structHash, lastDay, endorsement);
    }

    function _patientsIn(
        Tally[] calldata tallies,
        uint256 notEvaluable,
        Place memory place
    ) private pure returns (uint256 patients) {
        uint256 tiers = place.terms.tiers(place.clause);
        if (tallies.length != tiers) revert WrongTallies(tallies.length, tiers);
        patients = notEvaluable;
        // At most 65,536 numbers of 32 bits.
        unchecked {
            for (uint256 k = 0; k < tiers; ++k) patients += tallies[k].patients;
        }
    }

    // ------------------------------------------------------------------------------------------ pending reports

    /// @dev The report waits as a commitment.
    function _defer(Place memory place, bytes32 structHash, uint256 patients) private {
        _clauses[place.key] = place.state.withPending(place.state.pending() + uint32(patients));
        _reports[_reportKey(place.clausePosition, place.cohortPosition, place.number)] = ReportSlots.landing(
            structHash
        );
    }

    /// @dev Ends a pending report after its window, or after the arbiter's time: then the bond is free.
    function _closeUnruled(Place memory place, bytes32 structHash) private returns (Entries memory entries) {
        ReportSlot report = _takePending(place, structHash, true);
        if (!report.isPending()) revert AlreadySettled(place.clausePosition, place.cohortPosition);
        entries = Book.open(place.terms);
        if (report.challenged() != 0) {
            uint256 until = report.challenged() + place.terms.ruleWithin() * 1 days;
            if (block.timestamp < until) revert ReportChallenged(until);
            _returnBond(place.terms, entries, report.challenger());
        } else {
            uint256 until = report.landed() + place.terms.challengeWindow() * 1 days;
            if (block.timestamp < until) revert ChallengeWindowOpen(until);
        }
    }

    /// @param settles The report's commitment stays; a void one is forgotten.
    function _takePending(Place memory place, bytes32 structHash, bool settles) internal returns (ReportSlot report) {
        uint256 key = _reportKey(place.clausePosition, place.cohortPosition, place.number);
        report = _reports[key];
        if (!report.isPending()) return report;
        if (report.commitment() != bytes23(structHash)) revert NotThePendingReport();
        _reports[key] = settles ? report.asSettled() : ReportSlot.wrap(0);
    }

    /// @dev A report that waited settles.
    function _settleReport(Place memory place, Entries memory entries, uint256 patients, int256 total) internal {
        emit Settled(place.clausePosition, place.cohortPosition, place.number, patients, total);
        _settle(place, entries, patients, total);
    }

    function _returnBond(bytes memory terms, Entries memory entries, uint256 challenger) internal pure {
        uint256 bond = terms.challengeBond();
        entries.locks[challenger] -= int256(bond);
        entries.bondOf = challenger;
        entries.bondReturned = bond;
    }

    /// @dev What a report that is no longer pending moves, and for how many patients.
    function _measure(
        MilestoneReport calldata report,
        Place memory place
    ) internal pure returns (int256 total, uint256 patients) {
        (total, patients) = Payoff.ofTallies(place.terms, place.clause, report.tallies, report.notEvaluable);
        place.state = place.state.withPending(place.state.pending() - uint32(patients));
    }

    function _totalOf(WagerReport memory report, Place memory place) internal view returns (int256) {
        uint256 weight = _weight(place);
        if (!report.evaluable) return place.terms.notEvaluable(place.clause) * int256(weight);
        return Payoff.ofValue(place.terms, place.clause, report.value, weight);
    }

    function _reportKey(uint16 clause, uint16 cohort, uint32 number) internal pure returns (uint256) {
        return (_key(clause, cohort) << 32) | number;
    }
}
