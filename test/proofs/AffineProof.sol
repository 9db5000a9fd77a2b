// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Affine} from "../../contracts/libraries/Affine.sol";
import {Claim} from "./Claim.sol";

/// @title What holds of the arithmetic of payoffs for every schedule that the factory takes.
/// @dev Never run: the model checker reads it (`npm run prove`). Each external function is one claim, for all arguments; a
/// `require` is an assumption, which its docstring gives a source for. Sums and products here are checked ones: that they
/// can't overflow is part of each claim, so equality with the library's unchecked ones says the same of those.
contract AffineProof {
    using Claim for bool;

    int256 private constant SCALE = 1e9;

    /// @notice A tally is refused exactly when its sum can't be the sum of that many values of the tier.
    /// @dev `TermsPacker._piecesOf`: starts fit 96 bits and ascend.
    function talliesThatFit(uint32 patients, int128 sum, int96 start, int96 next) external pure {
        require(start < next);
        int256 n = int256(uint256(patients));
        bool possible = sum >= n * start && sum <= n * (int256(next) - 1);
        assert(Affine.fits(n, sum, start, next) == possible);
    }

    /// @notice What a tally's values exceed the tier's start by lies between 0 and the patients times the tier's width less one.
    /// @dev `TermsPacker._piecesOf`: starts fit 96 bits and ascend. `Payoff.ofTallies`: the tally fits the tier.
    function tallyAboveStart(uint32 patients, int128 sum, int96 start, int96 next) external pure {
        require(start < next);
        int256 n = int256(uint256(patients));
        require(Affine.fits(n, sum, start, next));
        int256 above = Affine.above(n, sum, start);
        assert(above == sum - n * start);
        assert(above >= 0);
        assert(above <= n * (int256(next) - start - 1));
    }

    /// @notice A sloped tier's upper end is rounded away from zero, by less than a minor unit.
    /// @dev `TermsPacker._piecesOf`: amounts and starts fit 96 bits; slopes are 128 bits by their type.
    function upperEndRoundedAway(int96 pays, int128 slope, uint96 width) external pure {
        int256 w = int256(uint256(width));
        int256 end = Affine.upperEnd(pays, slope, w);
        int256 scaled = int256(pays) * SCALE + slope * w;
        assert(scaled < 0 || (end * SCALE >= scaled && end * SCALE - scaled < SCALE));
        assert(scaled > 0 || (end * SCALE <= scaled && scaled - end * SCALE < SCALE));
    }

    /// @notice A slope times a tier's width is bounded by the clause's locks.
    /// @dev `Payoff.locks`: the locks are at least what the tier pays at its start and at its upper end.
    /// `TermsPacker._limited`: they fit 96 bits.
    function slopeWithinLocks(int96 pays, int128 slope, uint96 width, uint96 fromLock, uint96 toLock) external pure {
        int256 w = int256(uint256(width));
        int256 most = int256(uint256(fromLock));
        int256 least = -int256(uint256(toLock));
        int256 end = Affine.upperEnd(pays, slope, w);
        require(pays <= most && pays >= least && end <= most && end >= least);
        int256 whole = Affine.exact(1, pays, slope, w);
        assert(whole == int256(pays) * SCALE + slope * w);
        assert(whole <= most * SCALE);
        assert(whole >= least * SCALE);
    }

    /// @notice What the patients of a tier come to is exact, without overflow, and within their locks.
    /// @dev `slopeWithinLocks` for the tier's upper end, `tallyAboveStart` for the sum.
    function tierWithinLocks(
        uint32 patients,
        int96 pays,
        int128 slope,
        uint96 width,
        uint128 sumAbove,
        uint96 fromLock,
        uint96 toLock
    ) external pure {
        int256 n = int256(uint256(patients));
        int256 w = int256(uint256(width));
        int256 above = int256(uint256(sumAbove));
        int256 most = int256(uint256(fromLock)) * SCALE;
        int256 least = -int256(uint256(toLock)) * SCALE;
        int256 low = int256(pays) * SCALE;
        int256 rise = int256(slope) * w;
        require(above <= n * w);
        require(low <= most && low >= least && low + rise <= most && low + rise >= least);

        int256 risen = slope * above;
        (n * low <= n * most && n * low >= n * least).holds();
        (n * (low + rise) <= n * most && n * (low + rise) >= n * least).holds();
        if (slope >= 0) (risen >= 0 && risen <= n * rise).holds();
        else (risen <= 0 && risen >= n * rise).holds();
        int256 total = Affine.exact(n, pays, slope, above);
        assert(total == n * low + risen);
        assert(total <= n * most);
        assert(total >= n * least);
    }

    /// @notice Sums over tiers stay within the locks of all their patients, without overflow.
    /// @dev `TermsPacker._putPieces`: at most 65,535 tiers, so patients fit 48 bits. `tierWithinLocks` for the next tier.
    function sumsWithinLocks(
        int256 total,
        uint48 counted,
        int256 tier,
        uint32 patients,
        uint96 fromLock,
        uint96 toLock
    ) external pure {
        int256 most = int256(uint256(fromLock)) * SCALE;
        int256 least = -int256(uint256(toLock)) * SCALE;
        int256 m = int256(uint256(counted));
        int256 n = int256(uint256(patients));
        require(total <= m * most && total >= m * least);
        require(tier <= n * most && tier >= n * least);
        assert(total + tier <= (m + n) * most);
        assert(total + tier >= (m + n) * least);
    }

    /// @notice A total is rounded toward zero, by less than a minor unit.
    /// @dev `sumsWithinLocks`: a sum fits 192 bits.
    function roundedTowardZero(int192 scaled) external pure {
        int256 total = Affine.rounded(scaled);
        int256 off = scaled - total * SCALE;
        assert(scaled < 0 || (total >= 0 && off >= 0 && off < SCALE));
        assert(scaled > 0 || (total <= 0 && off <= 0 && off > -SCALE));
    }

    /// @notice Rounding keeps a total within the locks.
    /// @dev `sumsWithinLocks`, and the same for a wager's value times its weight.
    function roundedWithinLocks(int256 scaled, uint48 patients, uint96 fromLock, uint96 toLock) external pure {
        int256 n = int256(uint256(patients));
        int256 most = n * int256(uint256(fromLock));
        int256 least = -n * int256(uint256(toLock));
        require(scaled <= most * SCALE && scaled >= least * SCALE);
        int256 total = Affine.rounded(scaled);
        assert(total <= most);
        assert(total >= least);
    }
}
