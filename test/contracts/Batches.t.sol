// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch, Batches} from "../../contracts/libraries/Batches.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title Batches due, for any batches and any hint.
contract BatchesTest is SolidityTest {
    using Batches for mapping(uint256 => Batch);

    mapping(uint256 number => Batch) private _batches;

    function testFuzz_AnyHintFindsWhatAScanFinds(
        uint8[] calldata gaps,
        uint32 first,
        uint256 place,
        uint256 hint
    ) public {
        uint256 day = first >> 8;
        uint256 start = day;
        for (uint256 i = 0; i < gaps.length; ++i) {
            // Half of the batches share a day with the one before.
            day += gaps[i] & 1 == 0 ? 0 : gaps[i];
            _batches[i + 1] = Batch(uint32(day), uint32(i), 0);
        }
        uint256 asked = start + (place % (day - start + 3));
        if (asked > 0) --asked;
        uint256 found = _batches.countUpTo(gaps.length, asked, hint % (gaps.length + 3));
        uint256 expected;
        while (expected < gaps.length && _batches[expected + 1].indexedDay <= asked) ++expected;
        require(found == expected, "a hint changes the answer");
        require(_batches.countUpTo(gaps.length, asked, type(uint256).max) == expected, "the search is wrong");
    }
}
