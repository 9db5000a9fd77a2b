// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Quorum} from "./Quorum.sol";

/// @title The least that a report can cost: three of five signatures, one slot, one ERC-20 transfer.
contract Floor is Quorum {
    IERC20 private immutable _TOKEN;

    /// @dev The number of the last report and the total that was paid, by clause.
    mapping(uint256 clause => uint256 packed) private _clauses;

    error WrongNumber(uint256 number);

    constructor(address[5] memory members, IERC20 token) Quorum(members) {
        _TOKEN = token;
    }

    function report(
        uint256 clause,
        uint128 number,
        address to,
        uint128 amount,
        Signature[3] calldata signatures
    ) external {
        uint256 packed = _clauses[clause];
        require(number == (packed >> 128) + 1, WrongNumber(number));
        _requireQuorum(keccak256(abi.encode(block.chainid, address(this), clause, number, to, amount)), signatures);
        _clauses[clause] = (uint256(number) << 128) | (uint128(packed) + amount);
        require(_TOKEN.transfer(to, amount));
    }
}
