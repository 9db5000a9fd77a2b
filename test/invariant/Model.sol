// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgreementFactory} from "../../contracts/AgreementFactory.sol";
import {OutcomeAgreement} from "../../contracts/OutcomeAgreement.sol";
import {Clause, Cohort, Legal, Payoff as SignedPayoff, Terms} from "../../contracts/interfaces/Terms.sol";
import {Payoff, Piece} from "../../contracts/libraries/Payoff.sol";
import {PlainToken} from "../../contracts/mocks/PlainToken.sol";
import {SolidityTest} from "../contracts/support/SolidityTest.sol";
import {Shapes} from "./Shapes.sol";

/// @title An agreement made from one of the shapes, and its terms as plainly as a test can hold them.
abstract contract Model is SolidityTest {
    enum Kind {
        AtEnrolment,
        ByTime,
        Milestone,
        PerPatient,
        InTotal
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
        uint256 fromLock;
        uint256 toLock;
    }

    struct Window {
        uint256 opens;
        uint256 closes;
        uint256 ends;
        uint256 most;
        /// Known from the calls.
        uint256 patients;
        uint256 number;
        uint256 lastIndexed;
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

    uint256 internal constant WHOLE = 1e8;
    /// @dev Tokens in a minor unit: the token has four decimals more than the currency.
    uint256 internal constant UNIT = 1e4;

    OutcomeAgreement public agreement;
    PlainToken internal token;
    uint256 internal oracleKey = 0xA11CE;
    uint256 internal arbiterKey = 0xB0B;
    uint256 internal nextKey = 0xC0FFEE;

    uint256[] internal keys;
    uint256[] internal shares;
    bool[] internal automatic;
    Range internal payers;
    Line[] internal lines;
    Window[] internal windows;
    mapping(uint256 clause => mapping(uint256 cohort => Ghost)) internal ghosts;
    mapping(uint256 clause => mapping(uint256 cohort => Piece[])) internal pieces;
    Rules internal rules;

    function _create(AgreementFactory factory, uint256 shape) internal {
        vm.warp(Shapes.FIRST_DAY * 1 days);
        token = new PlainToken(6);
        address[] memory parties = new address[](8);
        for (uint256 i = 0; i < parties.length; ++i) {
            keys.push(nextKey);
            parties[i] = vm.addr(nextKey++);
        }
        Terms memory terms = Shapes.build(shape, address(token), vm.addr(oracleKey), vm.addr(arbiterKey), parties);
        while (keys.length > terms.parties.length) keys.pop();
        bytes32 digest = factory.digest(terms, Legal(0, "", ""));
        bytes[] memory signatures = new bytes[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) signatures[i] = _sign(keys[i], digest);
        agreement = OutcomeAgreement(factory.create(terms, Legal(0, "", ""), signatures));
        token.approve(address(agreement), type(uint256).max);
        _remember(terms);
    }

    function _remember(Terms memory terms) private {
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
        }
        for (uint256 i = 0; i < terms.cohorts.length; ++i) {
            Cohort memory c = terms.cohorts[i];
            uint256 closes = _day(c.closes);
            windows.push(Window(_day(c.opens), closes, closes + c.enrolWithin, c.maxPatients, 0, 0, 0));
        }
        for (uint256 i = 0; i < terms.clauses.length; ++i) _rememberClause(terms, i);
    }

    function _rememberClause(Terms memory terms, uint256 position) private {
        Clause memory clause = terms.clauses[position];
        Line memory line;
        bool known = _same(clause.metric, "enrolled") || _same(clause.metric, "outlay");
        line.reported = bytes(clause.metric).length != 0 && !known;
        line.outlay = _same(clause.metric, "outlay");
        line.kind = _kindOf(clause.kind);
        line.span = clause.due + (line.reported ? terms.oracle.grace : 0);
        line.from = _range(terms, clause.from);
        line.to = _range(terms, clause.to);
        lines.push(line);
        for (uint256 i = 0; i < clause.payoffs.length; ++i) {
            SignedPayoff memory payoff = clause.payoffs[i];
            Piece[] storage list = pieces[position][payoff.cohort];
            list.push(Piece(0, payoff.pays, 0));
            for (uint256 k = 0; k < payoff.tiers.length; ++k) {
                list.push(Piece(payoff.tiers[k].atLeast, payoff.tiers[k].pays, payoff.tiers[k].slope));
            }
            Ghost storage ghost = ghosts[position][payoff.cohort];
            ghost.applies = true;
            ghost.notEvaluable = payoff.notEvaluable;
            (ghost.fromLock, ghost.toLock) = Payoff.locks(list, payoff.notEvaluable);
        }
    }

    // --------------------------------------------------------------------------------------------------- worth

    /// @notice f(value) × 10⁹.
    function _scaledAt(uint256 clause, uint256 cohort, int256 value) internal view returns (int256 scaled) {
        Piece[] storage list = pieces[clause][cohort];
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

    /// @notice What one lock of a clause holds of a member.
    function _lockPart(uint256 clause, uint256 cohort, uint256 member) internal view returns (uint256) {
        Ghost storage ghost = ghosts[clause][cohort];
        return _share(lines[clause].from, member, ghost.fromLock) + _share(lines[clause].to, member, ghost.toLock);
    }

    /// @notice Locks that a clause holds now, by what the calls so far mean.
    function _timesLocked(uint256 clause, uint256 cohort) internal view returns (uint256) {
        Ghost storage ghost = ghosts[clause][cohort];
        Kind kind = lines[clause].kind;
        if (!ghost.applies || kind == Kind.AtEnrolment || ghost.settled) return 0;
        if (kind == Kind.InTotal) return windows[cohort].number == 0 ? 0 : 1;
        return windows[cohort].patients - ghost.assessed;
    }

    function _weight(uint256 clause, uint256 cohort) internal view returns (int256) {
        if (lines[clause].kind == Kind.PerPatient) return int256(windows[cohort].patients);
        return windows[cohort].number == 0 ? int256(0) : int256(1);
    }

    function _isWager(uint256 clause) internal view returns (bool) {
        return lines[clause].kind > Kind.Milestone;
    }

    function _hasEnded(uint256 clause, uint256 cohort) internal view returns (bool) {
        if (lines[clause].kind == Kind.AtEnrolment) return true;
        Ghost storage ghost = ghosts[clause][cohort];
        return _isWager(clause) ? ghost.settled : ghost.assessed == windows[cohort].patients;
    }

    /// @notice Patients due on `day`, batch by batch, from what the contract shows of its batches.
    function _due(uint256 clause, uint256 cohort, uint256 day) internal view returns (uint256 due) {
        uint256 before;
        for (uint32 i = 1; i <= windows[cohort].number; ++i) {
            (uint256 day_, uint256 cumulative, ) = agreement.batchOf(uint16(cohort), i);
            if (day_ + lines[clause].span <= day) due += cumulative - before;
            before = cumulative;
        }
    }

    function _wagerDue(uint256 clause, uint256 cohort) internal view returns (uint256) {
        uint256 due = windows[cohort].closes + lines[clause].span;
        return due > windows[cohort].ends ? due : windows[cohort].ends;
    }

    function _today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

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

    /// @dev The day of a date in the shapes' year, 2026.
    function _day(uint256 date) private pure returns (uint256) {
        uint8[4] memory lengths = [31, 28, 31, 30];
        uint256 day = Shapes.FIRST_DAY + (date % 100) - 1;
        for (uint256 month = 1; month < (date / 100) % 100; ++month) day += lengths[month - 1];
        return day;
    }
}
