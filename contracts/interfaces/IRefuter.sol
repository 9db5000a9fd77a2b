// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "./IOutcomeAgreement.sol";

/// @title Judges whether a report's own leaves contradict it. Arithmetic: no arbiter is asked.
/// @notice Called by an agreement, whose views it reads; it keeps nothing and can do nothing else. The leaves' layout, their
/// order and their trees stand in `docs/protocol.md`.
/// @dev A shown leaf is opened whole, since its hash covers all of it: pseudonym, batch, value and blind become public. The
/// form that needs least is to be preferred: {Form.LeafCount} shows nobody.
interface IRefuter {
    /// @notice What is claimed, and what must be shown for it.
    enum Form {
        /// The root commits to another number of leaves than the report counts. Shows `leaves` and `top`.
        LeafCount,
        /// A leaf stands in a tier that is not its own: by the tallies, its value, or because there is no such tier.
        /// Shows one leaf.
        Tier,
        /// One leaf: the first of its tier does not start the sum, the last does not carry the tally's sum, or there is no
        /// sum in its tier. Two neighbours of a tier: the second is not the first's sum and its own value.
        RunningSum,
        /// Two neighbours that do not ascend by (tier, key).
        Order,
        /// Two leaves of one patient.
        TwiceInReport,
        /// A leaf, and one of the same patient in an earlier report of the clause and cohort that is pending or settled.
        TwiceInClause,
        /// A leaf whose batch does not exist or is empty; or with the two neighbouring entries of that batch between which
        /// the key falls, with the first entry that it precedes, or with the last that it follows.
        NotEnrolled,
        /// A leaf whose batch was not due on the as-of day.
        NotDue
    }

    /// @notice A leaf of a report, where it stands, and its siblings on the way up, lowest first.
    struct ShownLeaf {
        uint32 position;
        uint8 tier;
        bytes32 patientKey;
        uint32 batch;
        int128 value;
        int128 runningSum;
        bytes32 blind;
        bytes32[] siblings;
    }

    /// @notice A leaf of an enrolment.
    struct ShownEntry {
        uint32 position;
        bytes32 patientKey;
        uint32 indexDay;
        bytes32 blind;
        bytes32[] siblings;
    }

    struct Refutation {
        Form form;
        /// {Form.LeafCount}: the number of leaves and the top of the tree that the root commits to.
        uint32 leaves;
        bytes32 top;
        /// Leaves of the refuted report; for {Form.TwiceInClause} the second one is the earlier report's.
        ShownLeaf[] shown;
        /// {Form.NotEnrolled}: entries of the leaf's batch.
        ShownEntry[] entries;
        /// {Form.TwiceInClause}: the earlier report; else empty.
        IOutcomeAgreement.MilestoneReport[] earlier;
    }

    /// @notice What is shown does not contradict the report.
    /// @dev Show what does: `oracle audit --refute` finds it.
    error NotRefuted(Form form);
    /// @notice Fewer or more leaves, entries or reports than the form takes.
    /// @dev See `Form` for what each takes.
    error WrongExhibits(Form form);
    /// @notice The leaf is not in the tree at that place.
    /// @dev Check the leaf, its position and its proof against the root of the report.
    error LeafNotInReport(uint32 position);
    /// @notice The entry is not in the batch's tree at that place.
    /// @dev Check the entry, its position, its batch and its proof.
    error EntryNotInBatch(uint32 position, uint32 batch);
    /// @notice The count and the top are not what the root commits to.
    /// @dev Give the number of leaves and the top node that make the root.
    error NotTheRoot();
    /// @notice It is no earlier report of the clause and cohort that is pending or settled.
    /// @dev Bring the content of a report that landed before, is not void, and whose commitment the agreement keeps.
    error NotAnEarlierReport(uint32 number);

    /// @notice Returns when `refutation` contradicts `report`, a pending report of the calling agreement; reverts when not.
    function refuteMilestone(
        IOutcomeAgreement.MilestoneReport calldata report,
        Refutation calldata refutation
    ) external view;

    /// @notice As {refuteMilestone}, for a wager: one leaf a patient enrolled, tier 0 for those who count and 1 for those
    /// left out, no sums. {Form.TwiceInClause} and {Form.NotDue} do not apply.
    function refuteWager(IOutcomeAgreement.WagerReport calldata report, Refutation calldata refutation) external view;
}
