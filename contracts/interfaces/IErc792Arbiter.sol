// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEvidence} from "@kleros/erc-792/contracts/erc-1497/IEvidence.sol";
import {IArbitrable} from "@kleros/erc-792/contracts/IArbitrable.sol";
import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";

import {IOutcomeAgreement} from "./IOutcomeAgreement.sol";

/// @title An arbiter that asks an ERC-792 arbitrator: a court of jurors, or an institution with a contract.
/// @notice A party challenges a report in the agreement. Then anyone pays the arbitrator's fee here and a dispute opens; the
/// arbitrator rules to uphold the report (1), to reject it (2), or refuses to decide (0); and anyone has the agreement
/// carry out a ruling. Refused, late or never ruled: the agreement's own time to rule ends the dispute.
/// @dev One arbiter for each arbitrator and each set of extra data (its court and number of jurors, say), serving any
/// number of agreements. Neither can change: parties that name this address as their arbiter sign them.
///
/// {rule} only takes the ruling down. It calls nobody, so neither an agreement nor a token nor a lack of gas can make it
/// fail and leave an arbitrator with a dispute that it can't close. The agreement hears of it in a call of its own, whose
/// content is the report that {MilestoneDisputed} or {WagerDisputed} showed.
///
/// Fees: who opens a dispute pays the arbitrator's fee and who appeals pays for the appeal. What is sent beyond the fee of
/// a dispute comes back in the same call, and nothing stays here. Nobody is refunded afterwards: a challenger who was wrong
/// forfeits the bond in the agreement, and that is all. Parties that want the loser to pay the fee write so on paper.
///
/// Safe if: the arbitrator rules honestly, gives each dispute a number of its own, and looks whether the agreement is one
/// of the factory that it trusts: anyone can open disputes on a contract that only looks like an agreement, at a fee.
///
/// Not stuck, whatever the arbitrator does: an agreement settles a challenged report by itself after its time to rule.
/// Choose that time longer than the arbitrator takes, appeals included.
interface IErc792Arbiter is IArbitrable, IEvidence {
    /// @notice What the arbitrator said, as the agreement can hear it.
    enum Verdict {
        Pending,
        /// Refused, or a number that stands for nothing.
        None,
        Uphold,
        Reject
    }

    /// @notice A dispute opened on a milestone's report; its content is what {executeMilestone} takes.
    event MilestoneDisputed(
        uint256 indexed disputeID,
        IOutcomeAgreement indexed agreement,
        IOutcomeAgreement.MilestoneReport report
    );
    event WagerDisputed(
        uint256 indexed disputeID,
        IOutcomeAgreement indexed agreement,
        IOutcomeAgreement.WagerReport report
    );
    /// @notice The agreement carried a ruling out.
    event Executed(uint256 indexed disputeID, IOutcomeAgreement indexed agreement, bool upheld);

    /// @notice Only the arbitrator rules.
    /// @dev Wait for the arbitrator; then have its ruling carried out.
    error NotArbitrator(address caller);
    /// @notice The agreement's arbiter is somebody else: it would not hear the ruling.
    /// @dev Turn to that arbiter.
    error NotItsArbiter(address arbiter);
    /// @notice The report is not pending, or nobody challenged it.
    /// @dev Challenge it in the agreement first, within the window.
    error NotChallenged();
    /// @notice The report is not the one that is pending under its number.
    /// @dev Bring the content that was reported, to the last field.
    error NotThePendingReport();
    /// @notice One dispute a report.
    /// @dev Follow the one that was opened, or wait until the agreement's time to rule is over.
    error AlreadyDisputed(bytes32 reportHash);
    /// @notice Less was sent than the arbitrator asks.
    /// @dev Send `expected` or more; what is too much comes back.
    error FeeTooLow(uint256 found, uint256 expected);
    /// @notice No dispute of that number was opened here.
    /// @dev Take the number from the event of the dispute.
    error UnknownDispute(uint256 disputeID);
    /// @notice The ruling is final.
    /// @dev Have it carried out.
    error AlreadyRuled(uint256 disputeID);
    /// @notice There is no ruling yet, or none that says uphold or reject.
    /// @dev Wait for the ruling; after a refusal, until the agreement's time to rule is over, and settle the report.
    error NothingToExecute(uint256 disputeID, Verdict verdict);
    /// @notice The report brought along is not the one that was disputed.
    /// @dev Take the report from the event of the dispute.
    error NotTheDisputedReport();

    /// @notice Opens the one dispute on a challenged report. Anyone may; the value pays the arbitrator's fee ({fee}), and
    /// what is more comes back.
    /// @dev Reverts, in this order: NotItsArbiter, NotChallenged, NotThePendingReport, AlreadyDisputed, FeeTooLow, and as
    /// the arbitrator does; or when the caller does not take back what was too much.
    function disputeMilestone(
        IOutcomeAgreement agreement,
        IOutcomeAgreement.MilestoneReport calldata report
    ) external payable returns (uint256 disputeID);

    /// @notice As {disputeMilestone}, for a wager.
    function disputeWager(
        IOutcomeAgreement agreement,
        IOutcomeAgreement.WagerReport calldata report
    ) external payable returns (uint256 disputeID);

    /// @notice Appeals to the arbitrator against its ruling, when it takes appeals. Anyone may. The whole value goes to the
    /// arbitrator, which keeps what is more than its `appealCost`.
    /// @dev Reverts: UnknownDispute, AlreadyRuled (the ruling is final), and as the arbitrator does.
    function appeal(uint256 disputeID) external payable;

    /// @notice Points the arbitrator to evidence (ERC-1497). Anyone may. It is public for ever: no patient's data.
    /// @dev Reverts: UnknownDispute, AlreadyRuled.
    function submitEvidence(uint256 disputeID, string calldata evidence) external;

    /// @notice The arbitrator's final word. Only the arbitrator, once for each dispute.
    /// @param ruling 0: refused · 1: uphold · 2: reject · any other is taken as refused.
    /// @dev Reverts: NotArbitrator, UnknownDispute, AlreadyRuled.
    function rule(uint256 disputeID, uint256 ruling) external override;

    /// @notice Has the agreement carry a ruling out. Anyone may.
    /// @dev Reverts: UnknownDispute, NothingToExecute, NotTheDisputedReport, and as the agreement does: NotChallenged when
    /// the report settled or was void before, NotArbiter when the parties appointed another one.
    function executeMilestone(uint256 disputeID, IOutcomeAgreement.MilestoneReport calldata report) external;

    /// @notice As {executeMilestone}, for a wager.
    function executeWager(uint256 disputeID, IOutcomeAgreement.WagerReport calldata report) external;

    /// @notice What a dispute costs now, in the chain's own currency.
    function fee() external view returns (uint256);

    /// @notice Whose report is disputed, by its EIP-712 struct hash, and what was ruled.
    function disputes(
        uint256 disputeID
    ) external view returns (IOutcomeAgreement agreement, Verdict verdict, bytes32 reportHash);

    /// @notice Whether a dispute was opened on a report of an agreement, by the report's EIP-712 struct hash.
    function isDisputed(IOutcomeAgreement agreement, bytes32 reportHash) external view returns (bool);

    function arbitrator() external view returns (IArbitrator);

    /// @notice What the arbitrator is told with each dispute: its court and number of jurors, for instance.
    function arbitratorExtraData() external view returns (bytes memory);
}
