// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Legal, Terms} from "./Terms.sol";

/// @title Creates agreements from terms that every party signed.
interface IAgreementFactory {
    /// @notice Everything the signers saw, and that they signed: the arguments of {create}.
    event AgreementCreated(address indexed agreement, bytes32 indexed termsHash, Terms terms, Legal legal, bytes[] signatures);

    error NotSigned(uint256 party, address account, bytes32 digest);
    error WrongSignatureCount(uint256 found, uint256 expected);
    error NoLongerValid(uint256 validUntil, uint256 today);
    /// @notice A word that the grammar does not know: `where` names the field.
    error UnknownWord(string where, string found);
    /// @notice Terms that would brick the agreement: `where` names the field.
    error InvalidTerms(string where, uint256 found, uint256 limit);
    error InvalidAccount(string where, address found);
    error TokenHasNoCode(address token);
    error TokenDecimals(uint256 token, uint256 currency);
    error TermsTooLarge(uint256 size, uint256 limit);

    /// @notice Creates the agreement at the address that follows from its terms. Anyone may send the call.
    /// @param signatures One for each party in order, over {digest}; ERC-1271 wallets are asked. A party that can only
    /// receive signs too: it accepts.
    /// @dev Reverts with every error above, with {Calendar}'s NoSuchDay, and when the agreement exists already.
    function create(
        Terms calldata terms,
        Legal calldata legal,
        bytes[] calldata signatures
    ) external returns (address agreement);

    /// @notice The address that follows from the terms; the paper contract can name it before it exists.
    function addressOf(Terms calldata terms) external view returns (address agreement);

    /// @notice What every party signs: EIP-712 `Agreement(address agreement,Terms terms,Legal legal)`.
    function digest(Terms calldata terms, Legal calldata legal) external view returns (bytes32);

    /// @notice The terms as the agreement carries them in its bytecode.
    function pack(Terms calldata terms) external view returns (bytes memory);

    /// @notice The contract that every agreement is a minimal clone of.
    function implementation() external view returns (address);
}
