// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";
import {Piece} from "../../contracts/libraries/Payoff.sol";
import {Enrolling} from "./Enrolling.sol";
import {ReportHash} from "./ReportHash.sol";

/// @title Reports, true and forged.
abstract contract Reporting is Enrolling {
    using ReportHash for IOutcomeAgreement.MilestoneReport;
    using Messages for IOutcomeAgreement.WagerReport;

    enum Standing {
        Pending,
        Settled,
        Void
    }

    /// @dev A report that went through.
    struct Filed {
        uint256 clause;
        uint256 cohort;
        uint32 number;
        bool wager;
        /// ABI encoding of the message.
        bytes message;
        uint256 patients;
        int256 total;
        uint256 landed;
        /// Seconds; 0: not challenged.
        uint256 challenged;
        uint256 challenger;
        Standing standing;
    }

    Filed[] internal filed;

    function reportMilestone(uint256 seed) external {
        _startDrawing(seed);
        (uint256 clause, uint256 cohort) = _drawClause();
        if (lines[clause].kind != Kind.Milestone) return;
        Ghost storage ghost = ghosts[clause][cohort];
        uint256 asOf = _asOf();
        uint256 due = _due(clause, cohort, asOf);
        uint256 taken = ghost.assessed + ghost.pending;
        due = due > taken ? due - taken : 0;
        bool honest = due > 0 ? _chance(90) : _chance(10);
        uint256 patients = honest ? _draw((due < 7 ? due : 7) + 1) : due + 1;
        if (due == 0 && honest && !_chance(20)) return;

        IOutcomeAgreement.MilestoneReport memory report = IOutcomeAgreement.MilestoneReport(
            uint16(clause),
            uint16(cohort),
            uint32(ghost.number + 1),
            uint32(asOf),
            new IOutcomeAgreement.Tally[](pieces[clause][cohort].length),
            0,
            bytes32(seed),
            uint32(_today())
        );
        int256 total = _fill(report, patients);
        bytes memory data = abi.encodeCall(
            IOutcomeAgreement.reportMilestone,
            (report, _endorse(report.hash()), _draw(4))
        );
        if (patients > due) return _mustFail(address(this), data);
        if (_chance(10)) _forge(report);
        Sight memory before = _see();
        _mustPass(address(this), data);
        _file(clause, cohort, false, abi.encode(report), patients, total);
        _afterReport(before);
        _mustFail(address(this), data);
    }

    function reportWager(uint256 seed) external {
        _startDrawing(seed);
        (uint256 clause, uint256 cohort) = _drawClause();
        if (!_isWager(clause) || !lines[clause].reported) return;
        Ghost storage ghost = ghosts[clause][cohort];
        uint256 asOf = _asOf();
        bool due = asOf >= _wagerDue(clause, cohort) && !ghost.settled && ghost.pending == 0;
        if (!due && !_chance(5)) return;

        bool evaluable = _chance(85);
        Piece[] storage list = pieces[clause][cohort];
        int256 value = list[_draw(list.length)].start + int256(_draw(900)) - 100;
        int256 scaled = evaluable ? _scaledAt(clause, cohort, value) : ghost.notEvaluable * 1e9;
        IOutcomeAgreement.WagerReport memory report = IOutcomeAgreement.WagerReport(
            uint16(clause),
            uint16(cohort),
            uint32(ghost.number + 1),
            uint32(asOf),
            evaluable,
            int128(value),
            bytes32(seed),
            uint32(_today())
        );
        bytes memory data = abi.encodeCall(IOutcomeAgreement.reportWager, (report, _endorse(report.hash())));
        if (!due) return _mustFail(address(this), data);
        Sight memory before = _see();
        _mustPass(address(this), data);
        _file(clause, cohort, true, abi.encode(report), 0, (scaled * _weight(clause, cohort)) / 1e9);
        _afterReport(before);
        _mustFail(address(this), data);
    }

    /// @dev A clause that applies to the cohort.
    function _drawClause() internal returns (uint256 clause, uint256 cohort) {
        cohort = _draw(windows.length);
        clause = _draw(lines.length);
        while (!ghosts[clause][cohort].applies) clause = (clause + 1) % lines.length;
    }

    /// @dev Puts the outcome of a report into the ghost, and returns what it moves.
    function _book(Filed storage f) internal returns (int256[] memory money) {
        Ghost storage ghost = ghosts[f.clause][f.cohort];
        f.standing = Standing.Settled;
        ghost.assessed += f.patients;
        ghost.settled = f.wager;
        ghost.total += f.total;
        money = _none();
        _along(money, f.clause, f.total);
    }

    /// @dev The last day that is a reporting day.
    function _asOf() private view returns (uint256) {
        if (rules.reportEvery == 0) return _today();
        uint256 first = windows[0].opens;
        return _today() - ((_today() - first) % rules.reportEvery);
    }

    /// @dev Draws each patient's value, tallies it, and adds up what they are worth.
    function _fill(IOutcomeAgreement.MilestoneReport memory report, uint256 patients) private returns (int256) {
        Piece[] storage list = pieces[report.clause][report.cohort];
        int256 scaled;
        for (uint256 i = 0; i < patients; ++i) {
            if (_chance(20)) {
                ++report.notEvaluable;
                scaled += ghosts[report.clause][report.cohort].notEvaluable * 1e9;
                continue;
            }
            uint256 k = _draw(list.length);
            ++report.tallies[k].patients;
            if (list[k].slope == 0) {
                scaled += list[k].pays * 1e9;
                continue;
            }
            int256 value = list[k].start + int256(_draw(uint256(list[k + 1].start - list[k].start)));
            report.tallies[k].sum += int128(value);
            scaled += _scaledAt(report.clause, report.cohort, value);
        }
        return scaled / 1e9;
    }

    function _file(
        uint256 clause,
        uint256 cohort,
        bool wager,
        bytes memory message,
        uint256 patients,
        int256 total
    ) private {
        Ghost storage ghost = ghosts[clause][cohort];
        uint32 number = uint32(++ghost.number);
        filed.push(
            Filed(clause, cohort, number, wager, message, patients, total, block.timestamp, 0, 0, Standing.Pending)
        );
    }

    function _afterReport(Sight memory before) private {
        Filed storage f = filed[filed.length - 1];
        if (rules.challengeWindow == 0) return _checkMoved(before, _book(f), 0, 0, false);
        ghosts[f.clause][f.cohort].pending += f.wager ? 1 : f.patients;
        _checkStill(before, 0, 0);
    }

    /// @dev Rule 3: the same report signed by another, for another agreement, out of date, or out of sequence.
    function _forge(IOutcomeAgreement.MilestoneReport memory report) private {
        bytes32 hash = report.hash();
        _tryReport(report, _sign(0xBAD, _digest(address(agreement), hash)));
        _tryReport(report, _sign(oracleKey, _digest(address(token), hash)));
        bytes memory right = _endorse(hash);
        report.notEvaluable += 1;
        _tryReport(report, right);
        report.notEvaluable -= 1;
        report.number += 1;
        _tryReport(report, _endorse(report.hash()));
        report.number -= 1;
        report.lastDay = uint32(_today() - 1);
        _tryReport(report, _endorse(report.hash()));
        report.lastDay = uint32(_today());
    }

    function _tryReport(IOutcomeAgreement.MilestoneReport memory report, bytes memory endorsement) private {
        _mustFail(address(this), abi.encodeCall(IOutcomeAgreement.reportMilestone, (report, endorsement, 0)));
    }
}
