// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRefuter} from "../interfaces/IRefuter.sol";

/// @title Leaves and trees behind a root, as `docs/protocol.md` lays them out.
/// @dev The tree keeps positions; a node without a sibling moves up unchanged; the root commits to the number of leaves.
library Leaves {
    function hash(IRefuter.ShownLeaf calldata leaf) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    uint8(0x00),
                    leaf.tier,
                    leaf.patientKey,
                    leaf.batch,
                    leaf.value,
                    leaf.runningSum,
                    leaf.blind
                )
            );
    }

    function hash(IRefuter.ShownEntry calldata entry) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0x00), entry.patientKey, entry.indexDay, entry.blind));
    }

    /// @notice Root over `leaves` leaves whose tree ends in `top`.
    function root(uint256 leaves, bytes32 top) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0x02), uint32(leaves), top));
    }

    /// @notice The root that follows from a leaf at its place among `leaves`; zero for a place or siblings that no tree of
    /// that many leaves has.
    function rootFrom(
        bytes32 leaf,
        uint256 position,
        uint256 leaves,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        if (position >= leaves) return 0;
        bytes32 node = leaf;
        uint256 used = 0;
        for (uint256 width = leaves; width > 1; width = (width + 1) / 2) {
            if (position % 2 == 1 || position + 1 < width) {
                if (used == siblings.length) return 0;
                bytes32 sibling = siblings[used++];
                node = position % 2 == 1 ? _parent(sibling, node) : _parent(node, sibling);
            }
            position /= 2;
        }
        return used == siblings.length ? root(leaves, node) : bytes32(0);
    }

    function _parent(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0x01), left, right));
    }
}
