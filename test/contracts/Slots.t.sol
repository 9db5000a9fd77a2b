// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccountSlot} from "../../contracts/libraries/AccountSlot.sol";
import {ClauseSlot} from "../../contracts/libraries/ClauseSlot.sol";
import {ReportSlot, ReportSlots} from "../../contracts/libraries/ReportSlot.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title Packed slots: what was written is read again, and what stands beside it is left alone.
/// @dev Each test draws a slot of any 256 bits, the unused ones too.
contract SlotsTest is SolidityTest {
    function testFuzz_AccountKeepsWhatIsWritten(uint256 word, uint120 balance, uint120 locked) public pure {
        AccountSlot before = AccountSlot.wrap(word);
        AccountSlot written = before.with(balance, locked);
        require(written.balance() == balance, "balance");
        require(written.locked() == locked, "locked");
        require(written.assigned() == before.assigned(), "assigned");
        require(AccountSlot.unwrap(written) >> 240 == word >> 240, "free bits");
    }

    function testFuzz_AccountRefusesWhatDoesNotFit(uint256 word, uint256 amount, uint120 fits) public {
        amount = amount < 1 << 120 ? amount + (1 << 120) : amount;
        vm.expectRevert();
        this.writeAccount(AccountSlot.wrap(word), amount, fits);
        vm.expectRevert();
        this.writeAccount(AccountSlot.wrap(word), fits, amount);
    }

    function testFuzz_AssigningKeepsTheMoney(uint256 word) public pure {
        AccountSlot before = AccountSlot.wrap(word);
        AccountSlot assigned = before.asAssigned();
        require(assigned.assigned(), "assigned");
        require(assigned.balance() == before.balance() && assigned.locked() == before.locked(), "money");
    }

    function testFuzz_ClauseKeepsEachField(uint256 word, uint32 value, int112 total) public pure {
        ClauseSlot s = ClauseSlot.wrap(word);
        ClauseSlot t = s.withAssessed(value);
        require(t.assessed() == value && _differ(s, t) >> 32 == 0, "assessed");
        t = s.withPending(value);
        require(t.pending() == value && _differ(s, t) & ~(uint256(type(uint32).max) << 32) == 0, "pending");
        t = s.withNumber(value);
        require(t.number() == value && _differ(s, t) & ~(uint256(type(uint32).max) << 64) == 0, "number");
        t = s.withReopenedDay(value);
        require(t.reopenedDay() == value && _differ(s, t) & ~(uint256(type(uint32).max) << 96) == 0, "reopenedDay");
        t = s.withOutcome();
        require(t.settled() && _differ(s, t) & ~(uint256(1) << 128) == 0, "settled");
        t = s.withTotal(total);
        require(t.total() == total && _differ(s, t) & ~(uint256(type(uint112).max) << 136) == 0, "total");
    }

    function testFuzz_ReportKeepsEachField(bytes32 hash, uint32 landed, uint32 challenged, uint8 account) public {
        vm.warp(landed);
        ReportSlot s = ReportSlots.landing(hash);
        require(s.commitment() == bytes23(hash) && s.landed() == landed, "landing");
        require(s.challenged() == 0 && s.challenger() == 0, "challenged by nobody");
        require(s.isPending() == (landed != 0), "pending");
        vm.warp(challenged);
        ReportSlot t = s.withChallenge(account);
        require(t.challenged() == challenged && t.challenger() == account, "challenge");
        require(t.commitment() == bytes23(hash) && t.landed() == landed, "what landed");
        ReportSlot settled = t.asSettled();
        require(settled.commitment() == bytes23(hash), "the commitment stays");
        require(ReportSlot.unwrap(settled) << 184 == 0, "nothing else does");
    }

    function writeAccount(AccountSlot s, uint256 balance, uint256 locked) external pure returns (AccountSlot) {
        return s.with(balance, locked);
    }

    function _differ(ClauseSlot a, ClauseSlot b) private pure returns (uint256) {
        return ClauseSlot.unwrap(a) ^ ClauseSlot.unwrap(b);
    }
}
