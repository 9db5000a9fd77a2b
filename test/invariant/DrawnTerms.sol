// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clause, Cohort, OracleTerms, Party, Payoff, Terms, Tier} from "../../contracts/interfaces/Terms.sol";

/// @title Terms drawn at random: every kind of clause, both bases, signed and sloped payoffs, groups with odd shares and
/// single members, several cohorts, with and without window, bond, reporting calendar and authorising party.
/// @dev Short durations, so that some hundred calls see a whole life. Every agreement has a reported milestone, three
/// reported wagers and a clause that the contract settles by itself; the rest is chance.
library DrawnTerms {
    struct Rng {
        uint256 state;
    }

    /// @dev 2026-01-01, on which every agreement's first cohort opens.
    uint256 internal constant FIRST_DAY = 20_454;
    uint256 internal constant MOST_MEMBERS = 7;
    uint32 private constant _WHOLE = 1e8;

    /// @notice `parties` has an account for each of the {MOST_MEMBERS}.
    function build(
        uint256 seed,
        address token,
        address oracle,
        address arbiter,
        address[] memory parties
    ) internal pure returns (Terms memory t) {
        Rng memory r = Rng(seed);
        t.title = "Drawn";
        t.rules = "2026.1";
        t.nonce = uint64(seed);
        t.currency = "XTS";
        t.decimals = 2;
        t.token = token;
        _drawParties(r, t, parties);
        uint256 window = _chance(r, 90) ? 1 + _below(r, 4) : 0;
        t.oracle = OracleTerms(
            oracle,
            uint32(3 + _below(r, 7)),
            _chance(r, 30) ? uint32(2 + _below(r, 4)) : 0,
            uint32(_below(r, 3)),
            1,
            "",
            uint32(window),
            uint128(_below(r, 3_000)),
            arbiter,
            uint32(1 + _below(r, 5))
        );
        if (_chance(r, 30)) t.oracle.authorisedBy = _member(t.parties[_below(r, t.parties.length)]);
        t.cohorts = new Cohort[](3 + _below(r, 2));
        for (uint256 i = 0; i < t.cohorts.length; ++i) {
            uint256 opens = i == 0 ? 0 : _below(r, 8);
            uint256 closes = opens + 3 + _below(r, 12);
            t.cohorts[i] = Cohort(
                _letter(i),
                "",
                "",
                10_000,
                _date(opens),
                _date(closes),
                uint32(_below(r, 4)),
                uint32(8 + _below(r, 40))
            );
        }
        t.clauses = new Clause[](5 + _below(r, 3));
        for (uint256 i = 0; i < t.clauses.length; ++i) _drawClause(r, t, i);
    }

    // -------------------------------------------------------------------------------------------------- parties

    function _drawParties(Rng memory r, Terms memory t, address[] memory accounts) private pure {
        uint256 groups = 2 + _below(r, 2);
        uint256 first = _chance(r, 60) ? 0 : _below(r, 5);
        uint256[] memory sizes = new uint256[](groups);
        uint256 members;
        for (uint256 g = 0; g < groups; ++g) {
            sizes[g] = _chance(r, 45) ? 1 : 2 + _below(r, 2);
            if (members + sizes[g] + groups - g - 1 > MOST_MEMBERS) sizes[g] = 1;
            members += sizes[g];
        }
        t.parties = new Party[](members);
        uint256 next;
        for (uint256 g = 0; g < groups; ++g) {
            uint32 left = _WHOLE;
            for (uint256 i = 0; i < sizes[g]; ++i) {
                uint32 others = uint32(sizes[g] - i - 1);
                uint32 share = others == 0 ? left : uint32(1 + _below(r, _chance(r, 15) ? 3 : left - others));
                left -= share;
                string memory payout = _chance(r, 55) ? "automatic" : "on-request";
                t.parties[next] = Party(_group((first + g) % 5), _letter(next), share, accounts[next], payout);
                ++next;
            }
        }
    }

    function _group(uint256 i) private pure returns (string memory) {
        return ["payer", "manufacturer", "provider", "guarantor", "beneficiary"][i];
    }

    function _member(Party memory party) private pure returns (string memory) {
        return string.concat(party.group, "/", party.name);
    }

    /// @dev Of one group, or with `but` of any other: the group, or one of its members.
    function _side(
        Rng memory r,
        Terms memory t,
        string memory but
    ) private pure returns (string memory, string memory) {
        uint256 i = _below(r, t.parties.length);
        while (keccak256(bytes(t.parties[i].group)) == keccak256(bytes(but))) i = (i + 1) % t.parties.length;
        Party memory party = t.parties[i];
        return (_chance(r, 30) ? _member(party) : party.group, party.group);
    }

    // -------------------------------------------------------------------------------------------------- clauses

    function _drawClause(Rng memory r, Terms memory t, uint256 position) private pure {
        Clause memory c = t.clauses[position];
        c.id = _letter(position);
        uint256 roll = _below(r, 100);
        // Of the first five: a milestone, three wagers, and what the contract knows.
        if (position == 0) roll = 60;
        else if (position < 4) roll = 75 + _below(r, 25);
        bool known = position == 4 || (position > 4 && _chance(r, 30));
        if (known) roll = _chance(r, 50) ? 30 : 75 + _below(r, 25);
        string memory group;
        (c.from, group) = _side(r, t, "");
        (c.to, ) = _side(r, t, group);
        uint256 scale = 300;
        if (roll < 20) c.kind = "payment at enrolment";
        else if (roll < 40) c.kind = "payment by time";
        else if (roll < 75) (c.kind, c.metric) = ("milestone", "cost");
        else c.kind = roll < 88 ? "wager per patient" : "wager in total";
        if (roll >= 75) {
            bool outlay = known && _hasPayer(t) && _chance(r, 50);
            if (outlay) scale = 20_000;
            else if (known) scale = 8;
            c.metric =
                outlay
                    ? "outlay"
                    : known
                        ? "enrolled"
                        : "survival";
        }
        c.due = roll < 20 ? 0 : uint32(_below(r, roll < 75 ? 9 : 5));
        c.payoffs = _drawPayoffs(r, t.cohorts.length, roll >= 40, scale);
    }

    function _drawPayoffs(
        Rng memory r,
        uint256 cohorts,
        bool measured,
        uint256 scale
    ) private pure returns (Payoff[] memory payoffs) {
        uint256 applies = _chance(r, 60) ? (1 << cohorts) - 1 : 1 + _below(r, (1 << cohorts) - 1);
        uint256 count;
        for (uint256 i = 0; i < cohorts; ++i) count += (applies >> i) & 1;
        payoffs = new Payoff[](count);
        uint256 next;
        for (uint256 i = 0; i < cohorts; ++i) {
            if ((applies >> i) & 1 == 0) continue;
            Tier[] memory tiers = new Tier[](measured ? _below(r, 4) : 0);
            int256 start = int256(_below(r, scale)) - int256(scale / 3);
            for (uint256 k = 0; k < tiers.length; ++k) {
                bool sloped = k + 1 < tiers.length && _chance(r, 60);
                int256 slope = sloped ? int256(_below(r, 9e11 / scale)) - int256(4e11 / scale) : int256(0);
                tiers[k] = Tier(int128(start), int128(_amount(r)), int128(slope));
                start += 1 + int256(_below(r, scale));
            }
            payoffs[next++] = Payoff(uint16(i), int128(_amount(r)), tiers, measured ? int128(_amount(r)) : int128(0));
        }
    }

    /// @dev Of either sign, sometimes nothing.
    function _amount(Rng memory r) private pure returns (int256) {
        return _chance(r, 20) ? int256(0) : int256(_below(r, 3_000)) - 1_000;
    }

    function _hasPayer(Terms memory t) private pure returns (bool) {
        for (uint256 i = 0; i < t.parties.length; ++i) {
            if (keccak256(bytes(t.parties[i].group)) == keccak256("payer")) return true;
        }
        return false;
    }

    // ---------------------------------------------------------------------------------------------------- words

    function _letter(uint256 i) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(97 + i))));
    }

    /// @dev A day of January 2026.
    function _date(uint256 day) private pure returns (uint32) {
        return uint32(20_260_101 + day);
    }

    function _below(Rng memory r, uint256 n) private pure returns (uint256) {
        r.state = uint256(keccak256(abi.encode(r.state)));
        return r.state % n;
    }

    function _chance(Rng memory r, uint256 percent) private pure returns (bool) {
        return _below(r, 100) < percent;
    }
}
