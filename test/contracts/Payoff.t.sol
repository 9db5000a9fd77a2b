// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Payoff, Piece} from "../../contracts/libraries/Payoff.sol";
import {PackedClause} from "../../contracts/mocks/PackedClause.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title The payoff engine, for any schedule that the factory takes.
contract PayoffTest is SolidityTest {
    /// @dev What a schedule is drawn from: widths and amounts of its pieces.
    struct Drawn {
        int64 start;
        uint32[4] widths;
        int72[5] pays;
        int64[5] slopes;
        int72 notEvaluable;
        uint8 count;
    }

    function testFuzz_ReportStaysWithinTheLocks(
        Drawn memory drawn,
        uint32[5] memory patients,
        uint256[5] memory positions,
        uint32 unknown
    ) public view {
        Piece[] memory pieces = _pieces(drawn);
        IOutcomeAgreement.Tally[] memory tallies = new IOutcomeAgreement.Tally[](pieces.length);
        int256 count = int256(uint256(unknown));
        for (uint256 k = 0; k < tallies.length; ++k) {
            tallies[k] = _tally(pieces, k, patients[k], positions[k]);
            count += int256(uint256(patients[k]));
        }
        int256 known = int256(uint256(unknown)) * drawn.notEvaluable;
        (int256 total, uint256 reported) = this.ofTallies(
            PackedClause.pack(pieces, drawn.notEvaluable),
            tallies,
            unknown
        );
        (uint256 fromLock, uint256 toLock) = Payoff.locks(pieces, drawn.notEvaluable);
        require(int256(reported) == count, "patients are lost");
        require(total <= int256(fromLock) * count, "from pays more than it locked");
        require(total >= -int256(toLock) * count, "to pays more than it locked");

        // Rounded toward zero: less than one unit off the exact sum, never beyond it.
        int256 off = _exact(pieces, tallies, known) - total * 1e9;
        require(total > 0 ? off >= 0 : (total < 0 ? off <= 0 : true), "rounded away from zero");
        require(off < 1e9 && off > -1e9, "rounded by a unit or more");
    }

    function testFuzz_ValueStaysWithinTheLocks(Drawn memory drawn, int96 value, uint32 weight) public pure {
        Piece[] memory pieces = _pieces(drawn);
        int256 near = value % 2 == 0 ? int256(value) : pieces[pieces.length - 1].start + (value % 4_096);
        bytes memory terms = PackedClause.pack(pieces, drawn.notEvaluable);
        int256 total = Payoff.ofValue(terms, PackedClause.AT, near, weight);
        (uint256 fromLock, uint256 toLock) = Payoff.locks(pieces, drawn.notEvaluable);
        require(total <= int256(fromLock) * int256(uint256(weight)), "from pays more than it locked");
        require(total >= -int256(toLock) * int256(uint256(weight)), "to pays more than it locked");
    }

    function testFuzz_SumOutsideTheTierIsRefused(Drawn memory drawn, uint32 patients, uint128 beyond) public {
        Piece[] memory pieces = _pieces(drawn);
        uint256 sloped;
        while (sloped < pieces.length && pieces[sloped].slope == 0) ++sloped;
        bool none = sloped == pieces.length;
        uint256 k = none ? 0 : sloped;
        IOutcomeAgreement.Tally[] memory tallies = new IOutcomeAgreement.Tally[](pieces.length);
        int256 most = none ? int256(0) : int256(uint256(patients)) * (pieces[k + 1].start - 1);
        int256 sum = most + 1 + int256(uint256(beyond >> 8));
        vm.assume(sum <= type(int128).max && sum != 0);
        tallies[k] = IOutcomeAgreement.Tally(patients, int128(sum));
        bytes memory terms = PackedClause.pack(pieces, 0);
        vm.expectRevert(abi.encodeWithSelector(IOutcomeAgreement.SumOutsideTier.selector, k, sum));
        this.ofTallies(terms, tallies, 0);
    }

    function ofTallies(
        bytes memory terms,
        IOutcomeAgreement.Tally[] calldata tallies,
        uint256 unknown
    ) external pure returns (int256, uint256) {
        return Payoff.ofTallies(terms, PackedClause.AT, tallies, unknown);
    }

    /// @dev In 10⁻⁹ minor units.
    function _exact(
        Piece[] memory pieces,
        IOutcomeAgreement.Tally[] memory tallies,
        int256 known
    ) private pure returns (int256 exact) {
        exact = known * 1e9;
        for (uint256 k = 0; k < pieces.length; ++k) {
            int256 n = int256(uint256(tallies[k].patients));
            exact += n * pieces[k].pays * 1e9 + pieces[k].slope * (tallies[k].sum - n * pieces[k].start);
        }
    }

    /// @dev Patients whose values lie in the piece, all of them at one place or the other.
    function _tally(
        Piece[] memory pieces,
        uint256 k,
        uint32 patients,
        uint256 position
    ) private pure returns (IOutcomeAgreement.Tally memory) {
        if (pieces[k].slope == 0) return IOutcomeAgreement.Tally(patients, 0);
        int256 lowest = int256(uint256(patients)) * pieces[k].start;
        uint256 room = uint256(patients) * uint256(pieces[k + 1].start - 1 - pieces[k].start);
        return IOutcomeAgreement.Tally(patients, int128(lowest + int256(position % (room + 1))));
    }

    /// @dev Ascending starts; the first and the last piece are flat.
    function _pieces(Drawn memory drawn) private pure returns (Piece[] memory pieces) {
        pieces = new Piece[](1 + (drawn.count % 5));
        int256 start = drawn.start;
        for (uint256 k = 0; k < pieces.length; ++k) {
            bool inner = k != 0 && k != pieces.length - 1;
            pieces[k] = Piece(k == 0 ? int256(0) : start, drawn.pays[k], inner ? int256(drawn.slopes[k]) : int256(0));
            if (k != 0 && k < 5) start += 1 + int256(uint256(drawn.widths[k - 1 < 4 ? k - 1 : 3]));
        }
    }
}
