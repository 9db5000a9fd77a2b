// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "../../contracts/interfaces/IRefuter.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";
import {Enrolling} from "./Enrolling.sol";
import {Recorder} from "./Observer.sol";
import {ReportHash} from "./ReportHash.sol";
import {Tampering} from "./Tampering.sol";
import {Trees} from "./Trees.sol";

/// @title Reports with real leaves: true ones, ones that their own leaves contradict, and forged ones.
abstract contract Reporting is Enrolling {
    using ReportHash for IOutcomeAgreement.MilestoneReport;
    using Messages for IOutcomeAgreement.WagerReport;
    using Trees for IRefuter.ShownLeaf[];

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
        /// The cohort's patients in it, a bit each; those of a wager are all that were enrolled.
        uint256 patients;
        /// How many count on chain.
        uint256 counted;
        int256 total;
        uint256 landed;
        /// Seconds; 0: not challenged.
        uint256 challenged;
        uint256 challenger;
        Standing standing;
        /// What its leaves follow from.
        uint256 salt;
        /// What is wrong with its leaves, and where.
        bool flawed;
        IRefuter.Form flaw;
        uint256 place;
        /// Of a patient twice in the clause: the earlier report.
        uint256 earlier;
    }

    Filed[] internal filed;
    /// @dev The next report is to contradict itself, if it can.
    bool internal wantsFlaw;

    function reportMilestone() internal {
        (uint256 clause, uint256 cohort) = _drawMilestone();
        Ghost storage ghost = ghosts[clause][cohort];
        uint256 asOf = _asOf();
        uint256 due = _due(clause, cohort, asOf);
        uint256 taken = ghost.assessed + ghost.pending;
        due = due > taken ? due - taken : 0;
        if (due == 0 && !wantsFlaw && _chance(60)) return _passTime(clock + _draw(_isLate() ? 4 days : 1 days));
        bool toMany = !wantsFlaw && _chance(6);
        uint256 count = toMany ? due : _draw((due < 7 ? due : 7) + 1);
        if (wantsFlaw && count == 0 && due > 0) count = 1;

        Filed memory f;
        (f.clause, f.cohort, f.number, f.salt) = (clause, cohort, uint32(ghost.number + 1), _draw(1 << 128));
        f.counted = count;
        if (!toMany && (wantsFlaw || _chance(rules.challengeWindow == 0 ? 5 : 30))) _drawFlaw(f);
        f.patients |= _choose(f, asOf, f.patients == 0 ? count : count - 1);
        IRefuter.ShownLeaf[] memory leaves = _leavesOf(f);
        IOutcomeAgreement.MilestoneReport memory report = _tally(f, leaves, asOf);
        f.place = leaves.length == 0 ? 0 : _draw(leaves.length);
        report.root = _rootOf(f, leaves);
        if (toMany) report.notEvaluable += 1;
        uint256 hint = _draw(4);
        bytes memory data = abi.encodeCall(IOutcomeAgreement.reportMilestone, (report, _endorse(report.hash()), hint));
        if (toMany) return _mustFail(caller, data);
        if (_chance(6)) _forge(report);
        Recorder.Log[] memory logs = _mustPass(caller, data);
        f.message = abi.encode(report);
        _file(f, logs);
        if (_chance(10)) _mustFail(caller, data);
    }

    function reportWager() internal {
        (uint256 clause, uint256 cohort, bool found) = _drawWager();
        if (!found && _chance(90)) return;
        Ghost storage ghost = ghosts[clause][cohort];
        if (!found && !ghost.applies) return;
        uint256 asOf = _asOf();
        bool due = asOf >= _wagerDue(clause, cohort) && !ghost.settled && ghost.pending == 0 && lines[clause].reported;

        Filed memory f;
        (f.clause, f.cohort, f.number, f.salt) = (clause, cohort, uint32(ghost.number + 1), _draw(1 << 128));
        f.wager = true;
        f.counted = 1;
        f.patients = (1 << windows[cohort].patients) - 1;
        bool evaluable = _chance(85);
        Part[] storage list = parts[clause][cohort];
        int256 value = list[_draw(list.length)].start + int256(_draw(900)) - 100;
        int256 scaled = evaluable ? _scaledAt(clause, cohort, value) : ghost.notEvaluable * 1e9;
        f.total = (scaled * _weight(clause, cohort)) / 1e9;
        IRefuter.ShownLeaf[] memory leaves = _leavesOf(f);
        f.place = leaves.length == 0 ? 0 : _draw(leaves.length);
        if (rules.challengeWindow != 0 && (wantsFlaw || _chance(30))) {
            f.flaw = IRefuter.Form(_draw(6) == 5 ? uint256(IRefuter.Form.NotEnrolled) : _draw(5));
            f.flawed = Tampering.applies(f.flaw, leaves, true);
        }
        IOutcomeAgreement.WagerReport memory report = IOutcomeAgreement.WagerReport(
            uint16(clause),
            uint16(cohort),
            f.number,
            uint32(asOf),
            evaluable,
            int128(value),
            _rootOf(f, leaves),
            uint32(_today())
        );
        bytes memory data = abi.encodeCall(IOutcomeAgreement.reportWager, (report, _endorse(report.hash())));
        if (!due) return _mustFail(caller, data);
        if (_chance(6)) _forge(report);
        Recorder.Log[] memory logs = _mustPass(caller, data);
        f.message = abi.encode(report);
        _file(f, logs);
        if (_chance(10)) _mustFail(caller, data);
    }

    // --------------------------------------------------------------------------------------------------- leaves

    /// @dev The leaves that a report should have, in order; they follow from its patients and its salt.
    function _leavesOf(Filed memory f) internal view returns (IRefuter.ShownLeaf[] memory leaves) {
        uint256 count;
        for (uint256 bits = f.patients; bits != 0; bits &= bits - 1) ++count;
        leaves = new IRefuter.ShownLeaf[](count);
        uint256 next;
        uint256 number;
        for (uint256 p = 0; next < count; ++p) {
            while (lots[f.cohort][number].first + lots[f.cohort][number].count <= p) ++number;
            if ((f.patients >> p) & 1 == 0) continue;
            bytes32 key = _keyOf(f.cohort, number + 1, p - lots[f.cohort][number].first);
            uint256 chance = uint256(keccak256(abi.encode(f.salt, p)));
            IRefuter.ShownLeaf memory leaf = leaves[next++];
            (leaf.patientKey, leaf.batch, leaf.blind) = (key, uint32(number + 1), bytes32(chance));
            if (f.wager) leaf.tier = uint8(chance % 2);
            else (leaf.tier, leaf.value) = _outcome(f.clause, f.cohort, chance);
        }
        leaves.sort();
        if (!f.wager) _runSums(f, leaves);
    }

    /// @dev The leaves that it has: the ones that it should have, or tampered ones.
    function _shownLeavesOf(Filed memory f) internal view returns (IRefuter.ShownLeaf[] memory leaves) {
        leaves = _leavesOf(f);
        if (f.flawed) leaves = Tampering.tamper(leaves, f.flaw, f.place, _starts(f), f.salt);
    }

    function _rootOf(Filed memory f, IRefuter.ShownLeaf[] memory leaves) private view returns (bytes32) {
        if (f.flawed) leaves = Tampering.tamper(leaves, f.flaw, f.place, _starts(f), f.salt);
        return leaves.root();
    }

    /// @dev Where the tiers of its clause start; none for a wager.
    function _starts(Filed memory f) internal view returns (int256[] memory starts) {
        if (f.wager) return starts;
        Part[] storage list = parts[f.clause][f.cohort];
        starts = new int256[](list.length);
        for (uint256 k = 0; k < list.length; ++k) starts[k] = list[k].start;
    }

    /// @dev The tier and the value of a patient, by chance; one in five is not evaluable.
    function _outcome(uint256 clause, uint256 cohort, uint256 chance) private view returns (uint8 tier, int128 value) {
        Part[] storage list = parts[clause][cohort];
        if (chance % 5 == 0) return (uint8(list.length), 0);
        chance >>= 8;
        uint256 k = chance % list.length;
        chance >>= 8;
        int256 low = k == 0 ? (list.length == 1 ? int256(0) : list[1].start - 100) : list[k].start;
        uint256 width = k == 0 ? 100 : (k + 1 == list.length ? 300 : uint256(list[k + 1].start - list[k].start));
        return (uint8(k), int128(low + int256(chance % width)));
    }

    function _runSums(Filed memory f, IRefuter.ShownLeaf[] memory leaves) private view {
        Part[] storage list = parts[f.clause][f.cohort];
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 tier = leaves[i].tier;
            if (tier == list.length || list[tier].slope == 0) continue;
            bool first = i == 0 || leaves[i - 1].tier != tier;
            leaves[i].runningSum = leaves[i].value + (first ? int128(0) : leaves[i - 1].runningSum);
        }
    }

    /// @dev Counts the leaves, and adds up what they are worth.
    function _tally(
        Filed memory f,
        IRefuter.ShownLeaf[] memory leaves,
        uint256 asOf
    ) private view returns (IOutcomeAgreement.MilestoneReport memory report) {
        Part[] storage list = parts[f.clause][f.cohort];
        report.clause = uint16(f.clause);
        report.cohort = uint16(f.cohort);
        report.number = f.number;
        report.asOfDay = uint32(asOf);
        report.lastDay = uint32(_today());
        report.tallies = new IOutcomeAgreement.Tally[](list.length);
        int256 scaled;
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 tier = leaves[i].tier;
            if (tier == list.length) {
                ++report.notEvaluable;
                scaled += ghosts[f.clause][f.cohort].notEvaluable * 1e9;
                continue;
            }
            ++report.tallies[tier].patients;
            if (list[tier].slope != 0) report.tallies[tier].sum += leaves[i].value;
            scaled += _scaledAt(f.clause, f.cohort, leaves[i].value);
        }
        f.total = scaled / 1e9;
    }

    // ------------------------------------------------------------------------------------------------- patients

    /// @dev Draws what will be wrong. A patient who is not due, or was reported before, is in it from the start.
    function _drawFlaw(Filed memory f) private {
        f.flawed = true;
        f.flaw = IRefuter.Form(_draw(8));
        if (f.counted == 0) f.flaw = IRefuter.Form.LeafCount;
        if (f.flaw == IRefuter.Form.NotDue) {
            Lot[] storage list = lots[f.cohort];
            Lot storage last = list[list.length - 1];
            uint256 bit = 1 << last.first;
            bool due = last.day + lines[f.clause].span <= _asOf();
            if (last.count != 0 && !due && _reported(f.clause, f.cohort) & bit == 0) f.patients = bit;
            else f.flaw = IRefuter.Form.Tier;
        } else if (f.flaw == IRefuter.Form.TwiceInClause) {
            for (uint256 i = filed.length; i > 0 && f.patients == 0; --i) {
                Filed storage e = filed[i - 1];
                if (e.clause != f.clause || e.cohort != f.cohort || e.standing == Standing.Void) continue;
                if (e.flawed || e.patients == 0 || rules.challengeWindow == 0) continue;
                (f.patients, f.earlier) = (e.patients & (~e.patients + 1), i - 1);
            }
            if (f.patients == 0) f.flaw = IRefuter.Form.RunningSum;
        } else if (f.counted == 1 && (f.flaw == IRefuter.Form.Order || f.flaw == IRefuter.Form.TwiceInReport)) {
            f.flaw = IRefuter.Form.NotEnrolled;
        }
    }

    /// @dev Patients due whom no report that stands has named, `count` of them.
    function _choose(Filed memory f, uint256 asOf, uint256 count) private returns (uint256 chosen) {
        uint256 named = _reported(f.clause, f.cohort) | f.patients;
        uint256 due = _due(f.clause, f.cohort, asOf);
        uint256 available;
        for (uint256 p = 0; p < due; ++p) available += 1 - ((named >> p) & 1);
        for (uint256 p = 0; p < due && count > 0; ++p) {
            if ((named >> p) & 1 == 1) continue;
            if (available == count || _draw(available) < count) {
                chosen |= 1 << p;
                --count;
            }
            --available;
        }
        require(count == 0, "the model has fewer patients than are outstanding");
    }

    function _reported(uint256 clause, uint256 cohort) private view returns (uint256 bits) {
        for (uint256 i = 0; i < filed.length; ++i) {
            Filed storage f = filed[i];
            if (f.clause == clause && f.cohort == cohort && f.standing != Standing.Void) bits |= f.patients;
        }
    }

    /// @dev A clause that applies to the cohort.
    function _drawClause() internal returns (uint256 clause, uint256 cohort) {
        cohort = _draw(windows.length);
        clause = _draw(lines.length);
        for (uint256 i = 0; !ghosts[clause][cohort].applies; ++i) {
            clause = (clause + 1) % lines.length;
            if (i % lines.length == lines.length - 1) cohort = (cohort + 1) % windows.length;
        }
    }

    /// @dev A reported milestone, mostly one with patients due.
    function _drawMilestone() private returns (uint256 clause, uint256 cohort) {
        uint256 start = _draw(lines.length * windows.length);
        bool any;
        for (uint256 i = 0; i < lines.length * windows.length; ++i) {
            uint256 place = (start + i) % (lines.length * windows.length);
            (uint256 c, uint256 k) = (place % lines.length, place / lines.length);
            Ghost storage ghost = ghosts[c][k];
            if (lines[c].kind != Kind.Milestone || !ghost.applies) continue;
            if (!any) (clause, cohort, any) = (c, k, true);
            if (_due(c, k, _asOf()) > ghost.assessed + ghost.pending) return (c, k);
        }
    }

    /// @dev A reported wager that is due and open; time may pass until one is.
    function _drawWager() private returns (uint256 clause, uint256 cohort, bool found) {
        uint256 start = _draw(lines.length * windows.length);
        uint256 soonest = type(uint256).max;
        for (uint256 i = 0; i < lines.length * windows.length; ++i) {
            uint256 place = (start + i) % (lines.length * windows.length);
            (uint256 c, uint256 k) = (place % lines.length, place / lines.length);
            Ghost storage ghost = ghosts[c][k];
            if (!_isWager(c) || !lines[c].reported || !ghost.applies) continue;
            (clause, cohort) = (c, k);
            if (ghost.settled || ghost.pending != 0) continue;
            uint256 due = _wagerDue(c, k);
            if (due <= _asOf()) return (c, k, true);
            if (due < soonest) soonest = due;
        }
        if (soonest == type(uint256).max) return (clause, cohort, false);
        // Later in its life it does not wait long.
        if (_isLate()) _passTime(soonest * 1 days);
        else if (_chance(15)) _passTime(clock + 1 days);
    }

    function _isLate() internal view virtual returns (bool);

    /// @dev The last day that is a reporting day.
    function _asOf() internal view returns (uint256) {
        uint256 today = _today();
        return rules.reportEvery == 0 ? today : today - ((today - windows[0].opens) % rules.reportEvery);
    }

    // ---------------------------------------------------------------------------------------------------- books

    /// @dev Keeps a report that went through; without a window it has settled.
    function _file(Filed memory f, Recorder.Log[] memory logs) private {
        ++ghosts[f.clause][f.cohort].number;
        f.landed = clock;
        filed.push(f);
        if (rules.challengeWindow == 0) {
            (int256[] memory money, int256[] memory locks) = _book(filed[filed.length - 1]);
            return _post(logs, money, locks, 0, 0, false);
        }
        ghosts[f.clause][f.cohort].pending += f.counted;
        _compare();
    }

    /// @dev Puts the outcome of a report into the ghost, and returns what it moves.
    function _book(Filed storage f) internal returns (int256[] memory money, int256[] memory locks) {
        f.standing = Standing.Settled;
        return _conclude(f.clause, f.cohort, f.wager ? 0 : f.counted, f.total);
    }

    /// @dev An outcome of `patients`, or of a whole wager.
    function _conclude(
        uint256 clause,
        uint256 cohort,
        uint256 patients,
        int256 total
    ) internal returns (int256[] memory money, int256[] memory locks) {
        Ghost storage ghost = ghosts[clause][cohort];
        (money, locks) = (_none(), _none());
        _lock(locks, clause, cohort, _isWager(clause) ? -int256(_timesLocked(clause, cohort)) : -int256(patients));
        if (_isWager(clause)) ghost.settled = true;
        else ghost.assessed += patients;
        ghost.total += total;
        _along(money, clause, total);
    }

    /// @dev Rule 3: the same report signed by another, for another agreement, out of date, out of sequence or altered.
    function _forge(IOutcomeAgreement.MilestoneReport memory report) private {
        bytes32 hash = report.hash();
        bytes32 digest = _digest(address(agreement), hash);
        _tryReport(report, _sign(0xBAD, digest));
        if (formerKey != 0) _tryReport(report, _sign(formerKey, digest));
        if (endorser.committee) {
            // One member twice, and a member who left.
            _tryReport(report, _signAsMembers(memberKeys[0], memberKeys[0], digest));
            if (retiredKey != 0) _tryReport(report, _signAsMembers(memberKeys[0], retiredKey, digest));
        }
        _tryReport(report, _endorseDigest(_digest(address(token), hash)));
        bytes memory right = _endorse(hash);
        report.root = ~report.root;
        _tryReport(report, right);
        report.root = ~report.root;
        report.number += 1;
        _tryReport(report, _endorse(report.hash()));
        report.number -= 1;
        report.lastDay -= 1;
        _tryReport(report, _endorse(report.hash()));
        report.lastDay += 1;
    }

    function _forge(IOutcomeAgreement.WagerReport memory report) private {
        bytes32 hash = report.hash();
        bytes memory wrong = _sign(0xBAD, _digest(address(agreement), hash));
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.reportWager, (report, wrong)));
        bytes memory right = _endorse(hash);
        report.value += 1;
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.reportWager, (report, right)));
        report.value -= 1;
        report.number += 1;
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.reportWager, (report, _endorse(report.hash()))));
        report.number -= 1;
    }

    function _tryReport(IOutcomeAgreement.MilestoneReport memory report, bytes memory endorsement) private {
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.reportMilestone, (report, endorsement, 0)));
    }
}
