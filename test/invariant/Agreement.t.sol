// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {SolidityTest} from "../contracts/support/SolidityTest.sol";
import {Handler} from "./Handler.sol";

/// @title What holds after any sequence of calls; the rules stand in README.md.
abstract contract AgreementInvariants is SolidityTest {
    uint256 private constant _LIVES = 5;
    uint256 private constant _CALLS = 300;
    /// @dev Successes of each function over all lives, at least.
    uint256 private constant _OFTEN = 5;

    Handler private _handler;
    mapping(bytes4 selector => uint256) private _counts;

    function setUp() public {
        _handler = new Handler(_shape());
        targetContract(address(_handler));
        targetSelector(FuzzSelector(address(_handler), _selectors()));
    }

    function invariant_RulesHold() public view {
        _handler.check();
    }

    /// @dev The runner calls it at the end of each run.
    function afterInvariant() public {
        _handler.runOff();
        _handler.check();
    }

    /// @dev The same calls in an order that does not change: every function of the agreement goes through often, so that
    /// the invariants hold of something.
    function test_EveryCallGoesThrough() public {
        bytes4[] memory selectors = _selectors();
        bytes4[] memory counted = _counted();
        uint256 calls;
        uint256 accepted;
        for (uint256 life = 0; life < _LIVES; ++life) {
            Handler handler = new Handler(_shape());
            for (uint256 i = 0; i < _CALLS; ++i) {
                uint256 seed = uint256(keccak256(abi.encode(_shape(), life, i)));
                (bool ok, bytes memory why) = address(handler).call(
                    abi.encodeWithSelector(selectors[seed % selectors.length], seed)
                );
                require(ok, string(why));
                if (i % 8 == 0) handler.check();
            }
            handler.runOff();
            handler.check();
            for (uint256 i = 0; i < counted.length; ++i) _counts[counted[i]] += handler.successes(counted[i]);
            calls += handler.calls();
            accepted += handler.accepted();
        }
        for (uint256 i = 0; i < counted.length; ++i) {
            require(_counts[counted[i]] >= _OFTEN, string.concat("a function is hardly ever called: ", _name(i)));
        }
        require(accepted * 3 > calls, "most calls are refused");
    }

    function _shape() internal pure virtual returns (uint256);

    /// @dev Functions of the agreement that the shape has a use for.
    function _counted() private pure returns (bytes4[] memory counted) {
        bool disputes = _shape() == 1 || _shape() == 3;
        bool wagers = _shape() != 0;
        bool known = _shape() == 1 || _shape() == 2;
        counted = new bytes4[](16);
        counted[0] = IOutcomeAgreement.deposit.selector;
        counted[1] = IOutcomeAgreement.withdraw.selector;
        counted[2] = IOutcomeAgreement.enrol.selector;
        counted[3] = IOutcomeAgreement.reportMilestone.selector;
        counted[4] = IOutcomeAgreement.lapse.selector;
        counted[5] = IOutcomeAgreement.agree.selector;
        counted[6] = IOutcomeAgreement.release.selector;
        counted[7] = IOutcomeAgreement.appoint.selector;
        counted[8] = IOutcomeAgreement.assign.selector;
        // A function that the shape has no use for is counted as one that every shape has.
        counted[9] = wagers ? IOutcomeAgreement.reportWager.selector : counted[0];
        counted[10] = known ? IOutcomeAgreement.settleClause.selector : counted[0];
        counted[11] = disputes ? IOutcomeAgreement.settleMilestone.selector : counted[0];
        counted[12] = disputes ? IOutcomeAgreement.settleWager.selector : counted[0];
        counted[13] = disputes ? IOutcomeAgreement.challenge.selector : counted[0];
        counted[14] = disputes ? IOutcomeAgreement.ruleMilestone.selector : counted[0];
        counted[15] = disputes ? IOutcomeAgreement.ruleWager.selector : counted[0];
    }

    function _name(uint256 position) private pure returns (string memory) {
        string[16] memory names = [
            "deposit",
            "withdraw",
            "enrol",
            "reportMilestone",
            "lapse",
            "agree",
            "release",
            "appoint",
            "assign",
            "reportWager",
            "settleClause",
            "settleMilestone",
            "settleWager",
            "challenge",
            "ruleMilestone",
            "ruleWager"
        ];
        return names[position];
    }

    /// @dev Calls that a life has many of stand there more than once.
    function _selectors() private pure returns (bytes4[] memory s) {
        Handler h;
        s = new bytes4[](25);
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
        s[18] = h.warp.selector;
        s[19] = h.agree.selector;
        s[20] = h.release.selector;
        s[21] = h.appoint.selector;
        s[22] = h.assign.selector;
        s[23] = h.terminate.selector;
        s[24] = h.donate.selector;
    }
}

contract GuaranteeInvariants is AgreementInvariants {
    function _shape() internal pure override returns (uint256) {
        return 0;
    }
}

contract SlopesInvariants is AgreementInvariants {
    function _shape() internal pure override returns (uint256) {
        return 1;
    }
}

contract TotalsInvariants is AgreementInvariants {
    function _shape() internal pure override returns (uint256) {
        return 2;
    }
}

contract DisputesInvariants is AgreementInvariants {
    function _shape() internal pure override returns (uint256) {
        return 3;
    }
}
