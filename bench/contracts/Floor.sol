// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Quorum} from "./Quorum.sol";

/// @title The least that a report can cost: three of five signatures, one slot, one ERC-20 transfer.
contract Floor is Quorum {
    IERC20 private immutable _token;
    /// @dev What a signature is for: this chain, this contract.
    bytes32 private immutable _domain;

    /// @dev The number of the last report and the total that was paid, by clause.
    mapping(uint256 clause => uint256 packed) private _clauses;

    error WrongNumber(uint256 number);
    error TransferFailed();

    constructor(address[5] memory members, IERC20 token) Quorum(members) {
        _token = token;
        _domain = keccak256(abi.encode(block.chainid, address(this)));
    }

    /// @param packed Clause (64 bits), number of its report from 1 (64) and amount (128): a word of calldata for three.
    function report(uint256 packed, address to, Signature[3] calldata signatures) external {
        _requireQuorum(keccak256(abi.encode(_domain, packed, to)), signatures);
        uint256 clause = packed >> 192;
        uint256 number = uint64(packed >> 128);
        uint256 amount = uint128(packed);
        uint256 last = _clauses[clause];
        require(number == (last >> 128) + 1, WrongNumber(number));
        // The token's supply bounds the total.
        unchecked {
            _clauses[clause] = (number << 128) | uint128(last + amount);
        }
        require(_token.transfer(to, amount), TransferFailed());
    }
}
