// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Legal, Terms} from "./Terms.sol";

/// @title Creates agreements from terms that every party signed.
interface IAgreementFactory {
    /// @notice Everything the signers saw, and that they signed: the arguments of {create}.
    event AgreementCreated(
        address indexed agreement,
        bytes32 indexed termsHash,
        Terms terms,
        Legal legal,
        bytes[] signatures
    );

    /// @notice The party has not signed these terms.
    /// @dev Each party signs this digest; a contract by ERC-1271. `terms hash` tells it.
    error NotSigned(uint256 party, address account, bytes32 digest);
    /// @notice Every party signs, and nobody else.
    /// @dev Bring one signature for each party, in the order of the terms.
    error WrongSignatureCount(uint256 found, uint256 expected);
    /// @notice The terms were to be created by a day that has passed.
    /// @dev Sign the terms again with a later `validUntil`.
    error NoLongerValid(uint256 validUntil, uint256 today);
    /// @notice A word that the grammar does not know: `where` names the field.
    /// @dev Compile the term sheet anew with this version; `terms check` names what it knows.
    error UnknownWord(string where, string found);
    /// @notice Terms that would brick the agreement: `where` names the field.
    /// @dev Keep the field within `limit`; `terms check` says so before anyone signs.
    error InvalidTerms(string where, uint256 found, uint256 limit);
    /// @notice An address that may not stand there: nobody, or one that stands elsewhere in the terms already.
    /// @dev Give each party, the oracle, the arbiter and the token an address of its own.
    error InvalidAccount(string where, address found);
    /// @notice There is no contract at the token's address.
    /// @dev Check the address and the chain.
    error TokenHasNoCode(address token);
    /// @notice The token has fewer decimals than the currency, or over 36 more.
    /// @dev Name a token that can pay the smallest unit of the currency.
    error TokenDecimals(uint256 token, uint256 currency);
    /// @notice The packed terms do not fit the code of a contract.
    /// @dev Use fewer clauses, tiers or cohorts; `terms check` prints the size.
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
