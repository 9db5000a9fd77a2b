// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title An oracle that answers ERC-1271's question in every wrong way, and one right way.
contract HostileOracle is IERC1271 {
    enum Mode {
        /// The right answer, to whatever is asked.
        Magic,
        /// The ERC-1271 failure value.
        Refuse,
        Revert,
        /// All the gas it is given.
        EatGas,
        /// A word that is not the magic value.
        Garbage,
        /// The magic value in four bytes instead of a word.
        Short,
        /// The magic value with dirt behind it, in the same word.
        Dirty,
        /// The magic value, and then as much data as fits.
        Bomb,
        /// Yes in odd blocks, no in even ones.
        Fickle,
        /// Yes on days with an even number since 1970-01-01, no on the others.
        EveryOtherDay,
        /// Yes without a word.
        Empty
    }

    Mode public mode;

    error Hostile();

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32, bytes calldata) external view override returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        Mode m = mode;
        require(m != Mode.Revert, Hostile());
        if (m == Mode.Refuse) return 0xffffffff;
        if (m == Mode.Fickle) return block.number % 2 == 1 ? magic : bytes4(0xffffffff);
        if (m == Mode.EveryOtherDay) return (block.timestamp / 1 days) % 2 == 0 ? magic : bytes4(0xffffffff);
        if (m == Mode.EatGas) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (m == Mode.Garbage) return _answer(bytes32(type(uint256).max), 32);
        if (m == Mode.Empty) return _answer(magic, 0);
        if (m == Mode.Short) return _answer(magic, 4);
        if (m == Mode.Dirty) return _answer(magic | bytes32(uint256(1)), 32);
        if (m == Mode.Bomb) return _answer(magic, 100_000);
        return magic;
    }

    /// @dev Ends the call with `size` bytes of return data that begin with `word`.
    function _answer(bytes32 word, uint256 size) private pure returns (bytes4) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, word)
            return(0, size)
        }
    }
}
