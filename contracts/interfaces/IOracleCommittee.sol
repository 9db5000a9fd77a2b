// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title An oracle of several operators: a report is endorsed when a threshold of members signed it.
/// @notice An agreement asks {isValidSignature} when a report arrives, and never again: a later change of members does not
/// touch what was endorsed before.
/// @dev A member is an ERC-7913 signer: 20 bytes for a secp256k1 key or an ERC-1271 contract, or the address of a
/// verifier followed by a key that this verifier understands: keys in an HSM. With OpenZeppelin's verifiers a P-256 key
/// (x, y) signs the digest itself, with a low `s`; an RSA key (`abi.encode(e, n)`) signs the digest's SHA-256 by PKCS#1
/// v1.5. A verifier that reverts says no. The views on members and
/// threshold are OpenZeppelin's: `getSigners`, `getSignerCount`, `isSigner`, `threshold`.
///
/// Safe if: fewer than `threshold` members are dishonest, no two members are one operator's, and each verifier and each
/// member that is a contract answers by a fixed rule. A dishonest quorum can endorse anything, and can put itself in place
/// for good; how much money that reaches is limited by the agreement, not here.
///
/// Not stuck if: at least `threshold` members keep their keys. There is no owner and no other way in.
interface IOracleCommittee is IERC1271 {
    /// @notice A change of members and threshold, as the present members sign it.
    struct Reconfiguration {
        /// Members to add.
        bytes[] add;
        /// Members to remove.
        bytes[] remove;
        /// The threshold from then on, also when it stays as it is.
        uint64 threshold;
        /// Position among the committee's reconfigurations, from 1.
        uint32 number;
        /// Last day, counted from 1970-01-01 UTC, on which the signatures count.
        uint32 lastDay;
    }

    /// @notice Members and threshold changed; OpenZeppelin's events in the same transaction say who came and who went.
    event Reconfigured(uint32 indexed number, uint256 members, uint64 threshold);

    /// @notice Not a member that could answer for itself: nobody, this committee, or a key whose verifier has no code.
    /// @dev Name a key or a contract that can sign; deploy the verifier first.
    error InvalidMember(bytes member);
    /// @notice Reconfigurations come in sequence, and this number was used or skipped.
    /// @dev Use `expected`, with signatures over that.
    error WrongNumber(uint32 found, uint32 expected);
    /// @notice The last day on which the signatures count has passed.
    /// @dev Have the reconfiguration signed anew, with a later last day.
    error Expired(uint256 lastDay, uint256 today);
    /// @notice The present members have not signed this reconfiguration.
    /// @dev Collect as many signatures of present members as the threshold asks, over this digest.
    error NotEndorsed(bytes32 digest);

    /// @notice Adds members, sets the threshold, removes members. Anyone may send the call.
    /// @param signature Of the present members over {reconfigurationDigest}, in the form that {isValidSignature} takes.
    /// @dev Reverts, in this order: WrongNumber, Expired, NotEndorsed, MultiSignerERC7913InvalidSigner (a member to add is
    /// shorter than an address), InvalidMember, MultiSignerERC7913AlreadyExists, MultiSignerERC7913ZeroThreshold,
    /// MultiSignerERC7913NonexistentSigner, MultiSignerERC7913UnreachableThreshold (more than the members that remain).
    ///
    /// Replay: the number counts up, and the digest names the chain and this contract.
    function reconfigure(Reconfiguration calldata reconfiguration, bytes calldata signature) external;

    /// @notice Whether the members endorsed `digest`.
    /// @param signature `abi.encode(bytes[] signers, bytes[] signatures)`: at least `threshold` of the members, in strictly
    /// ascending order of `keccak256(signer)`, and each one's signature over `digest` at the same position.
    /// @return magicValue ERC-1271's magic value, or 0xffffffff for anything else: too few signers, a stranger, a signer
    /// twice or out of order, one signature that does not hold, an encoding that is none.
    function isValidSignature(
        bytes32 digest,
        bytes calldata signature
    ) external view override returns (bytes4 magicValue);

    /// @notice What the members sign: EIP-712, domain `outcomepay` version `1` on this committee, message
    /// `Reconfiguration(bytes[] add,bytes[] remove,uint64 threshold,uint32 number,uint32 lastDay)`.
    function reconfigurationDigest(Reconfiguration calldata reconfiguration) external view returns (bytes32);

    /// @notice Reconfigurations so far; the next one carries this number plus one.
    function reconfigurations() external view returns (uint32 number);
}
