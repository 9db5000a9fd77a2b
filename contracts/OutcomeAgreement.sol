// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Disputes} from "./base/Disputes.sol";
import {IOutcomeAgreement} from "./interfaces/IOutcomeAgreement.sol";
import {Batch} from "./libraries/Batches.sol";
import {Book, Entries} from "./libraries/Book.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {ClauseSlot} from "./libraries/ClauseSlot.sol";
import {Messages} from "./libraries/Messages.sol";
import {ClauseAt, CohortAt, Kind, Metric, PackedTerms, PartyRange} from "./libraries/PackedTerms.sol";
import {Payoff} from "./libraries/Payoff.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title One outcome-based agreement.
/// @dev A story reads: find the terms, check, record, fill the book, post it. {Escrow} holds the money, {JointActs} what
/// all parties sign, {Clauses} the outcomes; {Reports} and {Disputes} are how those come. What is left stands here:
/// enrolment, what the contract knows by itself, and ends without a report.
contract OutcomeAgreement is Disputes {
    using Book for Entries;
    using Messages for *;
    using PackedTerms for bytes;

    // -------------------------------------------------------------------------------------------------- stories

    /// @inheritdoc IOutcomeAgreement
    function enrol(
        Enrolment memory enrolment,
        bytes calldata endorsement,
        bytes calldata authorisation
    ) external nonReentrant {
        bytes memory terms = _terms();
        CohortAt cohort = terms.cohort(enrolment.cohort);
        CohortState memory state = _cohorts[enrolment.cohort];
        _checkEnrolment(terms, enrolment, cohort, state);
        bytes32 digest = _checkEndorsed(terms, state.oracle, enrolment.hash(), enrolment.lastDay, endorsement);
        uint256 authoriser = terms.authoriser();
        if (authoriser != 0 && !Signatures.isValid(_holder(terms, authoriser - 1), digest, authorisation)) {
            revert NotAuthorised(digest);
        }

        state.patients += enrolment.patients;
        state.number = enrolment.number;
        state.lastIndexedDay = uint24(enrolment.indexedDay);
        _cohorts[enrolment.cohort] = state;
        _batches[enrolment.cohort][enrolment.number] = Batch(
            enrolment.indexedDay,
            state.patients,
            bytes24(enrolment.root)
        );
        emit Enrolled(enrolment.cohort, enrolment.number, enrolment.patients, enrolment.indexedDay, enrolment.root);

        Entries memory entries = Book.open(terms);
        uint256 clauses = terms.clauses(cohort);
        int256 patients = int256(uint256(enrolment.patients));
        for (uint256 i = 0; i < clauses; ++i) {
            (, ClauseAt clause) = terms.clauseAt(cohort, i);
            Kind kind = terms.kind(clause);
            if (kind == Kind.PaymentAtEnrolment) {
                int256 total = terms.pays(clause) * patients;
                entries.pay(terms, terms.from(clause), terms.to(clause), total);
            } else if (kind == Kind.WagerInTotal) {
                if (enrolment.number == 1) entries.lock(terms, clause, 1);
            } else {
                entries.lock(terms, clause, patients);
            }
        }
        _post(terms, entries);
    }

    /// @inheritdoc IOutcomeAgreement
    function settleClause(uint16 clause, uint16 cohort, uint256 hint) external nonReentrant {
        Place memory place = _place(clause, cohort, 0);
        _checkOutstanding(place);
        if (place.terms.metric(place.clause) == Metric.Oracle) revert ReportedByOracle(clause);
        _settleByContract(place, hint);
    }

    /// @inheritdoc IOutcomeAgreement
    function lapse(uint16 clause, uint16 cohort, uint256 hint) external nonReentrant {
        Place memory place = _place(clause, cohort, 0);
        _checkOutstanding(place);
        if (place.terms.metric(place.clause) != Metric.Oracle) return _settleByContract(place, hint);

        uint256 within = place.terms.reportWithin();
        uint256 today = Calendar.today();
        uint256 reopenedUntil = place.state.reopenedDay() == 0 ? 0 : place.state.reopenedDay() + within;
        uint256 overdue;
        if (place.terms.isWager(place.clause)) {
            overdue = today > _wagerDue(place) + within ? 1 : 0;
        } else {
            // Overdue from the day after the last day of the reporting window.
            uint256 due = _patientsDue(place, _cohorts[cohort].number, today - 1, within, hint);
            overdue = due > place.state.assessed() ? due - place.state.assessed() : 0;
        }
        if (overdue == 0 || today <= reopenedUntil) revert ReportingWindowOpen(overdue, reopenedUntil);
        if (overdue <= place.state.pending()) revert ReportPending(place.state.pending());
        overdue -= place.state.pending();

        if (place.terms.isWager(place.clause)) {
            int256 total = place.terms.notEvaluable(place.clause) * int256(_weight(place));
            emit Lapsed(clause, cohort, 0, total, 0);
            _settle(place, Book.open(place.terms), 0, total);
        } else {
            uint256 due = _patientsDue(place, _cohorts[cohort].number, today, 0, hint);
            int256 total = place.terms.notEvaluable(place.clause) * int256(overdue);
            emit Lapsed(clause, cohort, overdue, total, due - place.state.assessed() - place.state.pending() - overdue);
            _settle(place, Book.open(place.terms), overdue, total);
        }
    }

    /// @inheritdoc IOutcomeAgreement
    function agree(Compromise memory compromise, bytes[] calldata signatures) external nonReentrant {
        Place memory place = _place(compromise.clause, compromise.cohort, 0);
        _useJointAct(place.terms, compromise.number, compromise.lastDay, compromise.hash(), signatures);
        _checkOutstanding(place);
        bool wager = place.terms.isWager(place.clause);
        uint256 locks = wager ? _weight(place) : compromise.patients;
        if (wager) {
            if (place.state.pending() != 0) revert ReportPending(place.state.pending());
            // A later enrolment would lock for a wager that has its outcome: nothing would ever release that.
            uint256 enrolsUntil = place.terms.enrolmentEnds(place.cohort);
            if (!_cohorts[compromise.cohort].terminated && Calendar.today() < enrolsUntil) {
                revert NotYetDue(Calendar.today(), enrolsUntil);
            }
        } else {
            uint256 outstanding =
                _cohorts[compromise.cohort].patients - uint256(place.state.assessed()) - place.state.pending();
            if (locks > outstanding) revert MorePatientsThanEnrolled(locks, outstanding);
        }
        uint256 fromLock = place.terms.fromLock(place.clause) * locks;
        uint256 toLock = place.terms.toLock(place.clause) * locks;
        int256 total = compromise.total;
        if (total > int256(fromLock) || total < -int256(toLock)) revert TotalOutsideLock(total, fromLock, toLock);

        emit Agreed(compromise.clause, compromise.cohort, compromise.number, compromise.patients, compromise.total);
        if (wager) _settle(place, Book.open(place.terms), 0, total);
        else _settle(place, Book.open(place.terms), locks, total);
    }

    // ------------------------------------------------------------------------------------------------ enrolment

    function _checkEnrolment(
        bytes memory terms,
        Enrolment memory enrolment,
        CohortAt cohort,
        CohortState memory state
    ) private view {
        if (state.terminated) revert EnrolmentTerminated();
        uint256 today = Calendar.today();
        uint256 day = enrolment.indexedDay;
        if (
            day < terms.opens(cohort) ||
            day >= terms.closes(cohort) ||
            day > today ||
            today >= terms.enrolmentEnds(cohort)
        ) revert EnrolmentClosed(today, day);
        if (day < state.lastIndexedDay) revert IndexOutOfOrder(day, state.lastIndexedDay);
        uint256 patients = uint256(state.patients) + enrolment.patients;
        if (patients > terms.maxPatients(cohort)) revert CohortFull(patients, terms.maxPatients(cohort));
        if (enrolment.number != state.number + 1) revert WrongNumber(enrolment.number, state.number + 1);
    }

    // ---------------------------------------------------------------------------------- what the contract knows

    /// @dev What the contract knows: patients due by time, the number enrolled, the payer's outlay.
    function _settleByContract(Place memory place, uint256 hint) private {
        uint256 today = Calendar.today();
        if (place.terms.metric(place.clause) == Metric.None) {
            uint256 due = _patientsDue(place, _cohorts[place.cohortPosition].number, today, 0, hint);
            // By a compromise, patients who are not due may have their outcome already.
            if (due <= place.state.assessed()) revert NotYetDue(due, place.state.assessed());
            uint256 patients = due - place.state.assessed();
            int256 total = place.terms.pays(place.clause) * int256(patients);
            emit SettledByContract(place.clausePosition, place.cohortPosition, patients, total);
            return _settle(place, Book.open(place.terms), patients, total);
        }
        uint256 dueDay = _wagerDue(place);
        if (today < dueDay) revert NotYetDue(today, dueDay);
        int256 value =
            place.terms.metric(place.clause) == Metric.Enrolled
                ? int256(uint256(_cohorts[place.cohortPosition].patients))
                : _outlay(place);
        int256 result = Payoff.ofValue(place.terms, place.clause, value, _weight(place));
        emit SettledByContract(place.clausePosition, place.cohortPosition, 0, result);
        _settle(place, Book.open(place.terms), 0, result);
    }

    /// @dev What the payer group and its members paid, net, under the cohort's clauses, those on outlay excepted.
    function _outlay(Place memory place) private view returns (int256 paid) {
        bytes memory terms = place.terms;
        PartyRange payer = terms.payer();
        uint256 patients = _cohorts[place.cohortPosition].patients;
        uint256 clauses = terms.clauses(place.cohort);
        for (uint256 i = 0; i < clauses; ++i) {
            (uint16 position, ClauseAt clause) = terms.clauseAt(place.cohort, i);
            bool pays = _isPart(terms.from(clause), payer);
            if (terms.metric(clause) == Metric.Outlay || !(pays || _isPart(terms.to(clause), payer))) continue;
            ClauseSlot state = _clauses[_key(position, place.cohortPosition)];
            if (!_hasEnded(terms, clause, state, patients)) revert OutcomesOutstanding(position);
            int256 total = _paidAlong(terms, clause, state, patients);
            paid += pays ? total : -total;
        }
    }

    /// @dev A range is the group, or one of it, or has nothing to do with it.
    function _isPart(PartyRange range, PartyRange group) private pure returns (bool) {
        (uint256 first, ) = Book.bounds(range);
        return Book.includes(group, first);
    }
}
