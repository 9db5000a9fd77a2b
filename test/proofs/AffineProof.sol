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

    /// @notice What a tier comes to at its upper end is within the clause's locks.
    /// @dev `Payoff.locks`: the locks are at least what the tier pays at its start and at its upper end.
    /// `TermsPacker._limited`: they fit 96 bits.
    function upperEndWithinLocks(int96 pays, int128 slope, uint96 width, uint96 fromLock, uint96 toLock) external pure {
        int256 w = int256(uint256(width));
        int256 most = int256(uint256(fromLock));
        int256 least = -int256(uint256(toLock));
        int256 end = Affine.upperEnd(pays, slope, w);
        require(pays <= most && pays >= least && end <= most && end >= least);
        int256 scaled = Affine.exact(pays, Affine.risen(slope, w));
        assert(scaled == int256(pays) * SCALE + slope * w);
        assert(scaled <= most * SCALE);
        assert(scaled >= least * SCALE);
    }

    /// @notice What the patients of a tier come to is exact, without overflow, and within their locks.
    /// @dev `upperEndWithinLocks`, `tallyAboveStart`. Without a slope, or for one value of a wager, the same.
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

        int256 sloped = slope * above;
        (n * low <= n * most && n * low >= n * least).holds();
        (n * (low + rise) <= n * most && n * (low + rise) >= n * least).holds();
        if (slope >= 0) (sloped >= 0 && sloped <= n * rise).holds();
        else (sloped <= 0 && sloped >= n * rise).holds();
        assert(Affine.flat(n, pays) == n * pays);
        assert(Affine.risen(slope, above) == sloped);
        int256 total = Affine.exact(Affine.flat(n, pays), Affine.risen(slope, above));
        assert(total == n * low + sloped);
        assert(total <= n * most);
        assert(total >= n * least);
    }

    /// @notice Sums over tiers, of what is flat and of what slopes add, stay exact and within the locks of all their patients.
    /// @dev `TermsPacker._putPieces`: at most 65,535 tiers, so that patients fit 48 bits. `tierWithinLocks` for the next
    /// tier, and for its flat part alone; the sums before it by this same claim, from 0 on (`Payoff.ofTallies`).
    function sumsWithinLocks(
        int160 whole,
        int256 sloped,
        uint48 counted,
        int128 flat,
        int256 risen,
        uint32 patients,
        uint96 fromLock,
        uint96 toLock
    ) external pure {
        int256 most = int256(uint256(fromLock));
        int256 least = -int256(uint256(toLock));
        int256 m = int256(uint256(counted));
        int256 n = int256(uint256(patients));
        require(whole <= m * most && whole >= m * least);
        require(flat <= n * most && flat >= n * least);
        require(sloped <= (m * most - whole) * SCALE && sloped >= (m * least - whole) * SCALE);
        require(risen <= (n * most - flat) * SCALE && risen >= (n * least - flat) * SCALE);
        int256 wholes = whole + flat;
        int256 slopes = sloped + risen;
        int256 total = Affine.exact(wholes, slopes);
        assert(total == wholes * SCALE + slopes);
        assert(wholes <= (m + n) * most && wholes >= (m + n) * least);
        assert(total <= (m + n) * most * SCALE);
        assert(total >= (m + n) * least * SCALE);
    }

    /// @notice A wager's value times its weight stays within the locks that it weighs, without overflow.
    /// @dev `tierWithinLocks` for one value. `Clauses._weight`: at most the patients of a cohort.
    function weightedWithinLocks(int160 scaled, uint32 weight, uint96 fromLock, uint96 toLock) external pure {
        int256 n = int256(uint256(weight));
        int256 most = int256(uint256(fromLock)) * SCALE;
        int256 least = -int256(uint256(toLock)) * SCALE;
        require(scaled <= most && scaled >= least);
        assert(scaled * n <= n * most);
        assert(scaled * n >= n * least);
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
    /// @dev `sumsWithinLocks`, `weightedWithinLocks`.
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
