// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Days: what a date 20260101 is in days since 1970-01-01 UTC.
library Calendar {
    /// @notice The number is no date of the form 20260101.
    /// @dev Write year, month and day as one number; the day has to exist.
    error NoSuchDay(uint256 date);

    function today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }

    /// @notice Days since 1970-01-01 of a date written 20260101, between 1970 and 2199. Reverts with NoSuchDay.
    /// @dev Counts days from a March, so that the leap day is a year's last; after E. G. Richards, "Mapping time" (1998).
    function dayOf(uint256 date) internal pure returns (uint256) {
        uint256 year = date / 10_000;
        uint256 month = (date / 100) % 100;
        uint256 day = date % 100;
        if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > _length(year, month)) {
            revert NoSuchDay(date);
        }
        unchecked {
            // Every term is small and positive for these years.
            uint256 a = (14 - month) / 12;
            uint256 y = year + 4800 - a;
            uint256 m = month + 12 * a - 3;
            return day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32_045 - 2_440_588;
        }
    }

    function _length(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 2) return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28;
        return (month == 4 || month == 6 || month == 9 || month == 11) ? 30 : 31;
    }
}
