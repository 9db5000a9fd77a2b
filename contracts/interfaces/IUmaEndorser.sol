// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {IOutcomeAgreement} from "./IOutcomeAgreement.sol";

/// @title An oracle that endorses what nobody disputed at UMA, or what UMA upheld.
/// @notice Anyone asserts, against a bond, that an agreement may take a message. Whoever knows better disputes it against
/// the same bond while the assertion lives. Once UMA's Optimistic Oracle V3 has settled it as truthful, the message is
/// endorsed. An agreement asks {isValidSignature} when the message arrives: assert and settle before that, and give the
/// message a `lastDay` that leaves the time.
/// @dev One endorser for each set of oracle, currency, bond, liveness and escalation manager, serving any number of
/// agreements: the digest names chain and agreement, and the endorser computes it from the message, so that the claim that
/// disputers read is the message that is endorsed. None of the five can change: parties that name this address as their
/// oracle sign them.
///
/// Several assertions of one message may live at once, or else a hostile one, made to be disputed, would block the honest
/// one for as long as UMA takes; in one second UMA takes one of them. Each must be disputed on its own: one that settles as
/// truthful is enough, and settled is terminal.
///
/// Safe if: at least one person who can read the records watches {Asserted} and disputes what is wrong within the
/// liveness, the bond makes that worth the effort, and UMA's token holders, or the escalation manager, decide truthfully.
/// UMA's governance can replace the contract that decides. Disputers can't judge what they can't read: patients' records
/// are not public, so name an escalation manager whose arbiters may read them, or endorse only what rests on public figures.
///
/// Not stuck if: UMA settles within the message's `lastDay`. If not, the message is asserted anew under a later one, or
/// the agreement lapses.
interface IUmaEndorser is IERC1271 {
    /// @notice The claim stands in UMA's `AssertionMade` of the same assertion: the message in words.
    /// @param evidence Where the asserter says the statement behind the message can be examined. Not part of the claim:
    /// an asserter's own words must not change what is disputed.
    event Asserted(
        bytes32 indexed digest,
        bytes32 indexed assertionId,
        address indexed agreement,
        address asserter,
        string evidence
    );
    event Disputed(bytes32 indexed digest, bytes32 indexed assertionId);
    /// @notice An assertion ended; when `truthful`, the message is endorsed.
    event Resolved(bytes32 indexed digest, bytes32 indexed assertionId, bool truthful);

    /// @notice Only UMA's Optimistic Oracle says how an assertion ended.
    /// @dev Settle the assertion at UMA: it calls back.
    error NotOptimisticOracle(address caller);
    /// @notice Nobody could dispute an assertion that does not live.
    /// @dev Deploy with a liveness of hours or days.
    error NoLiveness();
    /// @notice The message is endorsed; another assertion would change nothing.
    /// @dev Send the message to the agreement.
    error AlreadyEndorsed(bytes32 digest);
    /// @notice The message's last day is over before an assertion made now could settle.
    /// @dev Give the message a later last day: after the liveness, and after UMA's vote if a dispute shall not be its end.
    error ExpiresBeforeSettlement(uint256 lastDay, uint256 settlementDay);

    /// @notice Asserts that `agreement` may take an enrolment. The caller pays {bond} and has approved it to this contract.
    /// @return assertionId UMA's. When it is settled the caller gets the bond back. After a dispute the winner gets both
    /// bonds, less UMA's share of one.
    /// @dev Reverts, in this order: AlreadyEndorsed, ExpiresBeforeSettlement, and as the currency and UMA do.
    function assertEnrolment(
        address agreement,
        IOutcomeAgreement.Enrolment calldata enrolment,
        string calldata evidence
    ) external returns (bytes32 assertionId);

    /// @notice As {assertEnrolment}, for a milestone report.
    function assertMilestone(
        address agreement,
        IOutcomeAgreement.MilestoneReport calldata report,
        string calldata evidence
    ) external returns (bytes32 assertionId);

    /// @notice As {assertEnrolment}, for a wager report.
    function assertWager(
        address agreement,
        IOutcomeAgreement.WagerReport calldata report,
        string calldata evidence
    ) external returns (bytes32 assertionId);

    /// @notice UMA's word. Only the Optimistic Oracle.
    /// @dev Reverts: NotOptimisticOracle. Does nothing for an assertion that was not made here, whatever its bond and
    /// liveness: anybody can make one that names this contract, and a revert would hold its bond.
    function assertionResolvedCallback(bytes32 assertionId, bool assertedTruthfully) external;

    /// @notice As {assertionResolvedCallback}: a dispute began.
    function assertionDisputedCallback(bytes32 assertionId) external;

    /// @notice Whether an assertion of the message was settled as truthful.
    /// @param signature Of no meaning; empty will do.
    /// @return magicValue ERC-1271's magic value, or 0xffffffff.
    function isValidSignature(
        bytes32 digest,
        bytes calldata signature
    ) external view override returns (bytes4 magicValue);

    /// @notice What an assertion costs now, in {currency}: {minimumBond}, or what UMA asks at least if that is more.
    function bond() external view returns (uint256);

    /// @notice The message of an assertion that UMA has not resolved; 0 for any other.
    function digestOf(bytes32 assertionId) external view returns (bytes32 digest);

    function optimisticOracle() external view returns (address);

    /// @notice In which bonds are paid; on UMA's list of currencies.
    function currency() external view returns (address);

    function minimumBond() external view returns (uint256);

    /// @notice Seconds in which an assertion can be disputed.
    function liveness() external view returns (uint64);

    /// @notice Who says who may dispute and who decides disputes; the zero address: anyone, and UMA's token holders.
    function escalationManager() external view returns (address);

    /// @notice Under which UMA's token holders are asked.
    function identifier() external view returns (bytes32);
}
