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

    IERC20 private immutable _token;
    IAssertionOracle private immutable _oracle;
    address private immutable _payer;
    address private immutable _maker;
    uint256 private immutable _bond;
    uint64 private immutable _liveness;
    bytes32 private immutable _identifier;

    /// @dev What goes to the maker (high) and to the payer (low) when an assertion stands.
    mapping(bytes32 assertion => uint256 packed) private _amounts;

    error NotOracle(address caller);
    error TransferFailed();

    constructor(IERC20 token, IAssertionOracle oracle, address payer, address maker, uint256 bond, uint64 liveness) {
        (_token, _oracle, _payer, _maker, _bond, _liveness) = (token, oracle, payer, maker, bond, liveness);
        _identifier = oracle.defaultIdentifier();
        token.approve(address(oracle), type(uint256).max);
    }

    /// @notice Asserts outcomes; the caller posts the bonds, and gets them back from the oracle.
    function assertOutcomes(Outcome[] calldata outcomes) external {
        require(_token.transferFrom(msg.sender, address(this), _bond * outcomes.length), TransferFailed());
        for (uint256 i = 0; i < outcomes.length; ++i) {
            bytes32 assertion = _oracle.assertTruth(
                outcomes[i].claim,
                msg.sender,
                address(this),
                address(0),
                _liveness,
                _token,
                _bond,
                _identifier,
                bytes32(0)
            );
            _amounts[assertion] = (uint256(outcomes[i].toMaker) << 128) | outcomes[i].toPayer;
        }
    }

    function assertionResolvedCallback(bytes32 assertion, bool stands) external {
        require(msg.sender == address(_oracle), NotOracle(msg.sender));
        uint256 packed = _amounts[assertion];
        delete _amounts[assertion];
        if (!stands) return;
        (uint256 toMaker, uint256 toPayer) = (packed >> 128, uint128(packed));
        if (toMaker > 0) require(_token.transfer(_maker, toMaker), TransferFailed());
        if (toPayer > 0) require(_token.transfer(_payer, toPayer), TransferFailed());
    }

    /// @dev The oracle tells of disputes too: the money waits.
    // solhint-disable-next-line no-empty-blocks
    function assertionDisputedCallback(bytes32 assertion) external {}
}
