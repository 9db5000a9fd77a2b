// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IOptimisticOracleV3} from "../interfaces/IOptimisticOracleV3.sol";
import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {IUmaEndorser} from "../interfaces/IUmaEndorser.sol";
import {Messages} from "../libraries/Messages.sol";
import {AgreementDigest} from "./libraries/AgreementDigest.sol";
import {Claims} from "./libraries/Claims.sol";

/// @title Endorses what UMA's Optimistic Oracle V3 settled as truthful.
/// @dev What it promises stands in {IUmaEndorser}. It holds no tokens: a bond passes through within {_assert}.
contract UmaEndorser is IUmaEndorser {
    using Messages for *;
    using SafeERC20 for IERC20;

    /// @inheritdoc IUmaEndorser
    address public immutable override optimisticOracle;
    /// @inheritdoc IUmaEndorser
    address public immutable override currency;
    /// @inheritdoc IUmaEndorser
    uint256 public immutable override minimumBond;
    /// @inheritdoc IUmaEndorser
    uint64 public immutable override liveness;
    /// @inheritdoc IUmaEndorser
    address public immutable override escalationManager;
    /// @inheritdoc IUmaEndorser
    bytes32 public immutable override identifier;

    /// @inheritdoc IUmaEndorser
    mapping(bytes32 assertionId => bytes32 digest) public override digestOf;
    mapping(bytes32 digest => bool) private _endorsed;

    /// @dev Reverts: NoLiveness, and as UMA does when the oracle is none.
    constructor(
        IOptimisticOracleV3 optimisticOracle_,
        address currency_,
        uint256 minimumBond_,
        uint64 liveness_,
        address escalationManager_
    ) {
        if (liveness_ == 0) revert NoLiveness();
        optimisticOracle = address(optimisticOracle_);
        currency = currency_;
        minimumBond = minimumBond_;
        liveness = liveness_;
        escalationManager = escalationManager_;
        identifier = optimisticOracle_.defaultIdentifier();
        // UMA asks no bond of a currency that it has not looked at yet, and more in the same call.
        optimisticOracle_.syncUmaParams(identifier, currency_);
    }

    // ------------------------------------------------------------------------------------------------ asserting

    /// @inheritdoc IUmaEndorser
    function assertEnrolment(
        address agreement,
        IOutcomeAgreement.Enrolment calldata enrolment,
        string calldata evidence
    ) external override returns (bytes32 assertionId) {
        bytes32 digest = AgreementDigest.compute(agreement, enrolment.hash());
        _check(digest, enrolment.lastDay);
        return _assert(agreement, digest, Claims.ofEnrolment(agreement, digest, enrolment), evidence);
    }

    /// @inheritdoc IUmaEndorser
    function assertMilestone(
        address agreement,
        IOutcomeAgreement.MilestoneReport calldata report,
        string calldata evidence
    ) external override returns (bytes32 assertionId) {
        bytes32 digest = AgreementDigest.compute(agreement, report.hash());
        _check(digest, report.lastDay);
        return _assert(agreement, digest, Claims.ofMilestone(agreement, digest, report), evidence);
    }

    /// @inheritdoc IUmaEndorser
    function assertWager(
        address agreement,
        IOutcomeAgreement.WagerReport calldata report,
        string calldata evidence
    ) external override returns (bytes32 assertionId) {
        bytes32 digest = AgreementDigest.compute(agreement, report.hash());
        _check(digest, report.lastDay);
        return _assert(agreement, digest, Claims.ofWager(agreement, digest, report), evidence);
    }

    // ------------------------------------------------------------------------------------------------ resolving

    /// @inheritdoc IUmaEndorser
    function assertionResolvedCallback(bytes32 assertionId, bool assertedTruthfully) external override {
        bytes32 digest = _digestFromOracle(assertionId);
        if (digest == 0) return;
        delete digestOf[assertionId];
        if (assertedTruthfully) _endorsed[digest] = true;
        emit Resolved(digest, assertionId, assertedTruthfully);
    }

    /// @inheritdoc IUmaEndorser
    function assertionDisputedCallback(bytes32 assertionId) external override {
        bytes32 digest = _digestFromOracle(assertionId);
        if (digest != 0) emit Disputed(digest, assertionId);
    }

    // ---------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IUmaEndorser
    function isValidSignature(bytes32 digest, bytes calldata) external view override returns (bytes4 magicValue) {
        return _endorsed[digest] ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @inheritdoc IUmaEndorser
    function bond() public view override returns (uint256) {
        uint256 least = IOptimisticOracleV3(optimisticOracle).getMinimumBond(currency);
        return least > minimumBond ? least : minimumBond;
    }

    // ------------------------------------------------------------------------------------------------ internals

    function _check(bytes32 digest, uint256 lastDay) private view {
        if (_endorsed[digest]) revert AlreadyEndorsed(digest);
        uint256 settlementDay = (block.timestamp + liveness) / 1 days;
        if (lastDay < settlementDay) revert ExpiresBeforeSettlement(lastDay, settlementDay);
    }

    /// @dev The oracle calls nobody back before its call returns, so the assertion is kept in time.
    function _assert(
        address agreement,
        bytes32 digest,
        string memory claim,
        string calldata evidence
    ) private returns (bytes32 assertionId) {
        uint256 amount = bond();
        IERC20(currency).safeTransferFrom(msg.sender, address(this), amount);
        IERC20(currency).forceApprove(optimisticOracle, amount);
        assertionId = IOptimisticOracleV3(optimisticOracle).assertTruth(
            bytes(claim),
            msg.sender,
            address(this),
            escalationManager,
            liveness,
            currency,
            amount,
            identifier,
            bytes32(0)
        );
        digestOf[assertionId] = digest;
        emit Asserted(digest, assertionId, agreement, msg.sender, evidence);
    }

    /// @return digest 0 when the assertion was not made here, or is resolved.
    function _digestFromOracle(bytes32 assertionId) private view returns (bytes32 digest) {
        if (msg.sender != optimisticOracle) revert NotOptimisticOracle(msg.sender);
        return digestOf[assertionId];
    }
}
