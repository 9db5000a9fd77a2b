// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {JointActs} from "./base/JointActs.sol";
import {IOutcomeAgreement} from "./interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "./interfaces/IRefuter.sol";
import {Batch, Batches} from "./libraries/Batches.sol";
import {Book, Entries} from "./libraries/Book.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {ClauseSlot} from "./libraries/ClauseSlot.sol";
import {Messages} from "./libraries/Messages.sol";
import {ClauseAt, CohortAt, Kind, Metric, PackedTerms, PartyRange} from "./libraries/PackedTerms.sol";
import {Payoff} from "./libraries/Payoff.sol";
import {ReportSlot, ReportSlots} from "./libraries/ReportSlot.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Refuter} from "./Refuter.sol";

/// @title One outcome-based agreement.
/// @dev A story reads: find the terms, check, record, fill the book, post it. {Escrow} holds the money, {JointActs} what
/// all parties sign.
contract OutcomeAgreement is JointActs {
    using Batches for mapping(uint256 => Batch);
    using Book for Entries;
    using Messages for *;
    using PackedTerms for bytes;
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev One slot. Every enrolment and report reads it, so what the parties decide together for the whole agreement
    /// stands here too, once a cohort: that costs them a write each, and everybody else no further slot.
    struct CohortState {
        uint32 patients;
        /// Of the last enrolment; each one is a batch, and the first opens the cohort.
        uint32 number;
        uint24 lastIndexedDay;
        /// No more enrolment.
        bool terminated;
        /// Appointed by the parties; zero: the one in the terms.
        address oracle;
    }

    /// @dev What a call knows of one clause in one cohort.
    struct Place {
        bytes terms;
        CohortAt cohort;
        ClauseAt clause;
        uint16 clausePosition;
        uint16 cohortPosition;
        uint256 key;
        ClauseSlot state;
        /// The report's; 0 when the call brings none.
        uint32 number;
    }

    /// @inheritdoc IOutcomeAgreement
    IRefuter public immutable refuter = new Refuter();

    mapping(uint256 cohort => CohortState) private _cohorts;
    mapping(uint256 cohort => mapping(uint256 number => Batch)) private _batches;
    mapping(uint256 clauseInCohort => ClauseSlot) private _clauses;
    mapping(uint256 report => ReportSlot) private _reports;

    // ------------------------------------------------------------------------------------------------ enrolment

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

    // -------------------------------------------------------------------------------------------------- reports

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

    // ------------------------------------------------------------------------------------------------- settling

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

    // -------------------------------------------------------------------------------------------------- dispute

    /// @inheritdoc IOutcomeAgreement
    function challenge(uint16 clause, uint16 cohort, uint32 number, uint8 account) external nonReentrant {
        bytes memory terms = _terms();
        _checkHolder(terms, account);
        uint256 key = _reportKey(clause, cohort, number);
        ReportSlot report = _reports[key];
        if (!report.isPending()) revert AlreadySettled(clause, cohort);
        uint256 closes = report.landed() + terms.challengeWindow() * 1 days;
        if (block.timestamp >= closes) revert ChallengeWindowClosed(closes);
        if (report.challenged() != 0) {
            revert ReportChallenged(report.challenged() + terms.ruleWithin() * 1 days);
        }

        _reports[key] = report.withChallenge(account);
        _lockBond(account, terms.challengeBond());
        emit Challenged(clause, cohort, number, account);
    }

    /// @inheritdoc IOutcomeAgreement
    function ruleMilestone(MilestoneReport calldata report, bool uphold) external nonReentrant {
        _checkArbiter();
        Place memory place = _place(report.clause, report.cohort, report.number);
        Entries memory entries = _rule(place, report.hash(), uphold);
        (int256 total, uint256 patients) = _measure(report, place);
        if (uphold) _settleReport(place, entries, patients, total);
        else _reopen(place, entries);
    }

    /// @inheritdoc IOutcomeAgreement
    function ruleWager(WagerReport memory report, bool uphold) external nonReentrant {
        _checkArbiter();
        Place memory place = _place(report.clause, report.cohort, report.number);
        Entries memory entries = _rule(place, report.hash(), uphold);
        place.state = place.state.withPending(0);
        if (uphold) _settleReport(place, entries, 0, _totalOf(report, place));
        else _reopen(place, entries);
    }

    // ----------------------------------------------------------------------------------------------- refutation

    /// @inheritdoc IOutcomeAgreement
    function refuteMilestone(
        MilestoneReport calldata report,
        IRefuter.Refutation calldata refutation
    ) external nonReentrant {
        Place memory place = _place(report.clause, report.cohort, report.number);
        Entries memory entries = _refute(place, report.hash(), refutation.form);
        _measure(report, place);
        _reopen(place, entries);
    }

    /// @inheritdoc IOutcomeAgreement
    function refuteWager(WagerReport calldata report, IRefuter.Refutation calldata refutation) external nonReentrant {
        Place memory place = _place(report.clause, report.cohort, report.number);
        WagerReport memory content = report;
        Entries memory entries = _refute(place, content.hash(), refutation.form);
        place.state = place.state.withPending(0);
        _reopen(place, entries);
    }

    // ----------------------------------------------------------------------------------------------- compromise

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

    // ---------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IOutcomeAgreement
    function cohortState(
        uint16 cohort
    ) external view returns (uint256 patients, uint32 number, uint256 lastIndexedDay, bool opened) {
        CohortState memory state = _cohorts[cohort];
        return (state.patients, state.number, state.lastIndexedDay, state.number != 0);
    }

    /// @inheritdoc IOutcomeAgreement
    function clauseState(
        uint16 clause,
        uint16 cohort
    )
        external
        view
        returns (uint256 assessed, uint256 pending, uint32 number, uint256 reopenedDay, bool settled, int256 total)
    {
        Place memory place = _place(clause, cohort, 0);
        ClauseSlot state = place.state;
        uint256 patients = _cohorts[cohort].patients;
        assessed = place.terms.kind(place.clause) == Kind.PaymentAtEnrolment ? patients : state.assessed();
        total = _paidAlong(place.terms, place.clause, state, patients);
        return (assessed, state.pending(), state.number(), state.reopenedDay(), state.settled(), total);
    }

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

    /// @inheritdoc IOutcomeAgreement
    function dueBatches(uint16 cohort, uint256 day) external view returns (uint256 batches, uint256 patients) {
        batches = _batches[cohort].countUpTo(_cohorts[cohort].number, day, type(uint256).max);
        return (batches, _batches[cohort][batches].cumulative);
    }

    /// @inheritdoc IOutcomeAgreement
    function batchOf(
        uint16 cohort,
        uint32 number
    ) external view returns (uint256 indexedDay, uint256 cumulative, bytes24 root) {
        Batch memory batch = _batches[cohort][number];
        return (batch.indexedDay, batch.cumulative, batch.root);
    }

    /// @inheritdoc IOutcomeAgreement
    function terminated() external view returns (bool) {
        return _cohorts[0].terminated;
    }

    /// @inheritdoc IOutcomeAgreement
    function oracle() public view override returns (address) {
        return _cohorts[0].oracle == address(0) ? _terms().oracle() : _cohorts[0].oracle;
    }

    // ------------------------------------------------------------------------------------- what parties decided

    function _endEnrolment() internal override {
        uint256 cohorts = _terms().cohorts();
        for (uint256 i = 0; i < cohorts; ++i) _cohorts[i].terminated = true;
    }

    function _replaceOracle(address successor) internal override {
        uint256 cohorts = _terms().cohorts();
        for (uint256 i = 0; i < cohorts; ++i) _cohorts[i].oracle = successor;
    }

    // --------------------------------------------------------------------------------------------------- checks

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

    /// @dev The oracle endorses this very message, on this chain, for this agreement, today. Evaluated once.
    function _checkEndorsed(
        bytes memory terms,
        address appointed,
        bytes32 structHash,
        uint256 lastDay,
        bytes calldata endorsement
    ) private view returns (bytes32 digest) {
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

    /// @dev Something of the clause has no outcome yet.
    function _checkOutstanding(Place memory place) private view {
        if (_hasEnded(place.terms, place.clause, place.state, _cohorts[place.cohortPosition].patients))
            revert AlreadySettled(place.clausePosition, place.cohortPosition);
    }

    function _checkArbiter() private view {
        if (msg.sender != arbiter()) revert NotArbiter(msg.sender);
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

    function _rule(Place memory place, bytes32 structHash, bool uphold) private returns (Entries memory entries) {
        ReportSlot report = _takePending(place, structHash, uphold);
        if (report.challenged() == 0) revert NotChallenged();
        entries = Book.open(place.terms);
        if (uphold) _forfeitBond(place, entries, report.challenger());
        else _returnBond(place.terms, entries, report.challenger());
        emit Ruled(place.clausePosition, place.cohortPosition, place.number, uphold);
    }

    /// @dev Voids a pending report that its own leaves contradict. The refuter has the calls' own signatures, so that it
    /// is asked in the very words of the caller.
    function _refute(
        Place memory place,
        bytes32 structHash,
        IRefuter.Form form
    ) private returns (Entries memory entries) {
        ReportSlot report = _takePending(place, structHash, false);
        if (!report.isPending()) revert AlreadySettled(place.clausePosition, place.cohortPosition);
        Address.functionStaticCall(address(refuter), msg.data);
        entries = Book.open(place.terms);
        if (report.challenged() != 0) _returnBond(place.terms, entries, report.challenger());
        emit Refuted(place.clausePosition, place.cohortPosition, place.number, form);
    }

    /// @param settles The report's commitment stays; a void one is forgotten.
    function _takePending(Place memory place, bytes32 structHash, bool settles) private returns (ReportSlot report) {
        uint256 key = _reportKey(place.clausePosition, place.cohortPosition, place.number);
        report = _reports[key];
        if (!report.isPending()) return report;
        if (report.commitment() != bytes23(structHash)) revert NotThePendingReport();
        _reports[key] = settles ? report.asSettled() : ReportSlot.wrap(0);
    }

    function _returnBond(bytes memory terms, Entries memory entries, uint256 challenger) private pure {
        uint256 bond = terms.challengeBond();
        entries.locks[challenger] -= int256(bond);
        entries.bondOf = challenger;
        entries.bondReturned = bond;
    }

    /// @dev To the clause's other side: `to` when the challenger belongs to `from`, else `from`.
    function _forfeitBond(Place memory place, Entries memory entries, uint256 challenger) private pure {
        int256 bond = int256(place.terms.challengeBond());
        PartyRange from = place.terms.from(place.clause);
        PartyRange other = Book.includes(from, challenger) ? place.terms.to(place.clause) : from;
        entries.locks[challenger] -= bond;
        entries.pay(place.terms, PartyRange.wrap((challenger << 8) | 1), other, bond);
    }

    /// @dev The first rejection in a clause and cohort gives the oracle its time again, once.
    function _reopen(Place memory place, Entries memory entries) private {
        ClauseSlot state = place.state;
        if (state.reopenedDay() == 0) state = state.withReopenedDay(uint32(Calendar.today()));
        _clauses[place.key] = state;
        _post(place.terms, entries);
    }

    // ---------------------------------------------------------------------------------------------------- money

    /// @dev A report that waited settles.
    function _settleReport(Place memory place, Entries memory entries, uint256 patients, int256 total) private {
        emit Settled(place.clausePosition, place.cohortPosition, place.number, patients, total);
        _settle(place, entries, patients, total);
    }

    /// @dev The one way to an outcome: of `patients` of a milestone, or of a whole wager.
    function _settle(Place memory place, Entries memory entries, uint256 patients, int256 total) private {
        (bytes memory terms, ClauseAt clause, ClauseSlot state) = (place.terms, place.clause, place.state);
        uint256 locks = patients;
        if (terms.isWager(clause)) {
            state = state.withOutcome();
            locks = _weight(place);
        } else {
            state = state.withAssessed(state.assessed() + uint32(patients));
        }
        _clauses[place.key] = state.withTotal(state.total() + total.toInt112());
        entries.lock(terms, clause, -int256(locks));
        entries.pay(terms, terms.from(clause), terms.to(clause), total);
        _post(terms, entries);
    }

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

    /// @dev Every patient enrolled has an outcome, or the wager has.
    function _hasEnded(
        bytes memory terms,
        ClauseAt clause,
        ClauseSlot state,
        uint256 patients
    ) private pure returns (bool) {
        Kind kind = terms.kind(clause);
        if (kind == Kind.PaymentAtEnrolment) return true;
        return kind > Kind.Milestone ? state.settled() : state.assessed() == patients;
    }

    /// @dev What `from` paid to `to` along the clause. A payment at enrolment follows from the enrolments and keeps no
    /// state of its own.
    function _paidAlong(
        bytes memory terms,
        ClauseAt clause,
        ClauseSlot state,
        uint256 patients
    ) private pure returns (int256) {
        if (terms.kind(clause) == Kind.PaymentAtEnrolment) return terms.pays(clause) * int256(patients);
        return state.total();
    }

    /// @dev A range is the group, or one of it, or has nothing to do with it.
    function _isPart(PartyRange range, PartyRange group) private pure returns (bool) {
        (uint256 first, ) = Book.bounds(range);
        return Book.includes(group, first);
    }

    /// @dev How many locks a wager holds: one a patient enrolled, or one once the cohort was opened.
    function _weight(Place memory place) private view returns (uint256) {
        CohortState memory cohort = _cohorts[place.cohortPosition];
        if (place.terms.kind(place.clause) == Kind.WagerPerPatient) return cohort.patients;
        return cohort.number == 0 ? 0 : 1;
    }

    // --------------------------------------------------------------------------------------------------- lookup

    function _place(uint16 clause, uint16 cohort, uint32 number) private view returns (Place memory place) {
        place.number = number;
        place.terms = _terms();
        place.cohort = place.terms.cohort(cohort);
        place.clause = place.terms.clauseIn(place.cohort, clause, cohort);
        place.clausePosition = clause;
        place.cohortPosition = cohort;
        place.key = _key(clause, cohort);
        place.state = _clauses[place.key];
    }

    /// @dev Patients whose due day, put off by `later` days, has come on `day`.
    function _patientsDue(
        Place memory place,
        uint256 lastBatch,
        uint256 day,
        uint256 later,
        uint256 hint
    ) private view returns (uint256) {
        uint256 span = place.terms.span(place.clause) + later;
        if (day < span) return 0;
        mapping(uint256 => Batch) storage batches = _batches[place.cohortPosition];
        uint256 count = batches.countUpTo(lastBatch, day - span, hint);
        return count == 0 ? 0 : batches[count].cumulative;
    }

    function _wagerDue(Place memory place) private pure returns (uint256) {
        uint256 due = place.terms.closes(place.cohort) + place.terms.span(place.clause);
        uint256 enrolmentEnds = place.terms.enrolmentEnds(place.cohort);
        return due > enrolmentEnds ? due : enrolmentEnds;
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

    /// @dev What a report that is no longer pending moves, and for how many patients.
    function _measure(
        MilestoneReport calldata report,
        Place memory place
    ) private pure returns (int256 total, uint256 patients) {
        (total, patients) = Payoff.ofTallies(place.terms, place.clause, report.tallies, report.notEvaluable);
        place.state = place.state.withPending(place.state.pending() - uint32(patients));
    }

    function _totalOf(WagerReport memory report, Place memory place) private view returns (int256) {
        uint256 weight = _weight(place);
        if (!report.evaluable) return place.terms.notEvaluable(place.clause) * int256(weight);
        return Payoff.ofValue(place.terms, place.clause, report.value, weight);
    }

    function _key(uint16 clause, uint16 cohort) private pure returns (uint256) {
        return (uint256(clause) << 16) | cohort;
    }

    function _reportKey(uint16 clause, uint16 cohort, uint32 number) private pure returns (uint256) {
        return (_key(clause, cohort) << 32) | number;
    }
}
