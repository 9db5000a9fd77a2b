// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOracleCommittee} from "../../contracts/interfaces/IOracleCommittee.sol";
import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";
import {Recorder} from "./Observer.sol";
import {Refuting} from "./Refuting.sol";

/// @title What all parties sign together, and what a committee's members do.
abstract contract Deciding is Refuting {
    using Messages for *;

    uint256 private constant _NO_ACCOUNT = 255;

    uint32 internal acts;

    /// @dev Early it would leave little to see: seldom then.
    function terminate() internal {
        bool early;
        for (uint256 i = 0; i < windows.length; ++i) early = early || _today() < windows[i].ends;
        if (early && !_chance(8)) return _passTime(clock + _draw(1 days));
        IOutcomeAgreement.Termination memory act = IOutcomeAgreement.Termination(acts + 1, uint32(_today()));
        _decide(abi.encodeCall(IOutcomeAgreement.terminate, (act, _signAll(act.hash()))));
        terminated = true;
        _compare();
    }

    function agree() internal {
        (uint256 clause, uint256 cohort) = _drawClause();
        for (uint256 i = 0; i < 4 && _hasEnded(clause, cohort); ++i) (clause, cohort) = _drawClause();
        Ghost storage ghost = ghosts[clause][cohort];
        bool possible;
        uint256 patients;
        if (_isWager(clause)) {
            bool closed = terminated || _today() >= windows[cohort].ends;
            possible = closed && !ghost.settled && ghost.pending == 0;
        } else if (!_hasEnded(clause, cohort)) {
            possible = true;
            uint256 outstanding = windows[cohort].patients - ghost.assessed - ghost.pending;
            patients = _draw((outstanding < 3 ? outstanding : 3) + 1);
            if (_chance(5)) (patients, possible) = (outstanding + 1, false);
        }
        int256 locks = _isWager(clause) ? _weight(clause, cohort) : int256(patients);
        int256 low = -int256(toLock[clause][cohort]) * locks;
        int256 high = int256(fromLock[clause][cohort]) * locks;
        bool within = _chance(90);
        int256 total = within ? low + int256(_draw(uint256(high - low) + 1)) : (_chance(50) ? high + 1 : low - 1);

        IOutcomeAgreement.Compromise memory act = IOutcomeAgreement.Compromise(
            uint16(clause),
            uint16(cohort),
            acts + 1,
            uint32(patients),
            int128(total),
            uint32(_today())
        );
        bytes[] memory signatures = _signAll(act.hash());
        bytes memory data = abi.encodeCall(IOutcomeAgreement.agree, (act, signatures));
        if (!possible || !within) return _mustFail(caller, data);
        if (_chance(15)) {
            // Every party signs, and one signature can't stand for another.
            uint256 place = _draw(signatures.length);
            bytes memory kept = signatures[place];
            signatures[place] = signatures[(place + 1) % signatures.length];
            _mustFail(caller, abi.encodeCall(IOutcomeAgreement.agree, (act, signatures)));
            signatures[place] = kept;
        }
        Recorder.Log[] memory logs = _decide(data);
        ghost.agreed += patients;
        (int256[] memory money, int256[] memory freed) = _conclude(clause, cohort, patients, total);
        _post(logs, money, freed, 0, 0, false);
        if (_chance(15)) _mustFail(caller, data);
    }

    function release() internal {
        uint256 to = _draw(keys.length);
        bool unowned = _chance(30);
        uint256 from = unowned ? _NO_ACCOUNT : _draw(keys.length);
        uint256 lost = (missing + unit - 1) / unit;
        uint256 available = unowned ? (donated > lost ? donated - lost : 0) : _free(from);
        bool within = (!unowned || donated >= lost) && _chance(85);
        uint256 amount = within ? _draw(available + 1) : available + 1;
        IOutcomeAgreement.Release memory act = IOutcomeAgreement.Release(
            acts + 1,
            new IOutcomeAgreement.Movement[](1),
            uint32(_today())
        );
        act.movements[0] = IOutcomeAgreement.Movement(uint8(from), uint8(to), uint128(amount));
        bytes memory data = abi.encodeCall(IOutcomeAgreement.release, (act, _signAll(act.hash())));
        if (!within) return _mustFail(caller, data);
        _decide(data);
        if (unowned) donated -= amount;
        else purses[from].balance -= int256(amount);
        purses[to].balance += int256(amount);
        _compare();
    }

    function appoint() internal {
        if (_chance(15)) {
            // A party can't be oracle or arbiter.
            IOutcomeAgreement.Appointment memory wrong = IOutcomeAgreement.Appointment(
                acts + 1,
                _chance(50) ? holders[0] : address(0),
                holders[1],
                uint32(_today())
            );
            bytes memory data = abi.encodeCall(IOutcomeAgreement.appoint, (wrong, _signAll(wrong.hash())));
            _mustFailWith(caller, data, IOutcomeAgreement.InvalidHolder.selector);
        }
        if (_chance(50)) return _appointOracle(_chance(50));
        arbiterKey = _newKey();
        _appoint(address(0), vm.addr(arbiterKey));
    }

    /// @dev Rule 3: from now on the committee's members are others.
    function reconfigure() internal {
        if (!endorser.committee) return _appointOracle(true);
        uint256 place = _draw(memberKeys.length);
        uint256 key = _newKey();
        IOracleCommittee.Reconfiguration memory change;
        (change.add, change.remove) = (new bytes[](1), new bytes[](1));
        change.add[0] = abi.encodePacked(vm.addr(key));
        change.remove[0] = abi.encodePacked(vm.addr(memberKeys[place]));
        (change.threshold, change.number) = (uint64(THRESHOLD), reconfigurations + 1);
        change.lastDay = uint32(_today());
        IOracleCommittee committee = IOracleCommittee(endorser.account);
        bytes32 digest = committee.reconfigurationDigest(change);
        _mustRefuse(committee, change, _signAsMembers(memberKeys[0], 0xBAD, digest));
        bytes memory signature = _signAsMembers(memberKeys[0], memberKeys[1], digest);
        committee.reconfigure(change, signature);
        ++successes[IOracleCommittee.reconfigure.selector];
        _mustRefuse(committee, change, signature);
        reconfigurations += 1;
        (retiredKey, memberKeys[place]) = (memberKeys[place], key);
    }

    function _mustRefuse(
        IOracleCommittee committee,
        IOracleCommittee.Reconfiguration memory change,
        bytes memory signature
    ) private {
        try committee.reconfigure(change, signature) {
            revert("rule 3: members that nobody endorsed");
            // solhint-disable-next-line no-empty-blocks
        } catch {}
    }

    function _appointOracle(bool committee) private {
        formerKey = endorser.key;
        endorser = _newEndorser(committee);
        _appoint(endorser.account, address(0));
    }

    function _appoint(address oracle, address arbiter) private {
        IOutcomeAgreement.Appointment memory act = IOutcomeAgreement.Appointment(
            acts + 1,
            oracle,
            arbiter,
            uint32(_today())
        );
        _decide(abi.encodeCall(IOutcomeAgreement.appoint, (act, _signAll(act.hash()))));
        _compare();
    }

    function _decide(bytes memory data) private returns (Recorder.Log[] memory logs) {
        logs = _mustPass(caller, data);
        ++acts;
    }
}
