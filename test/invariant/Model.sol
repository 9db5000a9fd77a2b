// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clause, Cohort, Payoff as SignedPayoff, Terms} from "../../contracts/interfaces/Terms.sol";
import {SolidityTest} from "../contracts/support/SolidityTest.sol";
import {DrawnTerms} from "./DrawnTerms.sol";

/// @title The terms of an agreement as plainly as a test can hold them, and what the calls so far mean under them.
/// @dev A reference model: nothing of it is read from the agreement, and none of it uses the contracts' libraries.
abstract contract Model is SolidityTest {
    enum Kind {
        AtEnrolment,
        ByTime,
        Milestone,
        PerPatient,
        InTotal
    }

    /// @dev As in {Payoff.Piece}.
    struct Part {
        int256 start;
        int256 pays;
        int256 slope;
    }

    struct Range {
        uint256 first;
        uint256 end;
    }

    struct Line {
        Kind kind;
        /// The oracle reports it.
        bool reported;
        bool outlay;
        /// Days until an outcome can be asked for, grace included.
        uint256 span;
        Range from;
        Range to;
    }

    /// @dev What the tests know of a clause in a cohort from the calls that went through.
    struct Ghost {
        bool applies;
        uint256 assessed;
        uint256 pending;
        /// Of the patients assessed, those who were agreed on.
        uint256 agreed;
        uint256 number;
        uint256 reopened;
        bool settled;
        int256 total;
        int256 notEvaluable;
    }

    /// @dev A batch of enrolment: patients `first` up to `first + count` of the cohort.
    struct Lot {
        uint256 day;
        uint256 first;
        uint256 count;
    }

    struct Window {
        uint256 opens;
        uint256 closes;
        uint256 ends;
        uint256 most;
        /// Known from the calls.
        uint256 patients;
    }

    /// @dev In days; the bond in minor units.
    struct Rules {
        uint256 reportWithin;
        uint256 reportEvery;
        uint256 challengeWindow;
        uint256 ruleWithin;
        uint256 bond;
        /// The member that authorises enrolments, or beyond all members.
        uint256 authoriser;
    }

    /// @dev What an account must hold, and its holder outside, in minor units.
    struct Purse {
        int256 balance;
        int256 locked;
        int256 outside;
    }

    uint256 internal constant WHOLE = 1e8;

    uint256[] internal shares;
    bool[] internal automatic;
    Purse[] internal purses;
    Range internal payers;
    Line[] internal lines;
    Window[] internal windows;
    mapping(uint256 cohort => Lot[]) internal lots;
    mapping(uint256 clause => mapping(uint256 cohort => Ghost)) internal ghosts;
    mapping(uint256 clause => mapping(uint256 cohort => Part[])) internal parts;
    mapping(uint256 clause => mapping(uint256 cohort => uint256)) internal fromLock;
    mapping(uint256 clause => mapping(uint256 cohort => uint256)) internal toLock;
    /// @dev What one lock of a clause holds of a member.
    mapping(uint256 clause => mapping(uint256 cohort => mapping(uint256 member => uint256))) internal lockPart;
    Rules internal rules;
    bool internal terminated;

    function _remember(Terms memory terms) internal {
        rules = Rules(
            terms.oracle.reportWithin,
            terms.oracle.reportEvery,
            terms.oracle.challengeWindow,
            terms.oracle.ruleWithin,
            terms.oracle.challengeBond,
            type(uint256).max
        );
        string memory authoriser = terms.oracle.authorisedBy;
        if (bytes(authoriser).length != 0) rules.authoriser = _range(terms, authoriser).first;
        payers = _range(terms, "payer");
        for (uint256 i = 0; i < terms.parties.length; ++i) {
            shares.push(terms.parties[i].share);
            automatic.push(_same(terms.parties[i].payout, "automatic"));
            purses.push();
        }
        for (uint256 i = 0; i < terms.cohorts.length; ++i) {
            Cohort memory c = terms.cohorts[i];
            uint256 closes = _day(c.closes);
            windows.push(Window(_day(c.opens), closes, closes + c.enrolWithin, c.maxPatients, 0));
        }
        for (uint256 i = 0; i < terms.clauses.length; ++i) _rememberClause(terms, i);
    }

    function _rememberClause(Terms memory terms, uint256 position) private {
        Clause memory clause = terms.clauses[position];
        Line memory line;
        line.outlay = _same(clause.metric, "outlay");
        line.reported = bytes(clause.metric).length != 0 && !line.outlay && !_same(clause.metric, "enrolled");
        line.kind = _kindOf(clause.kind);
        line.span = clause.due + (line.reported ? terms.oracle.grace : 0);
        line.from = _range(terms, clause.from);
        line.to = _range(terms, clause.to);
        lines.push(line);
        for (uint256 i = 0; i < clause.payoffs.length; ++i) {
            SignedPayoff memory payoff = clause.payoffs[i];
            uint256 cohort = payoff.cohort;
            Part[] storage list = parts[position][cohort];
            list.push(Part(0, payoff.pays, 0));
            for (uint256 k = 0; k < payoff.tiers.length; ++k) {
                list.push(Part(payoff.tiers[k].atLeast, payoff.tiers[k].pays, payoff.tiers[k].slope));
            }
            ghosts[position][cohort].applies = true;
            ghosts[position][cohort].notEvaluable = payoff.notEvaluable;
            _rememberLocks(position, cohort);
        }
    }

    /// @dev The most and the least that the payoff, or who can't be evaluated, is worth; the end of a slope counts, and a
    /// part of a minor unit counts whole.
    function _rememberLocks(uint256 clause, uint256 cohort) private {
        Part[] storage list = parts[clause][cohort];
        int256 most = ghosts[clause][cohort].notEvaluable * 1e9;
        int256 least = most;
        for (uint256 k = 0; k < list.length; ++k) {
            int256 begins = list[k].pays * 1e9;
            int256 ends = list[k].slope == 0 ? begins : begins + list[k].slope * (list[k + 1].start - list[k].start);
            if (ends > begins) (begins, ends) = (ends, begins);
            if (begins > most) most = begins;
            if (ends < least) least = ends;
        }
        uint256 from = most > 0 ? (uint256(most) + 1e9 - 1) / 1e9 : 0;
        uint256 to = least < 0 ? (uint256(-least) + 1e9 - 1) / 1e9 : 0;
        fromLock[clause][cohort] = from;
        toLock[clause][cohort] = to;
        for (uint256 i = 0; i < shares.length; ++i) {
            lockPart[clause][cohort][i] = _share(lines[clause].from, i, from) + _share(lines[clause].to, i, to);
        }
    }

    // --------------------------------------------------------------------------------------------------- worth

    /// @notice f(value) × 10⁹.
    function _scaledAt(uint256 clause, uint256 cohort, int256 value) internal view returns (int256 scaled) {
        Part[] storage list = parts[clause][cohort];
        scaled = list[0].pays * 1e9;
        for (uint256 k = 1; k < list.length; ++k) {
            if (value >= list[k].start) scaled = list[k].pays * 1e9 + list[k].slope * (value - list[k].start);
        }
    }

    /// @notice A member's part of a total of the range, by cumulative rounding.
    function _part(Range memory range, uint256 member, int256 total) internal view returns (int256) {
        if (member < range.first || member >= range.end) return 0;
        if (range.end == range.first + 1) return total;
        uint256 before;
        for (uint256 i = range.first; i < member; ++i) before += shares[i];
        uint256 size = uint256(total < 0 ? -total : total);
        uint256 part = (size * (before + shares[member])) / WHOLE - (size * before) / WHOLE;
        return total < 0 ? -int256(part) : int256(part);
    }

    /// @notice Locks that a clause holds now.
    function _timesLocked(uint256 clause, uint256 cohort) internal view returns (uint256) {
        Ghost storage ghost = ghosts[clause][cohort];
        Kind kind = lines[clause].kind;
        if (!ghost.applies || kind == Kind.AtEnrolment || ghost.settled) return 0;
        if (kind == Kind.InTotal) return lots[cohort].length == 0 ? 0 : 1;
        return windows[cohort].patients - ghost.assessed;
    }

    function _weight(uint256 clause, uint256 cohort) internal view returns (int256) {
        if (lines[clause].kind == Kind.PerPatient) return int256(windows[cohort].patients);
        return lots[cohort].length == 0 ? int256(0) : int256(1);
    }

    function _isWager(uint256 clause) internal view returns (bool) {
        return lines[clause].kind > Kind.Milestone;
    }

    function _hasEnded(uint256 clause, uint256 cohort) internal view returns (bool) {
        if (lines[clause].kind == Kind.AtEnrolment) return true;
        Ghost storage ghost = ghosts[clause][cohort];
        return _isWager(clause) ? ghost.settled : ghost.assessed == windows[cohort].patients;
    }

    /// @notice Patients due on `day`, batch by batch.
    function _due(uint256 clause, uint256 cohort, uint256 day) internal view returns (uint256 due) {
        Lot[] storage list = lots[cohort];
        uint256 span = lines[clause].span;
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i].day + span <= day) due += list[i].count;
        }
    }

    function _wagerDue(uint256 clause, uint256 cohort) internal view returns (uint256) {
        uint256 due = windows[cohort].closes + lines[clause].span;
        return due > windows[cohort].ends ? due : windows[cohort].ends;
    }

    /// @notice What the payer group and its members paid, net, under the clauses not on outlay; complete when those ended.
    function _outlay(uint256 cohort) internal view returns (bool complete, int256 paid) {
        complete = true;
        for (uint256 c = 0; c < lines.length; ++c) {
            bool pays = lines[c].from.first >= payers.first && lines[c].from.first < payers.end;
            bool paidTo = lines[c].to.first >= payers.first && lines[c].to.first < payers.end;
            if (lines[c].outlay || !ghosts[c][cohort].applies || !(pays || paidTo)) continue;
            complete = complete && _hasEnded(c, cohort);
            paid += pays ? ghosts[c][cohort].total : -ghosts[c][cohort].total;
        }
    }

    // ------------------------------------------------------------------------------------------------- patients

    /// @notice The batch, from 1, of a cohort's patient.
    function _lotOf(uint256 cohort, uint256 patient) internal view returns (uint256 number) {
        Lot[] storage list = lots[cohort];
        while (list[number].first + list[number].count <= patient) ++number;
        return number + 1;
    }

    /// @notice Keys ascend in a batch, with room between them.
    function _keyOf(uint256 cohort, uint256 number, uint256 inLot) internal view returns (bytes32) {
        uint256 base = uint256(keccak256(abi.encode(address(this), cohort, number)));
        return bytes32((base & ~uint256(0xffff)) + (inLot + 1) * 16);
    }

    // ---------------------------------------------------------------------------------------------------- words

    function _same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    function _share(Range memory range, uint256 member, uint256 lock) private view returns (uint256) {
        if (member < range.first || member >= range.end) return 0;
        if (range.end == range.first + 1) return lock;
        return (lock * shares[member] + WHOLE - 1) / WHOLE;
    }

    function _kindOf(string memory kind) private pure returns (Kind) {
        if (_same(kind, "payment at enrolment")) return Kind.AtEnrolment;
        if (_same(kind, "payment by time")) return Kind.ByTime;
        if (_same(kind, "milestone")) return Kind.Milestone;
        return _same(kind, "wager per patient") ? Kind.PerPatient : Kind.InTotal;
    }

    /// @dev A group's members, or the one member that is named.
    function _range(Terms memory terms, string memory text) private pure returns (Range memory range) {
        for (uint256 i = terms.parties.length; i > 0; --i) {
            string memory group = terms.parties[i - 1].group;
            if (_same(text, string.concat(group, "/", terms.parties[i - 1].name))) return Range(i - 1, i);
            if (!_same(text, group)) continue;
            range.first = i - 1;
            if (range.end == 0) range.end = i;
        }
    }

    /// @dev The day of a date in January 2026, in which all windows lie.
    function _day(uint256 date) private pure returns (uint256) {
        return DrawnTerms.FIRST_DAY + (date - 20_260_101);
    }
}
