// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The arithmetic of one piece of a payoff, on plain values.
/// @dev Apart from what reads the terms, and without imports, so that the compiler's model checker can follow it: what is
/// said here of overflow and bounds is proved (`docs/proofs.md`). Amounts and starts fit 96 bits, slopes 128.
library Affine {
    int256 internal constant SCALE = 1e9;

    /// @notice What `n` patients in a piece come to at its start, in minor units.
    function flat(int256 n, int256 pays) internal pure returns (int256) {
        unchecked {
            return n * pays;
        }
    }

    /// @notice What the slope adds for values that exceed a piece's start by `sumAbove` in sum, in 10⁻⁹ minor units.
    function risen(int256 slope, int256 sumAbove) internal pure returns (int256) {
        unchecked {
            return slope * sumAbove;
        }
    }

    /// @notice Both together: exact, in 10⁻⁹ minor units.
    function exact(int256 whole, int256 sloped) internal pure returns (int256) {
        unchecked {
            return whole * SCALE + sloped;
        }
    }

    /// @notice Whole minor units, rounded toward zero.
    function rounded(int256 scaled) internal pure returns (int256) {
        return scaled / SCALE;
    }

    /// @notice Whether `n` values that lie from `start` up to, not including, `next` can add up to `sum`.
    function fits(int256 n, int256 sum, int256 start, int256 next) internal pure returns (bool) {
        unchecked {
            return sum >= n * start && sum <= n * (next - 1);
        }
    }

    /// @notice By how much those values exceed `start`, in sum.
    function above(int256 n, int256 sum, int256 start) internal pure returns (int256) {
        unchecked {
            return sum - n * start;
        }
    }

    /// @notice What a sloped piece of that width comes to at its upper end: minor units, rounded away from zero.
    function upperEnd(int256 pays, int256 slope, int256 width) internal pure returns (int256 end) {
        int256 scaled = exact(pays, risen(slope, width));
        end = rounded(scaled);
        if (scaled % SCALE != 0) end += scaled > 0 ? int256(1) : int256(-1);
    }
}
