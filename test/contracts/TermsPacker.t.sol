// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payoff as SignedPayoff, Terms, Tier} from "../../contracts/interfaces/Terms.sol";
import {Book, Entries} from "../../contracts/libraries/Book.sol";
import {ClauseAt, CohortAt, Kind, Metric, PackedTerms, PartyRange} from "../../contracts/libraries/PackedTerms.sol";
import {TermsPacker} from "../../contracts/libraries/TermsPacker.sol";
import {PlainToken} from "../../contracts/mocks/PlainToken.sol";
import {Shapes} from "./support/Shapes.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title What is packed is read back, and the book made of it adds up.
contract TermsPackerTest is SolidityTest {
    using Book for Entries;
    using PackedTerms for bytes;

    uint256 private constant _MEMBERS = 8;

    PlainToken private _token;
    address[] private _parties;

    function setUp() public {
        _token = PlainToken(deploy("PlainToken.sol:PlainToken", abi.encode(6)));
        for (uint160 i = 1; i <= _MEMBERS; ++i) _parties.push(address(i << 32));
    }

    function testFuzz_HeaderIsReadBack(
        uint16[5] calldata windows,
        uint96 bond,
        uint8 authoriser,
        address oracle,
        address arbiter
    ) public view {
        vm.assume(
            oracle != address(0) && arbiter != address(0) && uint160(oracle) % 2 == 1 && uint160(arbiter) % 2 == 1
        );
        vm.assume(oracle != address(_token) && arbiter != address(_token));
        Terms memory terms = Shapes.build(1, address(_token), oracle, arbiter, _parties);
        terms.oracle.arbiter = arbiter;
        terms.oracle.reportWithin = windows[0] % 367;
        terms.oracle.reportEvery = windows[1] % 367;
        terms.oracle.grace = windows[2] % 367;
        terms.oracle.challengeWindow = windows[3] % 367;
        terms.oracle.ruleWithin = windows[4] % 367;
        terms.oracle.challengeBond = bond >> 1;
        uint256 member = authoriser % terms.parties.length;
        terms.oracle.authorisedBy = string.concat(terms.parties[member].group, "/", terms.parties[member].name);

        bytes memory packed = this.pack(terms);
        require(packed.token() == address(_token) && packed.tokenUnit() == 1e4, "token");
        require(packed.oracle() == oracle && packed.arbiter() == arbiter, "oracle or arbiter");
        require(packed.reportWithin() == terms.oracle.reportWithin, "reportWithin");
        require(packed.reportEvery() == terms.oracle.reportEvery, "reportEvery");
        require(packed.grace() == terms.oracle.grace, "grace");
        require(packed.challengeWindow() == terms.oracle.challengeWindow, "challengeWindow");
        require(packed.ruleWithin() == terms.oracle.ruleWithin, "ruleWithin");
        require(packed.challengeBond() == bond >> 1, "challengeBond");
        require(packed.authoriser() == member + 1, "authoriser");
        require(packed.firstDay() == Shapes.FIRST_DAY, "first day");
        require(packed.members() == terms.parties.length && packed.cohorts() == terms.cohorts.length, "counts");
        for (uint256 i = 0; i < terms.parties.length; ++i) {
            require(
                packed.holder(i) == terms.parties[i].account && packed.share(i) == terms.parties[i].share,
                "member"
            );
            require(packed.paidAutomatically(i) == (bytes(terms.parties[i].payout).length == 9), "payout");
        }
    }

    function testFuzz_PayoffIsReadBack(
        int88 pays,
        int88 notEvaluable,
        int80[3] calldata amounts,
        int64 start,
        uint32[2] calldata widths,
        int64 slope
    ) public view {
        Terms memory terms = _oneClause(pays, notEvaluable);
        Tier[] memory tiers = terms.clauses[1].payoffs[0].tiers;
        tiers[0] = Tier(start, amounts[0], slope);
        tiers[1] = Tier(int128(start) + 1 + int128(uint128(widths[0])), amounts[1], slope / 3);
        tiers[2] = Tier(tiers[1].atLeast + 1 + int128(uint128(widths[1])), amounts[2], 0);

        bytes memory packed = this.pack(terms);
        CohortAt cohort = packed.cohort(0);
        (uint16 position, ClauseAt clause) = packed.clauseAt(cohort, 1);
        require(position == 1 && packed.clauses(cohort) == 2, "table");
        require(packed.kind(clause) == Kind.Milestone && packed.metric(clause) == Metric.Oracle, "kind");
        require(PartyRange.unwrap(packed.from(clause)) == 0x0301 && PartyRange.unwrap(packed.to(clause)) == 3, "sides");
        require(packed.pays(clause) == pays && packed.notEvaluable(clause) == notEvaluable, "amounts");
        (, int256 amount, int256 steepness) = packed.pieceAt(clause, 0);
        require(packed.tiers(clause) == 4 && amount == pays && steepness == 0, "first piece");
        for (uint256 k = 0; k < 3; ++k) {
            int256 from;
            (from, amount, steepness) = packed.pieceAt(clause, k + 1);
            require(from == tiers[k].atLeast && amount == tiers[k].pays, "piece");
            require(packed.startOf(clause, k + 1) == from, "start");
            require(steepness == tiers[k].slope, "slope");
        }
    }

    /// @dev Three payers with odd shares against one maker.
    function testFuzz_PartsAddUp(int88 total) public view {
        (bytes memory packed, ClauseAt clause) = _book(1, 1);
        Entries memory entries = Book.open(packed);
        entries.pay(packed, packed.from(clause), packed.to(clause), total);
        require(entries.money[3] == -int256(total), "the maker's part");
        require(entries.money[0] + entries.money[1] + entries.money[2] == total, "the payers' parts");
        for (uint256 i = 0; i < 3; ++i) {
            bool within =
                total < 0
                    ? entries.money[i] <= 0 && entries.money[i] >= total
                    : entries.money[i] >= 0 && entries.money[i] <= total;
            require(within, "a part beyond the whole");
        }
    }

    /// @dev k patients cost between −k × to's lock and k × from's: what they release covers every member's part of it.
    function testFuzz_ReleaseCoversEveryMember(
        uint80 fromLock,
        uint80 toLock,
        uint16 patients,
        uint256 where
    ) public view {
        (bytes memory packed, ClauseAt clause) = _book(int88(uint88(fromLock)), -int88(uint88(toLock)));
        int256 k = int256(uint256(patients));
        uint256 span = (uint256(fromLock) + toLock) * patients;
        int256 total = int256(where % (span + 1)) - int256(uint256(toLock)) * k;
        Entries memory entries = Book.open(packed);
        entries.lock(packed, clause, k);
        entries.pay(packed, packed.from(clause), packed.to(clause), total);
        for (uint256 i = 0; i < entries.money.length; ++i) {
            require(
                entries.locks[i] >= 0 && entries.money[i] + entries.locks[i] >= 0,
                "a part costs more than its lock"
            );
        }
    }

    function pack(Terms calldata terms) external view returns (bytes memory) {
        return TermsPacker.pack(terms);
    }

    /// @dev A clause that locks `from` for one amount and, negative, `to` for the other.
    function _book(int88 pays, int88 notEvaluable) private view returns (bytes memory packed, ClauseAt clause) {
        packed = this.pack(_oneClause(pays, notEvaluable));
        (, clause) = packed.clauseAt(packed.cohort(0), 1);
    }

    function _oneClause(int88 pays, int88 notEvaluable) private view returns (Terms memory terms) {
        terms = Shapes.build(0, address(_token), address(1), address(0), _parties);
        terms.cohorts[0].maxPatients = 1;
        terms.clauses[1].payoffs[0] = SignedPayoff(0, pays, new Tier[](3), notEvaluable);
        for (int128 k = 0; k < 3; ++k) terms.clauses[1].payoffs[0].tiers[uint128(k)].atLeast = k;
    }
}
