// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "../interfaces/IRefuter.sol";
import {Book, Entries} from "../libraries/Book.sol";
import {Calendar} from "../libraries/Calendar.sol";
import {ClauseSlot} from "../libraries/ClauseSlot.sol";
import {Messages} from "../libraries/Messages.sol";
import {PackedTerms, PartyRange} from "../libraries/PackedTerms.sol";
import {ReportSlot} from "../libraries/ReportSlot.sol";
import {Refuter} from "../Refuter.sol";
import {Reports} from "./Reports.sol";

/// @title How a pending report is fought: challenged by a party, ruled on by the arbiter, refuted by anyone.
abstract contract Disputes is Reports {
    using Book for Entries;
    using Messages for *;
    using PackedTerms for bytes;

    /// @inheritdoc IOutcomeAgreement
    IRefuter public immutable refuter = new Refuter();

    // -------------------------------------------------------------------------------------------------- stories

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

    // --------------------------------------------------------------------------------------------- how they end

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

    function _checkArbiter() private view {
        if (msg.sender != arbiter()) revert NotArbiter(msg.sender);
    }
}
