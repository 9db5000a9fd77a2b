// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Money on deposit at an escrow bank, as an ERC-20 that only accounts the bank knows can hold.
/// @notice The bank mints on receipt of money and redeems into a payment order. One token is one minor unit of the
/// currency; the bank's ledger holds at least `totalSupply` for the holders.
/// @dev Roles, on OpenZeppelin's AccessControl: MINTER_ROLE books receipts; ALLOWER_ROLE keeps the allow-list;
/// DEFAULT_ADMIN_ROLE grants and revokes roles, and nothing else. No role moves or burns what a holder has, and nothing can
/// be paused: the bank's one lever is the allow-list.
///
/// With an agreement: the bank allows the agreement's address and the parties'. A party that is taken off the list keeps
/// what it has and can neither send, receive nor redeem. An automatic payout to it fails and its money stays in its account
/// of the agreement, until the bank allows it again or its holder withdraws to, or hands the account over to, an allowed
/// address; the other parties are paid as before. Taking the agreement itself off the list stops deposits, payouts and
/// withdrawals for all its parties, while its clauses settle on.
interface ITokenisedDeposit is IERC20 {
    /// @notice Money arrived at the bank and was booked to `to`.
    event Received(string receipt, address indexed to, uint256 amount);
    /// @notice The bank owes the holder a payment of `amount`. `number` counts payment orders from 1: the bank carries out
    /// each number once.
    event PaymentOrdered(uint256 indexed number, address indexed holder, uint256 amount, string payment);
    event Allowed(address indexed account);
    event Disallowed(address indexed account);

    /// @notice The account is not on the bank's allow-list.
    /// @dev Ask the bank to allow the account; an agreement needs it too.
    error NotAllowed(address account);
    /// @notice The amount is zero.
    /// @dev Name an amount.
    error NothingToMove();
    /// @notice A reference is 1 to 35 bytes, the length that ISO 20022 gives it.
    /// @dev Shorten the reference of the receipt or the payment.
    error ReferenceLength(uint256 found, uint256 limit);
    /// @notice The receipt was booked before.
    /// @dev Nothing: each receipt mints once.
    error AlreadyReceived(string receipt);

    /// @notice Books money that arrived. Only MINTER_ROLE.
    /// @param receipt The bank's reference of the receipt; each is booked once.
    /// @dev Reverts: AccessControlUnauthorizedAccount, NothingToMove, ReferenceLength, AlreadyReceived, NotAllowed (`to`).
    function mint(address to, uint256 amount, string calldata receipt) external;

    /// @notice Turns the caller's tokens into a payment order to its bank account of record.
    /// @param payment The caller's end-to-end reference of the payment; may repeat. It is public: no name, no account
    /// number, no patient.
    /// @dev Reverts: NothingToMove, ReferenceLength, NotAllowed (the caller), ERC20InsufficientBalance.
    function redeem(uint256 amount, string calldata payment) external;

    /// @notice Puts an account on the allow-list. Only ALLOWER_ROLE.
    /// @dev Reverts: AccessControlUnauthorizedAccount. Without effect when the account is on it.
    function allow(address account) external;

    /// @notice Takes an account off the allow-list; its balance stays. Only ALLOWER_ROLE.
    /// @dev Reverts: AccessControlUnauthorizedAccount. Without effect when the account is not on it.
    function disallow(address account) external;

    /// @notice Whether the account may send, receive and redeem. Who spends an allowance need not be on the list.
    function isAllowed(address account) external view returns (bool);

    /// @notice Whether a receipt was booked.
    function isReceived(string calldata receipt) external view returns (bool);

    /// @notice Payment orders so far.
    function paymentOrders() external view returns (uint256 number);
}
