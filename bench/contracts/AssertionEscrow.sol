// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssertionOracle} from "./IAssertionOracle.sol";

/// @title Money that goes where an assertion says, once UMA's optimistic oracle has let it stand.
contract AssertionEscrow {
    struct Outcome {
        bytes claim;
        uint128 toMaker;
        uint128 toPayer;
    }

    IERC20 private immutable _TOKEN;
    IAssertionOracle private immutable _ORACLE;
    address private immutable _PAYER;
    address private immutable _MAKER;
    uint256 private immutable _BOND;
    uint64 private immutable _LIVENESS;
    bytes32 private immutable _IDENTIFIER;

    /// @dev What goes to the maker (high) and to the payer (low) when an assertion stands.
    mapping(bytes32 assertion => uint256 packed) private _amounts;

    error NotOracle(address caller);

    constructor(IERC20 token, IAssertionOracle oracle, address payer, address maker, uint256 bond, uint64 liveness) {
        (_TOKEN, _ORACLE, _PAYER, _MAKER, _BOND, _LIVENESS) = (token, oracle, payer, maker, bond, liveness);
        _IDENTIFIER = oracle.defaultIdentifier();
        token.approve(address(oracle), type(uint256).max);
    }

    /// @notice Asserts outcomes; the caller posts the bonds, and gets them back from the oracle.
    function assertOutcomes(Outcome[] calldata outcomes) external {
        require(_TOKEN.transferFrom(msg.sender, address(this), _BOND * outcomes.length));
        for (uint256 i = 0; i < outcomes.length; ++i) {
            bytes32 assertion = _ORACLE.assertTruth(
                outcomes[i].claim,
                msg.sender,
                address(this),
                address(0),
                _LIVENESS,
                _TOKEN,
                _BOND,
                _IDENTIFIER,
                bytes32(0)
            );
            _amounts[assertion] = (uint256(outcomes[i].toMaker) << 128) | outcomes[i].toPayer;
        }
    }

    function assertionResolvedCallback(bytes32 assertion, bool stands) external {
        require(msg.sender == address(_ORACLE), NotOracle(msg.sender));
        uint256 packed = _amounts[assertion];
        delete _amounts[assertion];
        if (!stands) return;
        (uint256 toMaker, uint256 toPayer) = (packed >> 128, uint128(packed));
        if (toMaker > 0) require(_TOKEN.transfer(_MAKER, toMaker));
        if (toPayer > 0) require(_TOKEN.transfer(_PAYER, toPayer));
    }

    /// @dev The oracle tells of disputes too: the money waits.
    function assertionDisputedCallback(bytes32 assertion) external {}
}
