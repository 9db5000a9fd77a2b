// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Reporting} from "./Reporting.sol";

/// @title What ends a clause: windows, the contract's own knowledge, silence, disputes.
abstract contract Settling is Reporting {
    function settleReport(uint256 seed) external {
        _startDrawing(seed);
        if (filed.length == 0) return;
        _settleFiled(_drawFiled(_chance(30)));
    }

    function settleClause(uint256 seed) external {
        _startDrawing(seed);
        (uint256 clause, uint256 cohort) = _drawClause();
        bytes memory data = abi.encodeCall(IOutcomeAgreement.settleClause, (uint16(clause), uint16(cohort), _draw(3)));
        if (lines[clause].reported || lines[clause].kind == Kind.AtEnrolment) {
            if (_chance(5)) _mustFail(address(this), data);
            return;
        }
        _settleByContract(clause, cohort, data);
    }

    function lapse(uint256 seed) external {
        _startDrawing(seed);
        (uint256 clause, uint256 cohort) = _drawClause();
        if (lines[clause].kind != Kind.AtEnrolment) _lapse(clause, cohort, _draw(3));
    }

    function challenge(uint256 seed) external {
        _startDrawing(seed);
        if (filed.length == 0) return;
        Filed storage f = _drawFiled(false);
        uint256 account = _draw(keys.length);
        bytes memory data = abi.encodeCall(
            IOutcomeAgreement.challenge,
            (uint16(f.clause), uint16(f.cohort), f.number, uint8(account))
        );
        bool possible =
            f.standing == Standing.Pending &&
                f.challenged == 0 &&
                block.timestamp < f.landed + rules.challengeWindow * 1 days;
        if (!possible) return _mustFail(vm.addr(keys[account]), data);
        _mustFail(address(this), data);
        uint256 free = _free(account);
        if (free < rules.bond) _deposit(account, rules.bond - free);
        Sight memory before = _see();
        _mustPass(vm.addr(keys[account]), data);
        f.challenged = block.timestamp;
        f.challenger = account;
        _checkStill(before, account, int256(rules.bond));
    }

    function rule(uint256 seed) external {
        _startDrawing(seed);
        if (filed.length == 0) return;
        Filed storage f = _drawFiled(true);
        bool uphold = _chance(50);
        bytes memory data =
            f.wager
                ? abi.encodeCall(
                    IOutcomeAgreement.ruleWager,
                    (abi.decode(f.message, (IOutcomeAgreement.WagerReport)), uphold)
                )
                : abi.encodeCall(
                    IOutcomeAgreement.ruleMilestone,
                    (abi.decode(f.message, (IOutcomeAgreement.MilestoneReport)), uphold)
                );
        bool possible = f.standing == Standing.Pending && f.challenged != 0;
        if (!possible) return _mustFail(vm.addr(arbiterKey), data);
        _mustFail(address(this), data);
        Sight memory before = _see();
        _mustPass(vm.addr(arbiterKey), data);
        Ghost storage ghost = ghosts[f.clause][f.cohort];
        ghost.pending -= f.wager ? 1 : f.patients;
        if (uphold) {
            int256[] memory money = _book(f);
            Range memory from = lines[f.clause].from;
            bool ofFrom = f.challenger >= from.first && f.challenger < from.end;
            Range memory other = ofFrom ? lines[f.clause].to : from;
            money[f.challenger] -= int256(rules.bond);
            for (uint256 i = 0; i < money.length; ++i) money[i] += _part(other, i, int256(rules.bond));
            _checkMoved(before, money, 0, 0, false);
        } else {
            f.standing = Standing.Void;
            if (ghost.reopened == 0) ghost.reopened = _today();
            _checkMoved(before, _none(), f.challenger, int256(rules.bond), false);
        }
    }

    function _settleFiled(Filed storage f) internal {
        bytes memory data =
            f.wager
                ? abi.encodeCall(
                    IOutcomeAgreement.settleWager,
                    (abi.decode(f.message, (IOutcomeAgreement.WagerReport)))
                )
                : abi.encodeCall(
                    IOutcomeAgreement.settleMilestone,
                    (abi.decode(f.message, (IOutcomeAgreement.MilestoneReport)))
                );
        uint256 until =
            f.challenged == 0 ? f.landed + rules.challengeWindow * 1 days : f.challenged + rules.ruleWithin * 1 days;
        if (f.standing != Standing.Pending || block.timestamp < until) return _mustFail(address(this), data);
        Sight memory before = _see();
        _mustPass(address(this), data);
        ghosts[f.clause][f.cohort].pending -= f.wager ? 1 : f.patients;
        _checkMoved(before, _book(f), f.challenger, f.challenged == 0 ? int256(0) : int256(rules.bond), false);
    }

    function _lapse(uint256 clause, uint256 cohort, uint256 hint) internal {
        Ghost storage ghost = ghosts[clause][cohort];
        bytes memory data = abi.encodeCall(IOutcomeAgreement.lapse, (uint16(clause), uint16(cohort), hint));
        if (!lines[clause].reported) return _settleByContract(clause, cohort, data);
        bool open = ghost.reopened != 0 && _today() <= ghost.reopened + rules.reportWithin;
        uint256 overdue;
        if (_isWager(clause)) {
            bool late = _today() > _wagerDue(clause, cohort) + rules.reportWithin;
            overdue = late && !ghost.settled && ghost.pending == 0 ? 1 : 0;
        } else {
            uint256 taken = ghost.assessed + ghost.pending;
            uint256 late = _due(clause, cohort, _today() - rules.reportWithin - 1);
            overdue = late > taken ? late - taken : 0;
        }
        if (open || overdue == 0) return _mustFail(address(this), data);
        Sight memory before = _see();
        _mustPass(address(this), data);
        int256 weight = _isWager(clause) ? _weight(clause, cohort) : int256(overdue);
        _checkMoved(before, _conclude(clause, cohort, overdue, ghost.notEvaluable * weight), 0, 0, false);
    }

    /// @dev Patients due by time, a wager on the number enrolled, or on the payer's outlay.
    function _settleByContract(uint256 clause, uint256 cohort, bytes memory data) private {
        Ghost storage ghost = ghosts[clause][cohort];
        uint256 patients;
        int256 total;
        bool possible;
        if (lines[clause].kind == Kind.ByTime) {
            uint256 due = _due(clause, cohort, _today());
            patients = due > ghost.assessed ? due - ghost.assessed : 0;
            possible = patients > 0;
            total = pieces[clause][cohort][0].pays * int256(patients);
        } else {
            possible = !ghost.settled && _today() >= _wagerDue(clause, cohort);
            int256 value = int256(windows[cohort].patients);
            if (lines[clause].outlay) {
                bool complete;
                (complete, value) = _outlay(cohort);
                possible = possible && complete;
            }
            total = (_scaledAt(clause, cohort, value) * _weight(clause, cohort)) / 1e9;
        }
        if (!possible) return _mustFail(address(this), data);
        Sight memory before = _see();
        _mustPass(address(this), data);
        _checkMoved(before, _conclude(clause, cohort, patients, total), 0, 0, false);
    }

    /// @dev An outcome without a report.
    function _conclude(
        uint256 clause,
        uint256 cohort,
        uint256 patients,
        int256 total
    ) internal returns (int256[] memory money) {
        Ghost storage ghost = ghosts[clause][cohort];
        if (_isWager(clause)) ghost.settled = true;
        else ghost.assessed += patients;
        ghost.total += total;
        money = _none();
        _along(money, clause, total);
    }

    /// @dev Mostly the last report that waits for a challenge, or for a ruling; else any.
    function _drawFiled(bool challenged) private returns (Filed storage) {
        uint256 any = _draw(filed.length);
        if (_chance(15)) return filed[any];
        for (uint256 i = filed.length; i > 0 && i + 20 > filed.length; --i) {
            Filed storage f = filed[i - 1];
            if (f.standing == Standing.Pending && (f.challenged != 0) == challenged) return f;
        }
        return filed[any];
    }

    function _outlay(uint256 cohort) private view returns (bool complete, int256 paid) {
        complete = true;
        for (uint256 c = 0; c < lines.length; ++c) {
            bool pays = lines[c].from.first >= payers.first && lines[c].from.first < payers.end;
            bool paidTo = lines[c].to.first >= payers.first && lines[c].to.first < payers.end;
            if (lines[c].outlay || !ghosts[c][cohort].applies || !(pays || paidTo)) continue;
            complete = complete && _hasEnded(c, cohort);
            paid += pays ? ghosts[c][cohort].total : -ghosts[c][cohort].total;
        }
    }
}
