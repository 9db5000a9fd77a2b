// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";

/// @title An escrow bank's deposit money as an ERC-20.
/// @dev What it promises stands in {ITokenisedDeposit}.
contract TokenisedDeposit is ITokenisedDeposit, ERC20Permit, AccessControl {
    /// Books receipts of money.
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    /// Keeps the allow-list.
    bytes32 public constant ALLOWER_ROLE = keccak256("ALLOWER_ROLE");

    /// ISO 20022's Max35Text.
    uint256 private constant _REFERENCE_LIMIT = 35;

    uint8 private immutable _decimals;

    /// @inheritdoc ITokenisedDeposit
    mapping(address account => bool) public override isAllowed;
    /// @inheritdoc ITokenisedDeposit
    mapping(string receipt => bool) public override isReceived;
    /// @inheritdoc ITokenisedDeposit
    uint256 public override paymentOrders;

    /// @param decimals_ The currency's.
    /// @param admin Grants the roles; the bank gives MINTER_ROLE and ALLOWER_ROLE to different desks.
    constructor(
        string memory name_,
        string memory symbol_,
        uint8 decimals_,
        address admin
    ) ERC20(name_, symbol_) ERC20Permit(name_) {
        _decimals = decimals_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc ITokenisedDeposit
    function mint(address to, uint256 amount, string calldata receipt) external override onlyRole(MINTER_ROLE) {
        require(amount > 0, NothingToMove());
        _checkReference(receipt);
        require(!isReceived[receipt], AlreadyReceived(receipt));

        isReceived[receipt] = true;
        _mint(to, amount);
        emit Received(receipt, to, amount);
    }

    /// @inheritdoc ITokenisedDeposit
    function redeem(uint256 amount, string calldata payment) external override {
        require(amount > 0, NothingToMove());
        _checkReference(payment);

        _burn(msg.sender, amount);
        emit PaymentOrdered(++paymentOrders, msg.sender, amount, payment);
    }

    /// @inheritdoc ITokenisedDeposit
    function allow(address account) external override onlyRole(ALLOWER_ROLE) {
        if (isAllowed[account]) return;
        isAllowed[account] = true;
        emit Allowed(account);
    }

    /// @inheritdoc ITokenisedDeposit
    function disallow(address account) external override onlyRole(ALLOWER_ROLE) {
        if (!isAllowed[account]) return;
        isAllowed[account] = false;
        emit Disallowed(account);
    }

    /// @notice The currency's: a token unit is a minor unit.
    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    /// @dev Every movement passes here: a transfer has two ends to check, a receipt and a redemption one.
    function _update(address from, address to, uint256 amount) internal override {
        require(from == address(0) || isAllowed[from], NotAllowed(from));
        require(to == address(0) || isAllowed[to], NotAllowed(to));
        super._update(from, to, amount);
    }

    function _checkReference(string calldata text) private pure {
        uint256 length = bytes(text).length;
        require(length > 0 && length <= _REFERENCE_LIMIT, ReferenceLength(length, _REFERENCE_LIMIT));
    }
}
