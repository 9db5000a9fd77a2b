// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {IAgreementFactory} from "../../contracts/interfaces/IAgreementFactory.sol";
import {SolidityTest} from "../contracts/support/SolidityTest.sol";
import {ILife} from "./ILife.sol";

/// @title Rule 6 under the worst of circumstances: every report that can be is challenged, oracle and arbiter revert when
/// asked, no holder can be paid, a third of the tokens is gone, and nobody but a stranger calls.
contract LivenessTest is SolidityTest {
    IAgreementFactory private _factory;
    address private _template;

    function setUp() public {
        _factory = IAgreementFactory(deploy("AgreementFactory.sol:AgreementFactory", ""));
        _template = deploy("Life.sol:Life", "");
    }

    /// hardhat-config: fuzz.runs = 30
    function testFuzz_TimeAndAStrangerReleaseEveryLock(uint256 seed) public {
        _liveAndFallSilent(seed);
    }

    /// @dev The states that are left silent have disputes and open clauses in them.
    function test_SilenceFindsDisputesAndOpenClauses() public {
        uint256 disputed;
        uint256 ended;
        for (uint256 seed = 1; seed <= 20; ++seed) {
            (uint256 reports, uint256 clauses) = _liveAndFallSilent(uint256(keccak256(abi.encode(seed))));
            disputed += reports;
            ended += clauses;
        }
        require(disputed >= 8, "hardly a dispute is left to time");
        require(ended >= 40, "hardly a clause is left to time");
    }

    function _liveAndFallSilent(uint256 seed) private returns (uint256 disputed, uint256 ended) {
        ILife life = ILife(Clones.clone(_template));
        life.begin(_factory, seed);
        uint256 steps = 30 + (seed % 90);
        for (uint256 i = 0; i < steps; ++i) life.step(uint256(keccak256(abi.encode(seed, i))));
        (disputed, ended) = life.fallSilent(seed, true);
        life.check();
    }
}
