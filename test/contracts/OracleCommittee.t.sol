// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OracleCommittee} from "../../contracts/OracleCommittee.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title The committee, for any subset of its members and any bytes.
contract OracleCommitteeTest is SolidityTest {
    bytes4 private constant _MAGIC = 0x1626ba7e;
    uint256 private constant _MEMBERS = 5;
    uint256 private constant _THRESHOLD = 3;

    OracleCommittee private _committee;
    /// Members' keys in the order that the committee asks for.
    uint256[] private _keys;

    function setUp() public {
        for (uint256 key = 1; key <= _MEMBERS; ++key) _keys.push(key);
        for (uint256 i = 0; i < _MEMBERS; ++i) {
            for (uint256 j = i + 1; j < _MEMBERS; ++j) {
                if (keccak256(_member(_keys[j])) < keccak256(_member(_keys[i]))) {
                    (_keys[i], _keys[j]) = (_keys[j], _keys[i]);
                }
            }
        }
        bytes[] memory members = new bytes[](_MEMBERS);
        for (uint256 i = 0; i < _MEMBERS; ++i) members[i] = _member(_keys[i]);
        bytes memory arguments = abi.encode(members, uint64(_THRESHOLD));
        _committee = OracleCommittee(deploy("OracleCommittee.sol:OracleCommittee", arguments));
    }

    /// @dev Bit i of `subset`: the i-th member signs.
    function testFuzz_HoldsFromTheThresholdOn(uint8 subset, bytes32 digest) public view {
        uint256 size;
        for (uint256 i = 0; i < _MEMBERS; ++i) size += (subset >> i) & 1;

        bytes[] memory signers = new bytes[](size);
        bytes[] memory signatures = new bytes[](size);
        uint256 next;
        for (uint256 i = 0; i < _MEMBERS; ++i) {
            if ((subset >> i) & 1 == 0) continue;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[i], digest);
            signers[next] = _member(_keys[i]);
            signatures[next++] = abi.encodePacked(r, s, v);
        }
        bool holds = _committee.isValidSignature(digest, abi.encode(signers, signatures)) == _MAGIC;
        require(holds == (size >= _THRESHOLD), "the threshold does not decide");
    }

    /// @dev No bytes make the question revert.
    function testFuzz_BytesAreNoEndorsement(bytes32 digest, bytes calldata signature) public view {
        require(_committee.isValidSignature(digest, signature) != _MAGIC, "bytes are taken for an endorsement");
    }

    /// @dev Small numbers at the places of the offsets and lengths reach deeper than random bytes do.
    function testFuzz_DamagedEncodingIsNoEndorsement(bytes32 digest, uint16[24] calldata words) public view {
        bytes memory signature;
        for (uint256 i = 0; i < words.length; ++i) {
            signature = bytes.concat(signature, bytes32(uint256(words[i]) % 1024));
        }
        require(_committee.isValidSignature(digest, signature) != _MAGIC, "bytes are taken for an endorsement");
    }

    function _member(uint256 key) private pure returns (bytes memory) {
        return abi.encodePacked(vm.addr(key));
    }
}
