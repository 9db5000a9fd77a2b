// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Affine} from "./Affine.sol";
import {ClauseAt, PackedTerms} from "./PackedTerms.sol";

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
    using PackedTerms for bytes;

    /// @notice Total of a milestone's report: Σ n·a + b·(Σx − n·s) over the tallies and the patients who can't be
    /// evaluated; exact, then rounded once, toward zero, which favours whoever pays and stays within the locks.
    /// @dev Reverts with SumOutsideTier when a tier's sum can't be the sum of that many values of the tier. Reads the
    /// pieces where they stand in the terms, without a copy. The caller has checked that there are as many tallies as
    /// pieces.
    /// @return total what `from` pays `to`, or the other way when negative · reported patients, not evaluable ones included
    function ofTallies(
        bytes memory terms,
        ClauseAt clause,
        IOutcomeAgreement.Tally[] calldata tallies,
        uint256 notEvaluable
    ) internal pure returns (int256 total, uint256 reported) {
        unchecked {
            int256 whole = Affine.flat(int256(notEvaluable), terms.notEvaluable(clause));
            int256 sloped;
            reported = notEvaluable;
            for (uint256 k = 0; k < tallies.length; ++k) {
                (int256 start, int256 pays, int256 slope) = terms.pieceAt(clause, k);
                int256 patients = int256(uint256(tallies[k].patients));
                int256 sum = tallies[k].sum;
                reported += uint256(patients);
                whole += Affine.flat(patients, pays);
                if (slope == 0) {
                    if (sum != 0) revert IOutcomeAgreement.SumOutsideTier(k, sum);
                } else {
                    // Only a piece between two others is sloped: the first and the last are flat.
                    if (!Affine.fits(patients, sum, start, terms.startOf(clause, k + 1))) {
                        revert IOutcomeAgreement.SumOutsideTier(k, sum);
                    }
                    sloped += Affine.risen(slope, Affine.above(patients, sum, start));
                }
            }
            total = Affine.rounded(Affine.exact(whole, sloped));
        }
    }

    /// @notice f(value) × weight, rounded once, toward zero.
    function ofValue(bytes memory terms, ClauseAt clause, int256 value, uint256 weight) internal pure returns (int256) {
        uint256 k = terms.tiers(clause) - 1;
        while (k > 0 && value < terms.startOf(clause, k)) --k;
        (int256 start, int256 pays, int256 slope) = terms.pieceAt(clause, k);
        int256 sloped = slope == 0 ? int256(0) : Affine.risen(slope, value - start);
        return Affine.rounded(Affine.exact(pays, sloped) * int256(weight));
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
            int256 end = Affine.upperEnd(piece.pays, piece.slope, pieces[k + 1].start - piece.start);
            if (end > highest) highest = end;
            if (end < lowest) lowest = end;
        }
        return (uint256(highest), uint256(-lowest));
    }
}
