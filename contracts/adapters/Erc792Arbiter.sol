// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {IErc792Arbiter} from "../interfaces/IErc792Arbiter.sol";
import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {Messages} from "../libraries/Messages.sol";

/// @title Has an ERC-792 arbitrator rule on challenged reports.
/// @dev What it promises stands in {IErc792Arbiter}.
contract Erc792Arbiter is IErc792Arbiter {
    using Messages for *;

    struct Case {
        IOutcomeAgreement agreement;
        Verdict verdict;
        /// EIP-712 struct hash: it covers clause, cohort and number.
        bytes32 reportHash;
    }

    uint256 private constant _UPHOLD = 1;
    uint256 private constant _REJECT = 2;
    uint256 private constant _CHOICES = 2;
    /// @dev The one description of all disputes, from the constructor.
    uint256 private constant _META_EVIDENCE = 0;

    /// @inheritdoc IErc792Arbiter
    IArbitrator public immutable override arbitrator;
    /// @inheritdoc IErc792Arbiter
    bytes public override arbitratorExtraData;
    /// @inheritdoc IErc792Arbiter
    mapping(uint256 disputeID => Case) public override disputes;
    /// @inheritdoc IErc792Arbiter
    mapping(IOutcomeAgreement agreement => mapping(bytes32 reportHash => bool)) public override isDisputed;

    /// @param metaEvidence Where the question and the meaning of the rulings stand (ERC-1497).
    constructor(IArbitrator arbitrator_, bytes memory arbitratorExtraData_, string memory metaEvidence) {
        arbitrator = arbitrator_;
        arbitratorExtraData = arbitratorExtraData_;
        emit MetaEvidence(_META_EVIDENCE, metaEvidence);
    }

    // ------------------------------------------------------------------------------------------------- disputes

    /// @inheritdoc IErc792Arbiter
    function disputeMilestone(
        IOutcomeAgreement agreement,
        IOutcomeAgreement.MilestoneReport calldata report
    ) external payable override returns (uint256 disputeID) {
        bytes32 reportHash = report.hash();
        _checkChallenged(agreement, report.clause, report.cohort, report.number, reportHash);
        uint256 paid;
        (disputeID, paid) = _open(agreement, reportHash);
        emit MilestoneDisputed(disputeID, agreement, report);
        _giveBack(paid);
    }

    /// @inheritdoc IErc792Arbiter
    function disputeWager(
        IOutcomeAgreement agreement,
        IOutcomeAgreement.WagerReport calldata report
    ) external payable override returns (uint256 disputeID) {
        bytes32 reportHash = report.hash();
        _checkChallenged(agreement, report.clause, report.cohort, report.number, reportHash);
        uint256 paid;
        (disputeID, paid) = _open(agreement, reportHash);
        emit WagerDisputed(disputeID, agreement, report);
        _giveBack(paid);
    }

    /// @inheritdoc IErc792Arbiter
    function appeal(uint256 disputeID) external payable override {
        _pendingCase(disputeID);
        arbitrator.appeal{value: msg.value}(disputeID, arbitratorExtraData);
    }

    /// @inheritdoc IErc792Arbiter
    function submitEvidence(uint256 disputeID, string calldata evidence) external override {
        _pendingCase(disputeID);
        emit Evidence(arbitrator, disputeID, msg.sender, evidence);
    }

    // -------------------------------------------------------------------------------------------------- rulings

    /// @inheritdoc IErc792Arbiter
    function rule(uint256 disputeID, uint256 ruling) external override {
        if (msg.sender != address(arbitrator)) revert NotArbitrator(msg.sender);
        Case storage dispute = _pendingCase(disputeID);
        if (ruling == _UPHOLD) dispute.verdict = Verdict.Uphold;
        else if (ruling == _REJECT) dispute.verdict = Verdict.Reject;
        else dispute.verdict = Verdict.None;
        emit Ruling(arbitrator, disputeID, ruling);
    }

    /// @inheritdoc IErc792Arbiter
    function executeMilestone(uint256 disputeID, IOutcomeAgreement.MilestoneReport calldata report) external override {
        (IOutcomeAgreement agreement, bool uphold) = _ruled(disputeID, report.hash());
        emit Executed(disputeID, agreement, uphold);
        agreement.ruleMilestone(report, uphold);
    }

    /// @inheritdoc IErc792Arbiter
    function executeWager(uint256 disputeID, IOutcomeAgreement.WagerReport calldata report) external override {
        (IOutcomeAgreement agreement, bool uphold) = _ruled(disputeID, report.hash());
        emit Executed(disputeID, agreement, uphold);
        agreement.ruleWager(report, uphold);
    }

    // ---------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IErc792Arbiter
    function fee() public view override returns (uint256) {
        return arbitrator.arbitrationCost(arbitratorExtraData);
    }

    // ------------------------------------------------------------------------------------------------ internals

    function _checkChallenged(
        IOutcomeAgreement agreement,
        uint16 clause,
        uint16 cohort,
        uint32 number,
        bytes32 reportHash
    ) private view {
        address named = agreement.arbiter();
        if (named != address(this)) revert NotItsArbiter(named);
        (bytes23 commitment, , uint256 challenged, ) = agreement.pendingReport(clause, cohort, number);
        if (challenged == 0) revert NotChallenged();
        if (commitment != bytes23(reportHash)) revert NotThePendingReport();
    }

    /// @dev The report is marked before the arbitrator and the caller are called: neither can open a second dispute on it.
    function _open(IOutcomeAgreement agreement, bytes32 reportHash) private returns (uint256 disputeID, uint256 cost) {
        if (isDisputed[agreement][reportHash]) revert AlreadyDisputed(reportHash);
        isDisputed[agreement][reportHash] = true;
        cost = fee();
        if (msg.value < cost) revert FeeTooLow(msg.value, cost);
        disputeID = arbitrator.createDispute{value: cost}(_CHOICES, arbitratorExtraData);
        disputes[disputeID] = Case(agreement, Verdict.Pending, reportHash);
        emit Dispute(arbitrator, disputeID, _META_EVIDENCE, disputeID);
    }

    /// @dev The last thing a call does.
    function _giveBack(uint256 paid) private {
        if (msg.value > paid) Address.sendValue(payable(msg.sender), msg.value - paid);
    }

    function _pendingCase(uint256 disputeID) private view returns (Case storage dispute) {
        dispute = disputes[disputeID];
        if (address(dispute.agreement) == address(0)) revert UnknownDispute(disputeID);
        if (dispute.verdict != Verdict.Pending) revert AlreadyRuled(disputeID);
    }

    /// @dev What the agreement did not hear it can hear later: it takes each ruling once by itself.
    function _ruled(
        uint256 disputeID,
        bytes32 reportHash
    ) private view returns (IOutcomeAgreement agreement, bool uphold) {
        Case storage dispute = disputes[disputeID];
        agreement = dispute.agreement;
        Verdict verdict = dispute.verdict;
        if (address(agreement) == address(0)) revert UnknownDispute(disputeID);
        if (verdict != Verdict.Uphold && verdict != Verdict.Reject) revert NothingToExecute(disputeID, verdict);
        if (dispute.reportHash != reportHash) revert NotTheDisputedReport();
        return (agreement, verdict == Verdict.Uphold);
    }
}
