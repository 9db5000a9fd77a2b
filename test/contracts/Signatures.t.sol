// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignatureAsker} from "../../contracts/mocks/SignatureAsker.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title Signatures, for any key and any bytes.
contract SignaturesTest is SolidityTest {
    uint256 private constant _ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    SignatureAsker private _asker;

    function setUp() public {
        _asker = new SignatureAsker();
    }

    function testFuzz_KeySigns(uint256 key, bytes32 digest) public view {
        key = bound(key, 1, _ORDER - 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        require(_asker.isValid(vm.addr(key), digest, abi.encodePacked(r, s, v)), "a key's signature is refused");
        bytes memory mirrored = abi.encodePacked(r, _ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        require(!_asker.isValid(vm.addr(key), digest, mirrored), "a mirrored signature is taken");
    }

    function testFuzz_BytesAreNoSignature(address signer, bytes32 digest, bytes calldata signature) public view {
        vm.assume(signer.code.length == 0);
        require(!_asker.isValid(signer, digest, signature), "bytes are taken for a signature");
    }
}
