// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Batch, Batches} from "../libraries/Batches.sol";
import {Book, Entries} from "../libraries/Book.sol";
import {ClauseSlot} from "../libraries/ClauseSlot.sol";
import {ClauseAt, CohortAt, Kind, PackedTerms} from "../libraries/PackedTerms.sol";
import {JointActs} from "./JointActs.sol";

/// @title What an agreement knows of its cohorts and clauses, and the one way to an outcome.
/// @dev {Escrow} holds the money, {JointActs} what all parties sign.
abstract contract Clauses is JointActs {
    using Batches for mapping(uint256 => Batch);
    using Book for Entries;
    using PackedTerms for bytes;
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

    mapping(uint256 cohort => CohortState) internal _cohorts;
    mapping(uint256 cohort => mapping(uint256 number => Batch)) internal _batches;
    mapping(uint256 clauseInCohort => ClauseSlot) internal _clauses;

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

    // ----------------------------------------------------------------------------------------------- an outcome

    /// @dev The one way to an outcome: of `patients` of a milestone, or of a whole wager.
    function _settle(Place memory place, Entries memory entries, uint256 patients, int256 total) internal {
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

    /// @dev Something of the clause has no outcome yet.
    function _checkOutstanding(Place memory place) internal view {
        if (_hasEnded(place.terms, place.clause, place.state, _cohorts[place.cohortPosition].patients))
            revert AlreadySettled(place.clausePosition, place.cohortPosition);
    }

    /// @dev Every patient enrolled has an outcome, or the wager has.
    function _hasEnded(
        bytes memory terms,
        ClauseAt clause,
        ClauseSlot state,
        uint256 patients
    ) internal pure returns (bool) {
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
    ) internal pure returns (int256) {
        if (terms.kind(clause) == Kind.PaymentAtEnrolment) return terms.pays(clause) * int256(patients);
        return state.total();
    }

    // --------------------------------------------------------------------------------------------------- lookup

    function _place(uint16 clause, uint16 cohort, uint32 number) internal view returns (Place memory place) {
        place.number = number;
        place.terms = _terms();
        place.cohort = place.terms.cohort(cohort);
        place.clause = place.terms.clauseIn(place.cohort, clause, cohort);
        place.clausePosition = clause;
        place.cohortPosition = cohort;
        place.key = _key(clause, cohort);
        place.state = _clauses[place.key];
    }

    /// @dev How many locks a wager holds: one a patient enrolled, or one once the cohort was opened.
    function _weight(Place memory place) internal view returns (uint256) {
        CohortState memory cohort = _cohorts[place.cohortPosition];
        if (place.terms.kind(place.clause) == Kind.WagerPerPatient) return cohort.patients;
        return cohort.number == 0 ? 0 : 1;
    }

    /// @dev Patients whose due day, put off by `later` days, has come on `day`.
    function _patientsDue(
        Place memory place,
        uint256 lastBatch,
        uint256 day,
        uint256 later,
        uint256 hint
    ) internal view returns (uint256) {
        uint256 span = place.terms.span(place.clause) + later;
        if (day < span) return 0;
        mapping(uint256 => Batch) storage batches = _batches[place.cohortPosition];
        uint256 count = batches.countUpTo(lastBatch, day - span, hint);
        return count == 0 ? 0 : batches[count].cumulative;
    }

    function _wagerDue(Place memory place) internal pure returns (uint256) {
        uint256 due = place.terms.closes(place.cohort) + place.terms.span(place.clause);
        uint256 enrolmentEnds = place.terms.enrolmentEnds(place.cohort);
        return due > enrolmentEnds ? due : enrolmentEnds;
    }

    function _key(uint16 clause, uint16 cohort) internal pure returns (uint256) {
        return (uint256(clause) << 16) | cohort;
    }
}
