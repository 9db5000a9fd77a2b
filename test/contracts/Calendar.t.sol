// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "../../contracts/libraries/Calendar.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title Dates, against a calendar that turns its pages one by one.
contract CalendarTest is SolidityTest {
    /// @dev 2199-12-31.
    uint256 private constant _LAST = 84_005;

    function testFuzz_DayOfEveryDate(uint256 day) public pure {
        day = bound(day, 0, _LAST);
        require(Calendar.dayOf(_dateOf(day)) == day, "another day");
    }

    function testFuzz_NoOtherNumberIsADate(uint32 number) public view {
        uint256 date = bound(number, 19_690_000, 22_010_000);
        try this.dayOf(date) returns (uint256 day) {
            require(day <= _LAST && _dateOf(day) == date, "a day that is none");
        } catch (bytes memory reason) {
            require(bytes4(reason) == Calendar.NoSuchDay.selector, "refused for another reason");
            require(!_isDate(date), "a date is refused");
        }
    }

    function dayOf(uint256 date) external pure returns (uint256) {
        return Calendar.dayOf(date);
    }

    function _dateOf(uint256 left) private pure returns (uint256) {
        uint256 year = 1970;
        uint256 month = 1;
        for (; left >= _length(year, month);) {
            left -= _length(year, month);
            if (month == 12) ++year;
            month = month == 12 ? 1 : month + 1;
        }
        return year * 10_000 + month * 100 + left + 1;
    }

    function _isDate(uint256 date) private pure returns (bool) {
        uint256 month = (date / 100) % 100;
        if (date < 19_700_101 || date > 21_991_231 || month == 0 || month > 12) return false;
        return date % 100 != 0 && date % 100 <= _length(date / 10_000, month);
    }

    function _length(uint256 year, uint256 month) private pure returns (uint256) {
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        uint8[12] memory lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        return lengths[month - 1];
    }
}
