// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgreementFactory} from "../../contracts/AgreementFactory.sol";
import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {SolidityTest} from "../contracts/support/SolidityTest.sol";
import {Handler} from "./Handler.sol";
import {Shapes} from "./Shapes.sol";

/// @title What holds after any sequence of calls to agreements of every shape; the rules stand in README.md.
contract AgreementInvariants is SolidityTest {
    /// @dev Calls after which a run is long enough to be counted. A shorter one is a failure made smaller.
    uint256 private constant _COUNTED = 900;

    Handler[] private _handlers;

    function setUp() public {
        AgreementFactory factory = new AgreementFactory();
        for (uint256 shape = 0; shape < Shapes.COUNT; ++shape) {
            Handler handler = new Handler(factory, shape);
            _handlers.push(handler);
            targetContract(address(handler));
            targetSelector(FuzzSelector(address(handler), _selectors(shape)));
        }
    }

    function invariant_RulesHold() public view {
        for (uint256 i = 0; i < _handlers.length; ++i) _handlers[i].check();
    }

    /// @dev The runner calls it at the end of each run.
    function afterInvariant() public {
        _checkCounts();
        for (uint256 i = 0; i < _handlers.length; ++i) _handlers[i].runOff();
        invariant_RulesHold();
    }

    /// @dev Every function of the agreement went through, so that the rules held of something.
    function _checkCounts() private view {
        uint256 calls;
        uint256 accepted;
        for (uint256 i = 0; i < _handlers.length; ++i) {
            calls += _handlers[i].calls();
            accepted += _handlers[i].accepted();
        }
        if (calls < _COUNTED) return;
        require(accepted * 3 > calls, "most calls are refused");
        _atLeast(20, IOutcomeAgreement.deposit.selector, "deposit");
        _atLeast(20, IOutcomeAgreement.withdraw.selector, "withdraw");
        _atLeast(20, IOutcomeAgreement.enrol.selector, "enrol");
        _atLeast(10, IOutcomeAgreement.reportMilestone.selector, "reportMilestone");
        _atLeast(10, IOutcomeAgreement.release.selector, "release");
        _atLeast(10, IOutcomeAgreement.appoint.selector, "appoint");
        _atLeast(10, IOutcomeAgreement.assign.selector, "assign");
        _atLeast(1, IOutcomeAgreement.agree.selector, "agree");
        _atLeast(1, IOutcomeAgreement.lapse.selector, "lapse");
        _atLeast(1, IOutcomeAgreement.settleClause.selector, "settleClause");
        _atLeast(1, IOutcomeAgreement.settleMilestone.selector, "settleMilestone");
        _atLeast(1, IOutcomeAgreement.challenge.selector, "challenge");
        _atLeast(1, IOutcomeAgreement.ruleMilestone.selector, "ruleMilestone");
    }

    function _atLeast(uint256 times, bytes4 selector, string memory name) private view {
        uint256 found;
        for (uint256 i = 0; i < _handlers.length; ++i) found += _handlers[i].successes(selector);
        require(found >= times, string.concat("a function is hardly ever called: ", name));
    }

    /// @dev Calls that a life has many of stand there more than once. One clock serves all agreements: one turns it.
    function _selectors(uint256 shape) private pure returns (bytes4[] memory s) {
        Handler h;
        s = new bytes4[](shape == 0 ? 28 : 24);
        s[0] = s[1] = s[2] = h.enrol.selector;
        s[3] = s[4] = s[5] = h.reportMilestone.selector;
        s[6] = s[7] = h.reportWager.selector;
        s[8] = s[9] = h.settleReport.selector;
        s[10] = h.settleClause.selector;
        s[11] = s[12] = h.challenge.selector;
        s[13] = s[14] = h.rule.selector;
        s[15] = h.lapse.selector;
        s[16] = h.deposit.selector;
        s[17] = h.withdraw.selector;
        s[18] = h.agree.selector;
        s[19] = h.release.selector;
        s[20] = h.appoint.selector;
        s[21] = h.assign.selector;
        s[22] = h.terminate.selector;
        s[23] = h.donate.selector;
        for (uint256 i = 24; i < s.length; ++i) s[i] = h.warp.selector;
    }
}
