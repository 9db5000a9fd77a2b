// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgreementFactory} from "../../contracts/AgreementFactory.sol";
import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";
import {Settling} from "./Settling.sol";

/// @title All calls of an agreement, what the parties sign together included.
contract Handler is Settling {
    using Messages for *;

    uint256 private constant _NO_ACCOUNT = 255;

    uint32 private _acts;

    constructor(AgreementFactory factory, uint256 shape) {
        _create(factory, shape);
    }

    /// @dev Ends the enrolment of a whole run: seldom.
    function terminate(uint256 seed) external {
        _startDrawing(seed);
        if (!_chance(4)) return;
        IOutcomeAgreement.Termination memory act = IOutcomeAgreement.Termination(++_acts, uint32(_today()));
        Sight memory before = _see();
        _mustPass(address(this), abi.encodeCall(IOutcomeAgreement.terminate, (act, _signAll(act.hash()))));
        terminated = true;
        _checkStill(before, 0, 0);
    }

    function agree(uint256 seed) external {
        _startDrawing(seed);
        if (!_chance(40)) return;
        (uint256 clause, uint256 cohort) = _drawClause();
        Ghost storage ghost = ghosts[clause][cohort];
        uint256 outstanding = windows[cohort].patients - ghost.assessed - (_isWager(clause) ? 0 : ghost.pending);
        bool possible;
        uint256 patients;
        if (_isWager(clause)) {
            bool closed = terminated || _today() >= windows[cohort].ends;
            possible = closed && !ghost.settled && ghost.pending == 0;
        } else {
            patients = _draw((outstanding < 3 ? outstanding : 3) + 1);
            possible = !_hasEnded(clause, cohort);
        }
        int256 locks = _isWager(clause) ? _weight(clause, cohort) : int256(patients);
        int256 low = -int256(ghost.toLock) * locks;
        int256 high = int256(ghost.fromLock) * locks;
        bool within = _chance(85);
        int256 total = within ? low + int256(_draw(uint256(high - low) + 1)) : (_chance(50) ? high + 1 : low - 1);

        IOutcomeAgreement.Compromise memory act = IOutcomeAgreement.Compromise(
            uint16(clause),
            uint16(cohort),
            _acts + 1,
            uint32(patients),
            int128(total),
            uint32(_today())
        );
        bytes[] memory signatures = _signAll(act.hash());
        bytes memory data = abi.encodeCall(IOutcomeAgreement.agree, (act, signatures));
        if (!possible || !within) return _mustFail(address(this), data);
        // Every party signs, and one signature can't stand for another.
        bytes memory kept = signatures[0];
        signatures[0] = signatures[1];
        _mustFail(address(this), abi.encodeCall(IOutcomeAgreement.agree, (act, signatures)));
        signatures[0] = kept;
        Sight memory before = _see();
        _mustPass(address(this), data);
        ++_acts;
        ghost.agreed += patients;
        _checkMoved(before, _conclude(clause, cohort, patients, total), 0, 0, false);
        _mustFail(address(this), data);
    }

    function release(uint256 seed) external {
        _startDrawing(seed);
        uint256 to = _draw(keys.length);
        bool unowned = _chance(30);
        uint256 from = unowned ? _NO_ACCOUNT : _draw(keys.length);
        uint256 available = unowned ? donated : _free(from);
        bool within = _chance(85);
        uint256 amount = within ? _draw(available + 1) : available + 1;
        IOutcomeAgreement.Release memory act = IOutcomeAgreement.Release(
            _acts + 1,
            new IOutcomeAgreement.Movement[](1),
            uint32(_today())
        );
        act.movements[0] = IOutcomeAgreement.Movement(uint8(from), uint8(to), uint128(amount));
        bytes memory data = abi.encodeCall(IOutcomeAgreement.release, (act, _signAll(act.hash())));
        Sight memory before = _see();
        if (!within) return _mustFail(address(this), data);
        _mustPass(address(this), data);
        ++_acts;
        if (unowned) donated -= amount;
        else before.balance[from] -= int256(amount);
        before.balance[to] += int256(amount);
        _checkStill(before, 0, 0);
    }

    function appoint(uint256 seed) external {
        _startDrawing(seed);
        bool oracle = _chance(50);
        address successor = vm.addr(nextKey);
        IOutcomeAgreement.Appointment memory act = IOutcomeAgreement.Appointment(
            ++_acts,
            oracle ? successor : address(0),
            oracle ? address(0) : successor,
            uint32(_today())
        );
        Sight memory before = _see();
        _mustPass(address(this), abi.encodeCall(IOutcomeAgreement.appoint, (act, _signAll(act.hash()))));
        if (oracle) oracleKey = nextKey++;
        else arbiterKey = nextKey++;
        _checkStill(before, 0, 0);
    }

    /// @notice Rules 1 to 5 for the state as it is; what each call moved was held against rules 2 and 10 as it was made.
    function check() external view {
        uint256 sum = _checkAccounts();
        require(token.balanceOf(address(agreement)) == (sum + donated) * UNIT, "rule 1: balances and tokens differ");
        require(agreement.jointActs() == _acts, "rule 3: an act was counted twice or not at all");
        for (uint256 cohort = 0; cohort < windows.length; ++cohort) {
            (uint256 patients, uint32 number, , ) = agreement.cohortState(uint16(cohort));
            require(patients == windows[cohort].patients, "rule 3: patients that nobody enrolled");
            require(number == windows[cohort].number, "rule 3: an enrolment out of sequence");
            for (uint256 clause = 0; clause < lines.length; ++clause) {
                if (ghosts[clause][cohort].applies) _checkClause(clause, cohort);
            }
        }
    }

    /// @notice Rule 6: time and anyone's calls alone end every clause, and release every lock.
    function runOff() external {
        vm.warp(block.timestamp + 400 days);
        for (uint256 i = 0; i < filed.length; ++i) {
            if (filed[i].standing == Standing.Pending) _settleFiled(filed[i]);
        }
        // What is on outlay waits for the others.
        for (uint256 pass = 0; pass < 2; ++pass) {
            for (uint256 cohort = 0; cohort < windows.length; ++cohort) {
                for (uint256 clause = 0; clause < lines.length; ++clause) {
                    if (!ghosts[clause][cohort].applies || _hasEnded(clause, cohort)) continue;
                    if (lines[clause].outlay == (pass == 1)) _lapse(clause, cohort, 0);
                    require(pass == 0 || _hasEnded(clause, cohort), "rule 6: a clause has no end");
                }
            }
        }
        for (uint256 i = 0; i < keys.length; ++i) {
            (, , uint256 locked) = agreement.accountOf(uint8(i));
            require(locked == 0, "rule 6: a lock is left");
        }
    }

    /// @dev Rule 1, and that locks are what the outstanding outcomes and the bonds need: no more, no less.
    function _checkAccounts() private view returns (uint256 sum) {
        for (uint256 i = 0; i < keys.length; ++i) {
            (, uint256 balance, uint256 locked) = agreement.accountOf(uint8(i));
            require(balance >= locked, "rule 1: more is locked than held");
            sum += balance;
            uint256 needed;
            for (uint256 cohort = 0; cohort < windows.length; ++cohort) {
                for (uint256 clause = 0; clause < lines.length; ++clause) {
                    uint256 times = _timesLocked(clause, cohort);
                    if (times != 0) needed += times * _lockPart(clause, cohort, i);
                }
            }
            for (uint256 k = 0; k < filed.length; ++k) {
                bool posted = filed[k].standing == Standing.Pending && filed[k].challenged != 0;
                if (posted && filed[k].challenger == i) needed += rules.bond;
            }
            require(locked == needed, "rule 2: locks are not what is outstanding");
        }
    }

    function _checkClause(uint256 clause, uint256 cohort) private view {
        Ghost storage ghost = ghosts[clause][cohort];
        (uint256 assessed, uint256 pending, uint32 number, uint256 reopened, bool settled, int256 total) = agreement
            .clauseState(uint16(clause), uint16(cohort));
        require(number == ghost.number, "rule 3: a report out of sequence");
        require(total == ghost.total, "rule 5: an outcome was changed");
        require(settled == ghost.settled && reopened == ghost.reopened, "rule 5: an end was undone");
        require(pending == ghost.pending, "rule 5: a report came back");
        if (lines[clause].kind == Kind.AtEnrolment) return;
        require(assessed == ghost.assessed, "rule 5: outcomes were lost or made up");
        if (_isWager(clause)) {
            require(
                !settled || ghost.agreed != 0 || terminated || _today() >= windows[cohort].ends,
                "rule 4: too early"
            );
            return;
        }
        require(assessed + pending <= windows[cohort].patients, "rule 4: more outcomes than patients");
        require(
            assessed + pending - ghost.agreed <= _due(clause, cohort, _today()),
            "rule 4: an outcome before its day"
        );
    }
}
