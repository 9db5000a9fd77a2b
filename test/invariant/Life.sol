// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementFactory} from "../../contracts/interfaces/IAgreementFactory.sol";
import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Deciding} from "./Deciding.sol";
import {MoodyToken} from "./MoodyToken.sol";

/// @title The life of one drawn agreement: a call at a time, what must hold in between, and its end in silence.
/// @dev Made as a minimal clone: an agreement, a model and a clock of its own.
contract Life is Deciding {
    uint256 public steps;
    uint256 private _length;

    function begin(IAgreementFactory factory, uint256 seed) external {
        require(clock == 0, "a life begins once");
        _create(factory, seed);
        _length = 60 + _draw(60);
    }

    /// @dev The last part of a life, in which its wagers fall due.
    function _isLate() internal view override returns (bool) {
        return steps * 5 > _length * 2;
    }

    function isOver() external view returns (bool) {
        return steps >= _length;
    }

    /// @notice Makes the call that follows from the seed: rightful or not. A rightful one must pass, a wrongful one be
    /// refused, and what it moved is held against what it may move.
    // solhint-disable-next-line code-complexity
    function step(uint256 seed) external {
        _startDrawing(seed);
        ++steps;
        vm.warp(clock);
        uint256 roll = _draw(1_110);
        if (roll < 120) enrol();
        else if (roll < 200) reportMilestone();
        else if (roll < 270) reportWager();
        else if (roll < 390) settleReport();
        else if (roll < 470) settleClause();
        else if (roll < 500) challenge();
        else if (roll < 650) rule();
        else if (roll < 780) refute();
        else if (roll < 810) lapse();
        else if (roll < 870) agree();
        else if (roll < 880) deposit();
        else if (roll < 900) withdraw();
        else if (roll < 925) assign();
        else if (roll < 955) release();
        else if (roll < 975) appoint();
        else if (roll < 1_035) terminate();
        else if (roll < 1_070) reconfigure();
        else if (roll < 1_085) changeMood();
        else if (roll < 1_097) rebase();
        else _passTime(clock + _draw(4 days));
    }

    /// @notice Rules 1 to 5 for the state as it is.
    function check() external view {
        require(agreement.jointActs() == acts, "rule 3: an act was counted twice or not at all");
        int256[] memory needed = _none();
        for (uint256 k = 0; k < filed.length; ++k) {
            if (filed[k].standing != Standing.Pending || filed[k].challenged == 0) continue;
            needed[filed[k].challenger] += int256(rules.bond);
        }
        for (uint256 cohort = 0; cohort < windows.length; ++cohort) {
            (uint256 patients, uint32 number, , ) = agreement.cohortState(uint16(cohort));
            require(patients == windows[cohort].patients, "rule 3: patients that nobody enrolled");
            require(number == lots[cohort].length, "rule 3: an enrolment out of sequence");
            for (uint256 clause = 0; clause < lines.length; ++clause) {
                if (!ghosts[clause][cohort].applies) continue;
                _checkClause(clause, cohort);
                uint256 times = _timesLocked(clause, cohort);
                if (times != 0) _lock(needed, clause, cohort, int256(times));
            }
        }
        for (uint256 i = 0; i < keys.length; ++i) {
            require(purses[i].locked == needed[i], "rule 2: locks are not what is outstanding");
        }
        _compare();
    }

    /// @notice Rule 6: oracle, arbiter and parties fall silent, the first two even revert when asked. Time and a stranger's
    /// calls, one for each pending report and each clause at most, end every clause and release every lock, whatever the
    /// token does; and once it holds what it owes again, every party withdraws its whole balance.
    /// @param worst Whatever can be in the way is.
    /// @return disputed Reports that waited for the arbiter's word · ended Clauses that a stranger's call ended.
    function fallSilent(uint256 seed, bool worst) external returns (uint256 disputed, uint256 ended) {
        _startDrawing(seed);
        vm.warp(clock);
        if (worst) _challengeAll();
        for (uint256 i = 0; i < filed.length; ++i) {
            if (filed[i].standing == Standing.Pending && filed[i].challenged != 0) ++disputed;
        }
        if (worst || _chance(50)) {
            vm.etch(endorser.account, hex"5f5ffd");
            vm.etch(vm.addr(arbiterKey), hex"5f5ffd");
        }
        if (worst || _chance(30)) {
            uint256 lost = 1 + token.balanceOf(address(agreement)) / 3;
            if (lost <= token.balanceOf(address(agreement))) {
                token.shrink(address(agreement), lost);
                missing += lost;
            }
            for (uint256 i = 0; i < keys.length; ++i) token.setMood(holders[i], MoodyToken.Mood(1 + _draw(4)));
        }
        caller = STRANGER;
        _passTime(_endOfTime() * 1 days);
        uint256 before = accepted;
        uint256 pending = _settlePending();
        ended = _endClauses();
        require(accepted - before <= pending + ended, "rule 6: more calls than reports and clauses");
        for (uint256 i = 0; i < keys.length; ++i) {
            (, , uint256 locked) = agreement.accountOf(uint8(i));
            require(locked == 0, "rule 6: a lock is left");
        }
        _withdrawAll();
    }

    function _challengeAll() private {
        for (uint256 i = 0; i < filed.length; ++i) {
            if (filed[i].standing == Standing.Pending && filed[i].challenged == 0)
                _challenge(filed[i], i % keys.length);
        }
    }

    /// @dev The day by which everything that is asked for has fallen due and every window has passed.
    function _endOfTime() private view returns (uint256 day) {
        day = _today();
        uint256 span;
        for (uint256 i = 0; i < windows.length; ++i) if (windows[i].ends > day) day = windows[i].ends;
        for (uint256 i = 0; i < lines.length; ++i) if (lines[i].span > span) span = lines[i].span;
        return day + span + rules.reportWithin + rules.challengeWindow + rules.ruleWithin + 1;
    }

    function _settlePending() private returns (uint256 pending) {
        for (uint256 i = 0; i < filed.length; ++i) {
            if (filed[i].standing != Standing.Pending) continue;
            _settleFiled(filed[i]);
            ++pending;
        }
    }

    /// @dev What is on outlay waits for the others.
    function _endClauses() private returns (uint256 places) {
        for (uint256 pass = 0; pass < 2; ++pass) {
            for (uint256 cohort = 0; cohort < windows.length; ++cohort) {
                for (uint256 clause = 0; clause < lines.length; ++clause) {
                    if (!ghosts[clause][cohort].applies || lines[clause].outlay != (pass == 1)) continue;
                    if (!_hasEnded(clause, cohort)) {
                        _lapse(clause, cohort, 0);
                        ++places;
                    }
                    require(_hasEnded(clause, cohort), "rule 6: a clause has no end");
                    _checkClause(clause, cohort);
                }
            }
        }
    }

    function _withdrawAll() private {
        if (_isShort()) {
            bytes memory early = _encodeWithdrawal(0, 0, STRANGER);
            _mustFailWith(holders[0], early, IOutcomeAgreement.HeldBelowBalances.selector);
            token.mint(address(agreement), missing);
            missing = 0;
        }
        for (uint256 i = 0; i < keys.length; ++i) {
            uint256 minor = uint256(purses[i].balance);
            address to = vm.addr(_newKey());
            _mustPass(holders[i], _encodeWithdrawal(i, minor * unit, to));
            purses[i].balance = 0;
            require(token.balanceOf(to) == minor * unit, "rule 6: a balance was not paid out whole");
        }
        _compare();
        require(
            token.balanceOf(address(agreement)) + missing == donated * unit,
            "rule 6: tokens are left that are somebody's"
        );
    }

    function _checkClause(uint256 clause, uint256 cohort) private view {
        Ghost storage ghost = ghosts[clause][cohort];
        (uint256 assessed, uint256 pending, uint32 number, uint256 reopened, bool settled, int256 total) = agreement
            .clauseState(uint16(clause), uint16(cohort));
        require(number == ghost.number, "rule 3: a report out of sequence");
        require(total == ghost.total, "rule 5: an outcome was changed");
        require(settled == ghost.settled, "rule 5: an end was undone");
        require(reopened == ghost.reopened, "rule 9: the reporting time ran again twice");
        require(pending == ghost.pending, "rule 5: a report came back");
        if (lines[clause].kind == Kind.AtEnrolment) return;
        require(assessed == ghost.assessed, "rule 5: outcomes were lost or made up");
        if (_isWager(clause)) {
            require(!settled || terminated || _today() >= windows[cohort].ends, "rule 4: too early");
            return;
        }
        require(assessed + pending <= windows[cohort].patients, "rule 4: more outcomes than patients");
        require(
            assessed + pending - ghost.agreed <= _due(clause, cohort, _today()),
            "rule 4: an outcome before its day"
        );
    }
}
