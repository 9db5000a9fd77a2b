// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {IAgreementFactory} from "../interfaces/IAgreementFactory.sol";
import {Clause, Cohort, OracleTerms, Party, Payoff, Terms, Tier} from "../interfaces/Terms.sol";
import {Book} from "./Book.sol";
import {Calendar} from "./Calendar.sol";
import {Kind, Metric, PackedTerms} from "./PackedTerms.sol";
import {Payoff as Engine, Piece} from "./Payoff.sol";
import {Text} from "./Text.sol";

/// @title From the terms that parties sign to the terms that an agreement carries; refuses what would brick it.
/// @dev Writes the layout that {PackedTerms} reads.
library TermsPacker {
    using PackedTerms for bytes;
    using Text for string;

    /// @dev What packing remembers between the parts.
    struct Draft {
        bytes packed;
        /// Where the next clause goes.
        uint256 end;
        bytes32[] groups;
        bytes32[] names;
        uint256[] firstOfGroup;
        uint256[] sizeOfGroup;
        /// Of each cohort: where its table begins, and its clauses so far.
        uint256[] tables;
        uint256[] clauses;
        uint256 exposure;
    }

    uint256 private constant MAX_MEMBERS = 16;
    uint256 private constant MAX_COHORTS = 255;
    uint256 private constant MAX_CLAUSES_IN_COHORT = 64;
    /// @dev Days.
    uint256 private constant MAX_DUE = 10_958;
    uint256 private constant MAX_COHORT_LENGTH = 3_653;
    uint256 private constant MAX_WINDOW = 366;
    /// @dev 2068-12-31: the longest clause and its disputes end before 2106, when 32 bits of seconds do.
    uint256 private constant LAST_CLOSE = 36_159;
    /// @dev The largest sum of worst cases, so that a clause's running total and every balance fit their slots.
    uint256 private constant MAX_EXPOSURE = uint256(uint112(type(int112).max));

    bytes32 private constant PAYER = keccak256("payer");

    /// @notice The terms as an agreement carries them. Reverts with the errors of {IAgreementFactory}.
    function pack(Terms calldata terms) internal view returns (bytes memory) {
        Draft memory draft;
        _layOut(draft, terms);
        _packRoles(draft.packed, terms);
        _packParties(draft, terms);
        _packHeader(draft, terms);
        for (uint256 i = 0; i < terms.cohorts.length; ++i) _packCohort(draft, terms.cohorts[i], i);
        for (uint256 i = 0; i < terms.clauses.length; ++i) _packClause(draft, terms, i);
        _limit("exposure of all cohorts", draft.exposure, MAX_EXPOSURE);
        bytes memory packed = draft.packed;
        uint256 end = draft.end;
        // Laid out as if every payoff had slopes: what was not needed is given back.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(packed, end)
        }
        return packed;
    }

    /// @dev Counts what there is, and with it where everything goes.
    function _layOut(Draft memory draft, Terms calldata terms) private pure {
        uint256 members = terms.parties.length;
        uint256 cohorts = terms.cohorts.length;
        _between("parties", members, 2, MAX_MEMBERS);
        _between("cohorts", cohorts, 1, MAX_COHORTS);
        _limit("clauses", terms.clauses.length, type(uint16).max);
        uint256 size;
        uint256[] memory counts = new uint256[](cohorts);
        for (uint256 i = 0; i < terms.clauses.length; ++i) {
            Payoff[] calldata payoffs = terms.clauses[i].payoffs;
            for (uint256 p = 0; p < payoffs.length; ++p) {
                _limit("clauses.payoffs.cohort", payoffs[p].cohort, cohorts - 1);
                ++counts[payoffs[p].cohort];
                size += PackedTerms.CLAUSE + payoffs[p].tiers.length * (PackedTerms.PIECE + PackedTerms.SLOPE);
            }
        }
        draft.tables = new uint256[](cohorts);
        draft.clauses = new uint256[](cohorts);
        uint256 offset = PackedTerms.HEADER + members * PackedTerms.MEMBER + cohorts * 2;
        for (uint256 c = 0; c < cohorts; ++c) {
            _limit("clauses in a cohort", counts[c], MAX_CLAUSES_IN_COHORT);
            draft.tables[c] = offset + PackedTerms.COHORT;
            offset += PackedTerms.COHORT + counts[c] * PackedTerms.TABLE_ENTRY;
        }
        draft.end = offset;
        size += offset;
        if (size > type(uint16).max) revert IAgreementFactory.TermsTooLarge(size, type(uint16).max);
        draft.packed = new bytes(size);
    }

    function _packRoles(bytes memory packed, Terms calldata terms) private pure {
        OracleTerms calldata oracle = terms.oracle;
        if (oracle.account == address(0)) revert IAgreementFactory.InvalidAccount("oracle.account", oracle.account);
        if (oracle.challengeWindow != 0 && oracle.arbiter == address(0)) {
            revert IAgreementFactory.InvalidAccount("oracle.arbiter", oracle.arbiter);
        }
        _put(packed, 0, uint160(terms.token), 20);
        _put(packed, 20, uint160(oracle.account), 20);
        _put(packed, 40, uint160(oracle.arbiter), 20);
    }

    function _packParties(Draft memory draft, Terms calldata terms) private pure {
        uint256 members = terms.parties.length;
        draft.groups = new bytes32[](members);
        draft.names = new bytes32[](members);
        draft.firstOfGroup = new uint256[](members);
        draft.sizeOfGroup = new uint256[](members);
        uint256 first;
        uint256 shares;
        for (uint256 i = 0; i < members; ++i) {
            Party calldata party = terms.parties[i];
            bytes32 group = party.group.hash();
            draft.groups[i] = group;
            draft.names[i] = keccak256(bytes.concat(bytes(party.group), "/", bytes(party.name)));
            if (i == 0 || group != draft.groups[i - 1]) {
                _checkGroup(draft, party.group, group, i);
                if (i != 0 && shares != Book.WHOLE) {
                    revert IAgreementFactory.InvalidTerms("parties.share", shares, Book.WHOLE);
                }
                first = i;
                shares = 0;
            }
            uint256 share = party.share;
            _between("parties.share", share, 1, Book.WHOLE);
            shares += share;
            draft.firstOfGroup[i] = first;
            for (uint256 k = first; k <= i; ++k) draft.sizeOfGroup[k] = i - first + 1;
            address account = party.account;
            _checkAccount(draft.packed, account, i);

            uint256 offset = PackedTerms.HEADER + i * PackedTerms.MEMBER;
            _put(draft.packed, offset, uint160(account), 20);
            _put(draft.packed, offset + 20, share, 4);
            _put(draft.packed, offset + 24, _isAutomatic(party.payout) ? 1 : 0, 1);
        }
        if (shares != Book.WHOLE) revert IAgreementFactory.InvalidTerms("parties.share", shares, Book.WHOLE);
    }

    function _packHeader(Draft memory draft, Terms calldata terms) private view {
        OracleTerms calldata oracle = terms.oracle;
        _limit("oracle.challengeWindow", oracle.challengeWindow, MAX_WINDOW);
        _limit("oracle.ruleWithin", oracle.ruleWithin, MAX_WINDOW);
        _limit("oracle.reportWithin", oracle.reportWithin, MAX_WINDOW);
        _limit("oracle.reportEvery", oracle.reportEvery, MAX_WINDOW);
        _limit("oracle.grace", oracle.grace, MAX_WINDOW);
        _limit("oracle.challengeBond", oracle.challengeBond, uint96(type(int96).max));
        uint256 authoriser;
        if (bytes(oracle.authorisedBy).length != 0) {
            uint256 range = _resolve(draft, "oracle.authorisedBy", oracle.authorisedBy);
            if (range & 0xff != 1) revert IAgreementFactory.UnknownWord("oracle.authorisedBy", oracle.authorisedBy);
            authoriser = (range >> 8) + 1;
        }
        uint256 members = draft.groups.length;
        uint256 payer;
        for (uint256 i = members; i > 0; --i) {
            if (draft.groups[i - 1] == PAYER) payer = (draft.firstOfGroup[i - 1] << 8) | draft.sizeOfGroup[i - 1];
        }

        bytes memory packed = draft.packed;
        _put(packed, 60, _scaleOf(terms), 1);
        _put(packed, 61, authoriser, 1);
        _put(packed, 62, oracle.challengeWindow, 2);
        _put(packed, 64, oracle.ruleWithin, 2);
        _put(packed, 66, oracle.reportWithin, 2);
        _put(packed, 68, oracle.reportEvery, 2);
        _put(packed, 70, oracle.grace, 2);
        _put(packed, 75, oracle.challengeBond, 12);
        _put(packed, 87, payer, 2);
        _put(packed, 89, members, 1);
        _put(packed, 90, terms.cohorts.length, 1);
    }

    function _packCohort(Draft memory draft, Cohort calldata cohort, uint256 position) private pure {
        uint256 opens = Calendar.dayOf(cohort.opens);
        uint256 closes = Calendar.dayOf(cohort.closes);
        _between("cohorts.closes", closes, opens + 1, opens + MAX_COHORT_LENGTH);
        _limit("cohorts.closes", closes, LAST_CLOSE);
        _limit("cohorts.enrolWithin", cohort.enrolWithin, MAX_WINDOW);
        _between("cohorts.maxPatients", cohort.maxPatients, 1, type(uint32).max);

        bytes memory packed = draft.packed;
        uint256 offset = draft.tables[position] - PackedTerms.COHORT;
        uint256 table = PackedTerms.HEADER + draft.groups.length * PackedTerms.MEMBER + position * 2;
        _put(packed, table, offset, 2);
        _put(packed, offset, opens, 3);
        _put(packed, offset + 3, closes, 3);
        _put(packed, offset + 6, cohort.enrolWithin, 2);
        _put(packed, offset + 8, cohort.maxPatients, 4);
        uint256 earliest = _get(packed, 72, 3);
        if (position == 0 || opens < earliest) _put(packed, 72, opens, 3);
    }

    function _packClause(Draft memory draft, Terms calldata terms, uint256 position) private pure {
        Clause calldata clause = terms.clauses[position];
        (Kind kind, Metric metric) = _kindOf(draft, clause);
        uint256 from = _resolve(draft, "clauses.from", clause.from);
        uint256 to = _resolve(draft, "clauses.to", clause.to);
        if (draft.groups[from >> 8] == draft.groups[to >> 8]) {
            revert IAgreementFactory.UnknownWord("clauses.to", clause.to);
        }
        _limit("clauses.due", clause.due, kind == Kind.PaymentAtEnrolment ? 0 : MAX_DUE);
        _between("clauses.payoffs", clause.payoffs.length, 1, terms.cohorts.length);
        uint256 head = (uint256(kind) << 56) | (uint256(metric) << 48) | (from << 32) | (to << 16) | clause.due;
        for (uint256 i = 0; i < clause.payoffs.length; ++i) {
            Payoff calldata payoff = clause.payoffs[i];
            if (i != 0)
                _between("clauses.payoffs.cohort", payoff.cohort, clause.payoffs[i - 1].cohort + 1, MAX_COHORTS);
            uint256 table = draft.tables[payoff.cohort];
            uint256 entry = draft.clauses[payoff.cohort]++;
            _put(draft.packed, table + entry * PackedTerms.TABLE_ENTRY, (position << 16) | draft.end, 4);
            _put(draft.packed, table - 1, entry + 1, 1);
            uint256 times = kind == Kind.WagerInTotal ? 1 : terms.cohorts[payoff.cohort].maxPatients;
            _packPayoff(draft, payoff, head, kind, times);
        }
    }

    function _packPayoff(
        Draft memory draft,
        Payoff calldata payoff,
        uint256 head,
        Kind kind,
        uint256 times
    ) private pure {
        Piece[] memory pieces = _piecesOf(payoff);
        if (kind < Kind.Milestone && (pieces.length != 1 || payoff.notEvaluable != 0)) {
            revert IAgreementFactory.InvalidTerms("clauses.payoffs.tiers", pieces.length - 1, 0);
        }
        _checkAmount("clauses.payoffs.notEvaluable", payoff.notEvaluable);
        (uint256 fromLock, uint256 toLock) = Engine.locks(pieces, payoff.notEvaluable);
        draft.exposure += (fromLock + toLock) * times;

        bytes memory packed = draft.packed;
        uint256 offset = draft.end;
        bool sloped = _isSloped(pieces);
        _put(packed, offset, sloped ? head | (PackedTerms.SLOPED << 48) : head, 8);
        _put(packed, offset + 8, _limited("clauses.payoffs", fromLock), 12);
        _put(packed, offset + 20, _limited("clauses.payoffs", toLock), 12);
        _put(packed, offset + 32, uint96(uint128(payoff.notEvaluable)), 12);
        draft.end = _putPieces(packed, offset + 44, pieces, sloped);
    }

    function _putPieces(
        bytes memory packed,
        uint256 offset,
        Piece[] memory pieces,
        bool sloped
    ) private pure returns (uint256) {
        _put(packed, offset, pieces.length, 2);
        _put(packed, offset + 2, uint96(uint256(pieces[0].pays)), 12);
        offset += 14;
        for (uint256 k = 1; k < pieces.length; ++k) {
            Piece memory piece = pieces[k];
            _put(packed, offset, uint96(uint256(piece.start)), 12);
            _put(packed, offset + 12, uint96(uint256(piece.pays)), 12);
            offset += PackedTerms.PIECE;
            if (sloped) {
                _put(packed, offset, uint128(uint256(piece.slope)), 16);
                offset += PackedTerms.SLOPE;
            }
        }
        return offset;
    }

    function _isSloped(Piece[] memory pieces) private pure returns (bool sloped) {
        for (uint256 k = 1; k < pieces.length; ++k) sloped = sloped || pieces[k].slope != 0;
    }

    // --------------------------------------------------------------------------------------------------- checks

    function _piecesOf(Payoff calldata payoff) private pure returns (Piece[] memory pieces) {
        uint256 count = payoff.tiers.length + 1;
        pieces = new Piece[](count);
        pieces[0].pays = _checkAmount("clauses.payoffs.pays", payoff.pays);
        for (uint256 k = 1; k < count; ++k) {
            Piece memory piece = pieces[k];
            Tier calldata tier = payoff.tiers[k - 1];
            piece.start = _checkAmount("clauses.payoffs.tiers.atLeast", tier.atLeast);
            piece.pays = _checkAmount("clauses.payoffs.tiers.pays", tier.pays);
            piece.slope = tier.slope;
            if (k > 1 && piece.start <= pieces[k - 1].start) {
                revert IAgreementFactory.InvalidTerms("clauses.payoffs.tiers.atLeast", k - 1, k - 2);
            }
        }
        // The last piece reaches up without limit: with a slope its worst case would have none.
        if (pieces[count - 1].slope != 0) {
            revert IAgreementFactory.InvalidTerms("clauses.payoffs.tiers.slope", count - 2, 0);
        }
    }

    function _kindOf(Draft memory draft, Clause calldata clause) private pure returns (Kind kind, Metric metric) {
        bytes32 word = clause.kind.hash();
        if (word == keccak256("payment at enrolment")) kind = Kind.PaymentAtEnrolment;
        else if (word == keccak256("payment by time")) kind = Kind.PaymentByTime;
        else if (word == keccak256("milestone")) kind = Kind.Milestone;
        else if (word == keccak256("wager per patient")) kind = Kind.WagerPerPatient;
        else if (word == keccak256("wager in total")) kind = Kind.WagerInTotal;
        else revert IAgreementFactory.UnknownWord("clauses.kind", clause.kind);

        bytes32 name = clause.metric.hash();
        if (bytes(clause.metric).length == 0) metric = Metric.None;
        else if (name == keccak256("enrolled")) metric = Metric.Enrolled;
        else if (name == keccak256("outlay")) metric = Metric.Outlay;
        else metric = Metric.Oracle;

        bool fits =
            kind < Kind.Milestone
                ? metric == Metric.None
                : metric == Metric.Oracle || (kind > Kind.Milestone && metric != Metric.None);
        if (metric == Metric.Outlay) {
            bool payer;
            for (uint256 i = 0; i < draft.groups.length; ++i) payer = payer || draft.groups[i] == PAYER;
            fits = fits && payer;
        }
        if (!fits) revert IAgreementFactory.UnknownWord("clauses.metric", clause.metric);
    }

    /// @dev A group's members stand together, and the group is one that the field knows.
    function _checkGroup(Draft memory draft, string calldata group, bytes32 word, uint256 position) private pure {
        bool known =
            word == PAYER ||
                word == keccak256("manufacturer") ||
                word == keccak256("provider") ||
                word == keccak256("beneficiary") ||
                word == keccak256("guarantor");
        if (!known) revert IAgreementFactory.UnknownWord("parties.group", group);
        for (uint256 i = 0; i < position; ++i) {
            if (draft.groups[i] == word) revert IAgreementFactory.UnknownWord("parties.group", group);
        }
    }

    /// @dev A party is somebody, once, and neither token, oracle nor arbiter: those three, and the parties before, stand
    /// in the packed terms already.
    function _checkAccount(bytes memory packed, address account, uint256 position) private pure {
        bool invalid =
            account == address(0) ||
                account == packed.token() ||
                account == packed.oracle() ||
                account == packed.arbiter();
        for (uint256 i = 0; i < position; ++i) invalid = invalid || account == packed.holder(i);
        if (invalid) revert IAgreementFactory.InvalidAccount("parties.account", account);
    }

    function _isAutomatic(string calldata payout) private pure returns (bool) {
        bytes32 word = payout.hash();
        if (word == keccak256("automatic")) return true;
        if (word == keccak256("on-request")) return false;
        revert IAgreementFactory.UnknownWord("parties.payout", payout);
    }

    /// @dev Decimals that the token has beyond the currency's.
    function _scaleOf(Terms calldata terms) private view returns (uint256) {
        if (terms.token.code.length == 0) revert IAgreementFactory.TokenHasNoCode(terms.token);
        uint256 decimals = IERC20Metadata(terms.token).decimals();
        // 120 bits of balance times 10^36 stay within 256.
        if (decimals < terms.decimals || decimals > uint256(terms.decimals) + 36) {
            revert IAgreementFactory.TokenDecimals(decimals, terms.decimals);
        }
        return decimals - terms.decimals;
    }

    /// @dev First member << 8 | number of members.
    function _resolve(Draft memory draft, bytes32 where, string calldata text) private pure returns (uint256) {
        bytes32 word = text.hash();
        for (uint256 i = 0; i < draft.groups.length; ++i) {
            if (draft.groups[i] == word) return (i << 8) | draft.sizeOfGroup[i];
            if (draft.names[i] == word) return (i << 8) | 1;
        }
        revert IAgreementFactory.UnknownWord(_text(where), text);
    }

    function _checkAmount(bytes32 where, int256 amount) private pure returns (int256) {
        if (amount > type(int96).max || amount < -type(int96).max) {
            uint256 size = uint256(amount < 0 ? -amount : amount);
            revert IAgreementFactory.InvalidTerms(_text(where), size, uint96(type(int96).max));
        }
        return amount;
    }

    function _limited(bytes32 where, uint256 lock) private pure returns (uint256) {
        _limit(where, lock, type(uint96).max);
        return lock;
    }

    function _limit(bytes32 where, uint256 found, uint256 limit) private pure {
        if (found > limit) revert IAgreementFactory.InvalidTerms(_text(where), found, limit);
    }

    function _between(bytes32 where, uint256 found, uint256 least, uint256 most) private pure {
        if (found < least) revert IAgreementFactory.InvalidTerms(_text(where), found, least);
        _limit(where, found, most);
    }

    /// @dev The name of a field travels as one word: a string would be copied to memory for each of the fifty checks.
    function _text(bytes32 where) private pure returns (string memory) {
        uint256 length;
        while (length < 32 && where[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = where[i];
        return string(text);
    }

    // --------------------------------------------------------------------------------------------------- bytes

    /// @dev Writes the low `size` bytes of `value` at `offset`, and nothing beside them.
    function _put(bytes memory packed, uint256 offset, uint256 value, uint256 size) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let slot := add(add(packed, 0x20), offset)
            let shift := sub(256, shl(3, size))
            let kept := and(mload(slot), sub(shl(shift, 1), 1))
            mstore(slot, or(shl(shift, value), kept))
        }
    }

    function _get(bytes memory packed, uint256 offset, uint256 size) private pure returns (uint256 value) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(add(add(packed, 0x20), offset)))
        }
    }
}
