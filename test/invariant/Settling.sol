// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Recorder} from "./Observer.sol";
import {Reporting} from "./Reporting.sol";

/// @title What ends a clause: windows, the contract's own knowledge, silence, disputes.
abstract contract Settling is Reporting {
    function settleReport() internal {
        (bool challenged, bool wager) = (_chance(30), _wantsWager());
        if (_chance(70)) _bring(challenged, wager);
        if (filed.length == 0) return;
        Filed storage f = _drawFiled(challenged, wager);
        // Mostly its time passes first.
        if (f.standing == Standing.Pending && _chance(70)) _passTime(_settles(f) - (_chance(10) ? 1 : 0));
        _settleFiled(f);
    }

    function settleClause() internal {
        (uint256 clause, uint256 cohort) = _drawByContract();
        bytes memory data = abi.encodeCall(IOutcomeAgreement.settleClause, (uint16(clause), uint16(cohort), _draw(3)));
        if (lines[clause].reported || lines[clause].kind == Kind.AtEnrolment) return _mustFail(caller, data);
        _settleByContract(clause, cohort, data);
    }

    function lapse() internal {
        (uint256 clause, uint256 cohort) = _drawClause();
        for (uint256 i = 0; i < 6 && (!lines[clause].reported || _hasEnded(clause, cohort)); ++i) {
            (clause, cohort) = _drawClause();
        }
        if (_isLate() && _chance(30)) _passTime(clock + 3 days);
        if (lines[clause].kind != Kind.AtEnrolment) _lapse(clause, cohort, _draw(3));
    }

    /// @dev Wagers fall due late.
    function _wantsWager() internal returns (bool) {
        return _chance(_isLate() ? 70 : 20);
    }

    /// @dev Files a report of the kind, and challenges it, when none is pending so.
    function _bring(bool challenged, bool wager) private {
        if (_isPendingSo(challenged, wager)) return;
        if (!_isPendingSo(false, wager)) wager ? reportWager() : reportMilestone();
        if (challenged && _isPendingSo(false, wager)) _challenge(_drawFiled(false, wager), _draw(keys.length));
    }

    function _isPendingSo(bool challenged, bool wager) private view returns (bool) {
        for (uint256 i = filed.length; i > 0; --i) {
            Filed storage f = filed[i - 1];
            if (f.standing == Standing.Pending && (f.challenged != 0) == challenged && f.wager == wager) return true;
        }
        return false;
    }

    // -------------------------------------------------------------------------------------------------- dispute

    function challenge() internal {
        if (filed.length == 0) return;
        _challenge(_drawFiled(false, _chance(50)), _draw(keys.length));
    }

    function _challenge(Filed storage f, uint256 account) internal {
        bytes memory data = abi.encodeCall(
            IOutcomeAgreement.challenge,
            (uint16(f.clause), uint16(f.cohort), f.number, uint8(account))
        );
        bool possible =
            f.standing == Standing.Pending && f.challenged == 0 && clock < f.landed + rules.challengeWindow * 1 days;
        if (!possible) return _mustFail(holders[account], data);
        if (_chance(20)) _mustFail(STRANGER, data);
        uint256 free = _free(account);
        if (free < rules.bond) {
            if (_chance(20)) _mustFailWith(holders[account], data, IOutcomeAgreement.InsufficientEscrow.selector);
            _deposit(account, rules.bond - free);
        }
        _mustPass(holders[account], data);
        f.challenged = clock;
        f.challenger = account;
        purses[account].locked += int256(rules.bond);
        _compare();
    }

    function rule() internal {
        bool wager = _wantsWager();
        if (_chance(90)) _bring(true, wager);
        if (filed.length == 0) return;
        Filed storage f = _drawFiled(true, wager);
        bool uphold = _chance(wager ? 25 : 50);
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
        address arbiter = vm.addr(arbiterKey);
        if (f.standing != Standing.Pending || f.challenged == 0) return _mustFail(arbiter, data);
        if (_chance(20)) _mustFailWith(STRANGER, data, IOutcomeAgreement.NotArbiter.selector);
        Recorder.Log[] memory logs = _mustPass(arbiter, data);
        if (!uphold) {
            _void(f, logs);
            return _lapseReopened(f.clause, f.cohort);
        }
        ghosts[f.clause][f.cohort].pending -= f.counted;
        (int256[] memory money, int256[] memory locks) = _book(f);
        Range memory from = lines[f.clause].from;
        bool ofFrom = f.challenger >= from.first && f.challenger < from.end;
        Range memory other = ofFrom ? lines[f.clause].to : from;
        money[f.challenger] -= int256(rules.bond);
        locks[f.challenger] -= int256(rules.bond);
        for (uint256 i = 0; i < money.length; ++i) money[i] += _part(other, i, int256(rules.bond));
        _post(logs, money, locks, 0, 0, false);
        if (_chance(20)) _mustFail(arbiter, data);
    }

    /// @dev A report is rejected, or refuted: its patients may be reported again, the bond comes back, and the first time
    /// the clause has its reporting time again.
    function _void(Filed storage f, Recorder.Log[] memory logs) internal {
        Ghost storage ghost = ghosts[f.clause][f.cohort];
        ghost.pending -= f.counted;
        f.standing = Standing.Void;
        if (ghost.reopened == 0) ghost.reopened = _today();
        int256 bond = f.challenged == 0 ? int256(0) : int256(rules.bond);
        int256[] memory locks = _none();
        locks[f.challenger] -= bond;
        _post(logs, _none(), locks, f.challenger, bond, false);
    }

    // ------------------------------------------------------------------------------------------------- settling

    /// @dev From when on a pending report settles by anybody's call.
    function _settles(Filed storage f) private view returns (uint256) {
        return f.challenged == 0 ? f.landed + rules.challengeWindow * 1 days : f.challenged + rules.ruleWithin * 1 days;
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
        if (f.standing != Standing.Pending || clock < _settles(f)) return _mustFail(caller, data);
        Recorder.Log[] memory logs = _mustPass(caller, data);
        ghosts[f.clause][f.cohort].pending -= f.counted;
        (int256[] memory money, int256[] memory locks) = _book(f);
        int256 bond = f.challenged == 0 ? int256(0) : int256(rules.bond);
        locks[f.challenger] -= bond;
        _post(logs, money, locks, f.challenger, bond, false);
        if (_chance(10)) _mustFail(caller, data);
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
        if (open || overdue == 0) return _mustFail(caller, data);
        Recorder.Log[] memory logs = _mustPass(caller, data);
        int256 weight = _isWager(clause) ? _weight(clause, cohort) : int256(overdue);
        (int256[] memory money, int256[] memory locks) = _conclude(
            clause,
            cohort,
            overdue,
            ghost.notEvaluable * weight
        );
        _post(logs, money, locks, 0, 0, false);
    }

    /// @dev At times: what a void report left open lapses not on the last day of the reporting time that runs again, but on the next.
    function _lapseReopened(uint256 clause, uint256 cohort) internal {
        if (!_chance(15)) return;
        uint256 last = ghosts[clause][cohort].reopened + rules.reportWithin;
        if (_today() > last) return;
        _passTime(last * 1 days);
        _lapse(clause, cohort, _draw(3));
        _passTime((last + 1) * 1 days);
        _lapse(clause, cohort, _draw(3));
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
            total = parts[clause][cohort][0].pays * int256(patients);
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
        if (!possible) return _mustFail(caller, data);
        Recorder.Log[] memory logs = _mustPass(caller, data);
        (int256[] memory money, int256[] memory locks) = _conclude(clause, cohort, patients, total);
        _post(logs, money, locks, 0, 0, false);
    }

    /// @dev Mostly the last report that waits for a challenge, or for a ruling, of the kind that is wanted; else any.
    function _drawFiled(bool challenged, bool wager) internal returns (Filed storage) {
        uint256 any = _draw(filed.length);
        if (_chance(8)) return filed[any];
        uint256 found = type(uint256).max;
        for (uint256 i = filed.length; i > 0; --i) {
            Filed storage f = filed[i - 1];
            if (f.standing != Standing.Pending || (f.challenged != 0) != challenged) continue;
            found = i - 1;
            if (f.wager == wager) break;
        }
        return filed[found == type(uint256).max ? any : found];
    }

    /// @dev Mostly a clause that the contract settles by itself and that has not ended.
    function _drawByContract() private returns (uint256 clause, uint256 cohort) {
        uint256 places = lines.length * windows.length;
        uint256 start = _draw(places);
        if (_chance(10)) return _drawClause();
        for (uint256 i = 0; i < places; ++i) {
            uint256 place = (start + i) % places;
            (clause, cohort) = (place % lines.length, place / lines.length);
            if (lines[clause].reported || lines[clause].kind == Kind.AtEnrolment) continue;
            if (!ghosts[clause][cohort].applies || _hasEnded(clause, cohort)) continue;
            if (_isWager(clause) ? _today() >= _wagerDue(clause, cohort) : _due(clause, cohort, _today()) > 0) {
                return (clause, cohort);
            }
        }
        return _drawClause();
    }
}
