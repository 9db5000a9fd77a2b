// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Whether an account signed: key first, then code.
/// @dev A signature that the account's own key made counts without a look at the account's code. That saves a cold
/// account access, and a key that delegates to code (EIP-7702) keeps signing. A contract has no key, so for it the
/// order changes nothing.
///
/// A signature is malleable in no way that matters: OpenZeppelin refuses a high `s`, and whoever asks counts messages,
/// never signatures.
library Signatures {
    /// @notice Whether `signer` signed `digest`: by its key, or by its code (ERC-1271).
    /// @dev Never reverts for what the signature or the signer holds. A contract can change its mind between two calls.
    /// A contract is given all the gas there is; one that eats it can make the call fail, nothing worse.
    /// @param digest The result of a hash: for anything else a fitting key can be made up.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        // What recovery gives when it fails; nobody has its key.
        if (signer == address(0)) return false;
        (address recovered, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (recovered == signer) return true;
        if (signer.code.length == 0) return false;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }
}
