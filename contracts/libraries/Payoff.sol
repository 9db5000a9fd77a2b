// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";

/// @notice One piece of a payoff: f(x) = pays + slope × (x − start) / 10⁹, up to the next piece's start.
struct Piece {
    /// The first piece reaches down without limit; its start is never read.
    int256 start;
    /// Minor units.
    int256 pays;
    /// 10⁻⁹ minor units a smallest step of the metric.
    int256 slope;
}

/// @title The payoff engine: a signed, piecewise-affine function from a metric to money.
/// @dev Every payment model is this one function. Amounts and starts fit 96 bits, slopes 128 and counts 32: with 30 bits of
/// scale no product reaches 256 bits, and sums over at most 65,535 pieces do not either. That is why the arithmetic of
/// reports is unchecked.
library Payoff {
    int256 internal constant SCALE = 1e9;

    /// @notice Total of a milestone's report: Σ n·a + b·(Σx − n·s) over the tallies and `notEvaluable`, what the patients
    /// who can't be evaluated are worth; exact, then rounded once, toward zero, which favours whoever pays and stays
    /// within the locks.
    /// @dev Reverts with SumOutsideTier when a tier's sum can't be the sum of that many values of the tier.
    function ofTallies(
        Piece[] memory pieces,
        IOutcomeAgreement.Tally[] memory tallies,
        int256 notEvaluable
    ) internal pure returns (int256 total) {
        unchecked {
            total = notEvaluable * SCALE;
            for (uint256 k = 0; k < pieces.length; ++k) {
                Piece memory piece = pieces[k];
                IOutcomeAgreement.Tally memory tally = tallies[k];
                int256 patients = int256(uint256(tally.patients));
                int256 sum = tally.sum;
                total += patients * piece.pays * SCALE;
                if (piece.slope == 0) {
                    if (sum != 0) revert IOutcomeAgreement.SumOutsideTier(k, sum);
                } else {
                    // Only a piece between two others is sloped: the first and the last are flat.
                    int256 lowest = patients * piece.start;
                    int256 highest = patients * (pieces[k + 1].start - 1);
                    if (sum < lowest || sum > highest) revert IOutcomeAgreement.SumOutsideTier(k, sum);
                    // Within the tier, so that slope × width is bounded by the locks the factory worked out, checked.
                    total += piece.slope * (sum - lowest);
                }
            }
            total /= SCALE;
        }
    }

    /// @notice f(value) × weight, rounded once, toward zero.
    function ofValue(Piece[] memory pieces, int256 value, uint256 weight) internal pure returns (int256) {
        uint256 k = pieces.length - 1;
        while (k > 0 && value < pieces[k].start) --k;
        Piece memory piece = pieces[k];
        int256 scaled = piece.pays * SCALE;
        if (piece.slope != 0) scaled += piece.slope * (value - piece.start);
        return (scaled * int256(weight)) / SCALE;
    }

    /// @notice The worst case of each side for one patient (one clause, on basis total): sup f for `from`, −inf f for
    /// `to`, a sloped piece's upper end included, rounded away from zero so that every settlement is covered.
    function locks(
        Piece[] memory pieces,
        int256 notEvaluable
    ) internal pure returns (uint256 fromLock, uint256 toLock) {
        int256 highest = notEvaluable > 0 ? notEvaluable : int256(0);
        int256 lowest = notEvaluable < 0 ? notEvaluable : int256(0);
        for (uint256 k = 0; k < pieces.length; ++k) {
            Piece memory piece = pieces[k];
            if (piece.pays > highest) highest = piece.pays;
            if (piece.pays < lowest) lowest = piece.pays;
            if (piece.slope == 0) continue;
            int256 scaled = piece.pays * SCALE + piece.slope * (pieces[k + 1].start - piece.start);
            int256 end = scaled / SCALE;
            if (scaled % SCALE != 0) end += scaled > 0 ? int256(1) : int256(-1);
            if (end > highest) highest = end;
            if (end < lowest) lowest = end;
        }
        return (uint256(highest), uint256(-lowest));
    }
}
