// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRefuter} from "../../contracts/interfaces/IRefuter.sol";

/// @title Leaves, trees and proofs as `docs/protocol.md` spells them, made from memory: the tests' own, apart from the
/// contracts' way of checking them.
library Trees {
    function root(IRefuter.ShownLeaf[] memory leaves) internal pure returns (bytes32) {
        return seal(leaves.length, top(hashes(leaves)));
    }

    function root(IRefuter.ShownEntry[] memory entries) internal pure returns (bytes32) {
        return seal(entries.length, top(hashes(entries)));
    }

    function seal(uint256 leaves, bytes32 top_) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(2), uint32(leaves), top_));
    }

    function hashes(IRefuter.ShownLeaf[] memory leaves) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](leaves.length);
        for (uint256 i = 0; i < list.length; ++i) {
            IRefuter.ShownLeaf memory leaf = leaves[i];
            list[i] = keccak256(
                abi.encodePacked(
                    uint8(0),
                    leaf.tier,
                    leaf.patientKey,
                    leaf.batch,
                    leaf.value,
                    leaf.runningSum,
                    leaf.blind
                )
            );
        }
    }

    function hashes(IRefuter.ShownEntry[] memory entries) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](entries.length);
        for (uint256 i = 0; i < list.length; ++i) {
            IRefuter.ShownEntry memory e = entries[i];
            list[i] = keccak256(abi.encodePacked(uint8(0), e.patientKey, e.indexDay, e.blind));
        }
    }

    /// @notice The node at the top; 32 zero bytes without leaves. Uses `level` up.
    function top(bytes32[] memory level) internal pure returns (bytes32) {
        if (level.length == 0) return 0;
        for (uint256 width = level.length; width > 1; width = _raise(level, width)) continue;
        return level[0];
    }

    /// @notice The siblings of a leaf on its way up, lowest first. Uses `level` up.
    function siblings(bytes32[] memory level, uint256 position) internal pure returns (bytes32[] memory list) {
        uint256 count;
        bytes32[] memory found = new bytes32[](32);
        for (uint256 width = level.length; width > 1; width = _raise(level, width)) {
            uint256 beside = position ^ 1;
            if (beside < width) found[count++] = level[beside];
            position /= 2;
        }
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) list[i] = found[i];
    }

    /// @notice Leaf `position` as it is shown.
    function show(
        IRefuter.ShownLeaf[] memory leaves,
        uint256 position
    ) internal pure returns (IRefuter.ShownLeaf memory leaf) {
        leaf = copy(leaves[position]);
        leaf.position = uint32(position);
        leaf.siblings = siblings(hashes(leaves), position);
    }

    function show(
        IRefuter.ShownEntry[] memory entries,
        uint256 position
    ) internal pure returns (IRefuter.ShownEntry memory entry) {
        IRefuter.ShownEntry memory e = entries[position];
        bytes32[] memory way = siblings(hashes(entries), position);
        return IRefuter.ShownEntry(uint32(position), e.patientKey, e.indexDay, e.blind, way);
    }

    function copy(IRefuter.ShownLeaf memory a) internal pure returns (IRefuter.ShownLeaf memory) {
        return
            IRefuter.ShownLeaf(a.position, a.tier, a.patientKey, a.batch, a.value, a.runningSum, a.blind, a.siblings);
    }

    /// @notice Sorts by (tier, key), in place.
    function sort(IRefuter.ShownLeaf[] memory leaves) internal pure {
        for (uint256 i = 1; i < leaves.length; ++i) {
            IRefuter.ShownLeaf memory leaf = leaves[i];
            uint256 j = i;
            while (j > 0 && _isAfter(leaves[j - 1], leaf)) {
                leaves[j] = leaves[j - 1];
                --j;
            }
            leaves[j] = leaf;
        }
    }

    function _isAfter(IRefuter.ShownLeaf memory a, IRefuter.ShownLeaf memory b) private pure returns (bool) {
        return a.tier > b.tier || (a.tier == b.tier && a.patientKey > b.patientKey);
    }

    function _raise(bytes32[] memory level, uint256 width) private pure returns (uint256 half) {
        half = (width + 1) / 2;
        for (uint256 i = 0; i < half; ++i) {
            level[i] =
                2 * i + 1 == width
                    ? level[2 * i]
                    : keccak256(abi.encodePacked(uint8(1), level[2 * i], level[2 * i + 1]));
        }
    }
}
