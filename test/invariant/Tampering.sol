// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRefuter} from "../../contracts/interfaces/IRefuter.sol";
import {Trees} from "./Trees.sol";

/// @title Makes the leaves of an honest report contradict it, in each form that can be refuted, and shows the contradiction.
/// @dev A patient who is not due, or was reported before, is no tampering with leaves: such a report is drawn so.
library Tampering {
    using Trees for IRefuter.ShownLeaf[];

    /// @notice Whether the form can be made of these leaves.
    function applies(IRefuter.Form form, IRefuter.ShownLeaf[] memory leaves, bool wager) internal pure returns (bool) {
        if (form == IRefuter.Form.LeafCount) return true;
        if (form == IRefuter.Form.Order || form == IRefuter.Form.TwiceInReport) return leaves.length > 1;
        if (form == IRefuter.Form.TwiceInClause || form == IRefuter.Form.NotDue) return !wager && leaves.length > 0;
        return leaves.length > 0;
    }

    /// @param place The leaf that is changed.
    /// @param starts Where the tiers start; none for a wager.
    /// @param salt Decides between the ways to do it.
    function tamper(
        IRefuter.ShownLeaf[] memory leaves,
        IRefuter.Form form,
        uint256 place,
        int256[] memory starts,
        uint256 salt
    ) internal pure returns (IRefuter.ShownLeaf[] memory) {
        if (form == IRefuter.Form.LeafCount) return _recount(leaves, salt);
        IRefuter.ShownLeaf memory leaf = leaves[place];
        if (form == IRefuter.Form.Tier) {
            _misplace(leaf, starts);
        } else if (form == IRefuter.Form.RunningSum) {
            leaf.runningSum += salt % 2 == 0 ? int128(1) : -1;
        } else if (form == IRefuter.Form.Order) {
            uint256 first = place % (leaves.length - 1);
            (leaves[first], leaves[first + 1]) = (leaves[first + 1], leaves[first]);
        } else if (form == IRefuter.Form.TwiceInReport) {
            leaf.patientKey = leaves[(place + 1) % leaves.length].patientKey;
        } else if (form == IRefuter.Form.NotEnrolled) {
            if (salt % 4 == 0) leaf.batch = 0;
            else if (salt % 4 == 1) leaf.batch = 1_000_000;
            else
                leaf.patientKey = bytes32(uint256(leaf.patientKey) + (salt % 4 == 2 ? 1 : 0) - (salt % 4 == 3 ? 1 : 0));
        }
        return leaves;
    }

    /// @notice Which leaves show it, and whether entries of the enrolment are needed.
    /// @return first The leaf to be shown · second another one, or the same when one suffices
    function places(
        IRefuter.ShownLeaf[] memory leaves,
        IRefuter.Form form,
        uint256 place,
        int256[] memory starts
    ) internal pure returns (uint256 first, uint256 second) {
        if (form == IRefuter.Form.Order) {
            first = place % (leaves.length - 1);
            return (first, first + 1);
        }
        if (form == IRefuter.Form.TwiceInReport) return (place, (place + 1) % leaves.length);
        bool sums = form == IRefuter.Form.RunningSum && starts.length != 0 && leaves[place].tier != starts.length;
        if (sums && place != 0 && leaves[place - 1].tier == leaves[place].tier) return (place - 1, place);
        return (place, place);
    }

    /// @dev One leaf more, or one less.
    function _recount(
        IRefuter.ShownLeaf[] memory leaves,
        uint256 salt
    ) private pure returns (IRefuter.ShownLeaf[] memory other) {
        bool more = leaves.length == 0 || salt % 2 == 0;
        other = new IRefuter.ShownLeaf[](more ? leaves.length + 1 : leaves.length - 1);
        for (uint256 i = 0; i < other.length && i < leaves.length; ++i) other[i] = leaves[i];
        if (more) other[other.length - 1].patientKey = bytes32(salt);
    }

    /// @dev A value outside the leaf's tier, or a tier that does not exist.
    function _misplace(IRefuter.ShownLeaf memory leaf, int256[] memory starts) private pure {
        if (starts.length == 0) leaf.tier += 2;
        else if (leaf.tier == starts.length) leaf.value = 1;
        else if (leaf.tier > 0) leaf.value = int128(starts[leaf.tier] - 1);
        else if (starts.length > 1) leaf.value = int128(starts[1]);
        else leaf.tier = 2;
    }
}
