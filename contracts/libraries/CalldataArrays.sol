// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reads of calldata that an outsider encoded, without a revert on a malformed encoding.
library CalldataArrays {
    /// @notice The element at `index` of `list`, or `ok` = false when its offset or its length lead outside the calldata.
    /// @dev Solidity's own `list[index]` reverts there. The caller has checked that `index < list.length` and that the
    /// list's heads, one word each, lie within the calldata.
    function tryAt(bytes[] calldata list, uint256 index) internal pure returns (bool ok, bytes calldata element) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // The head of an element is its offset from the list's first head; at that place stand a word with the
            // length, then the bytes.
            let rest := sub(calldatasize(), list.offset)
            let offset := calldataload(add(list.offset, shl(5, index)))
            element.offset := 0
            element.length := 0
            // Differences of compared numbers only, so that no sum can overflow.
            if and(gt(rest, 31), iszero(gt(offset, sub(rest, 32)))) {
                let length := calldataload(add(list.offset, offset))
                if iszero(gt(length, sub(sub(rest, 32), offset))) {
                    ok := 1
                    element.offset := add(add(list.offset, offset), 32)
                    element.length := length
                }
            }
        }
    }
}
