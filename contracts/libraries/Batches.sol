// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One enrolment of a cohort, in one slot.
struct Batch {
    /// Latest index day among its patients.
    uint32 indexedDay;
    /// Patients enrolled in the cohort up to and with this batch.
    uint32 cumulative;
    /// Root over its leaves, cut to what fits.
    bytes24 root;
}

/// @title The batches of a cohort by number from 1; their index days never go back.
library Batches {
    /// @notice How many of the first `last` batches were indexed on or before `day`.
    /// @param hint A guess at the answer; right, it costs two reads whatever the number of batches, else a search.
    function countUpTo(
        mapping(uint256 number => Batch) storage batches,
        uint256 last,
        uint256 day,
        uint256 hint
    ) internal view returns (uint256) {
        if (
            hint <= last &&
            (hint == 0 || batches[hint].indexedDay <= day) &&
            (hint == last || batches[hint + 1].indexedDay > day)
        ) return hint;
        uint256 low = 0;
        uint256 high = last;
        while (low < high) {
            uint256 middle = (low + high + 1) / 2;
            if (batches[middle].indexedDay <= day) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}
