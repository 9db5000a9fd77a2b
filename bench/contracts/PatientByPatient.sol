// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Quorum} from "./Quorum.sol";

/// @title One slot written and one ERC-20 transfer made for each patient, in batches.
contract PatientByPatient is Quorum {
    IERC20 private immutable _token;
    address private immutable _payer;
    address private immutable _maker;
    uint256 private immutable _atRisk;

    /// @dev Of each patient that was settled: 1 when the outcome was bad, 2 when it was good.
    mapping(bytes32 patient => uint256 outcome) private _outcomes;

    error SettledBefore(bytes32 patient);
    error TransferFailed();

    constructor(address[5] memory members, IERC20 token, address payer, address maker, uint256 atRisk) Quorum(members) {
        (_token, _payer, _maker, _atRisk) = (token, payer, maker, atRisk);
    }

    /// @param patients Pseudonyms, whose lowest bit says whether the outcome was good.
    function settle(bytes32[] calldata patients, Signature[3] calldata signatures) external {
        _requireQuorum(keccak256(abi.encode(block.chainid, address(this), patients)), signatures);
        for (uint256 i = 0; i < patients.length; ++i) {
            uint256 good = uint256(patients[i]) & 1;
            bytes32 patient = patients[i] >> 1;
            require(_outcomes[patient] == 0, SettledBefore(patient));
            _outcomes[patient] = good + 1;
            require(_token.transfer(good == 1 ? _maker : _payer, _atRisk), TransferFailed());
        }
    }
}
