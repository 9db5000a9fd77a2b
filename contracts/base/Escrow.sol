// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IOutcomeAgreement} from "../interfaces/IOutcomeAgreement.sol";
import {AccountSlot} from "../libraries/AccountSlot.sol";
import {Entries} from "../libraries/Book.sol";
import {PackedTerms} from "../libraries/PackedTerms.sol";
import {TokenEdge} from "../libraries/TokenEdge.sol";

/// @title The money of an agreement: accounts, what they hold, what of it is locked.
/// @dev One function changes balances for outcomes: {_post}. It takes the deltas of the whole call, checks and writes each
/// touched account once, then sends the payouts.
abstract contract Escrow is IOutcomeAgreement, ReentrancyGuardTransient {
    using PackedTerms for bytes;
    using TokenEdge for address;

    mapping(uint256 account => AccountSlot) private _accounts;
    mapping(uint256 account => address) private _assignedHolder;

    // -------------------------------------------------------------------------------------------------- stories

    /// @inheritdoc IOutcomeAgreement
    function deposit(uint8 account, uint256 amount) external nonReentrant {
        _deposit(account, amount);
    }

    /// @inheritdoc IOutcomeAgreement
    function depositWithPermit(
        uint8 account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        // Somebody may have used the permit first; then the allowance stands and the deposit goes on.
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(_terms().token()).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(account, amount);
    }

    /// @inheritdoc IOutcomeAgreement
    function withdraw(uint8 account, uint256 amount, address to) external nonReentrant {
        bytes memory terms = _terms();
        _checkHolder(terms, account);
        uint256 unit = terms.tokenUnit();
        if (amount % unit != 0) revert NotWholeMinorUnits(amount, unit);
        address token_ = terms.token();
        uint256 held = IERC20(token_).balanceOf(address(this));
        uint256 owed = _balances(terms) * unit;
        if (held < owed) revert HeldBelowBalances(held, owed);
        AccountSlot a = _accounts[account];
        uint256 needed = Math.saturatingAdd(amount / unit, a.locked());
        if (a.balance() < needed) revert InsufficientEscrow(account, a.balance(), needed);

        _accounts[account] = a.with(a.balance() - amount / unit, a.locked());
        token_.push(to, amount);
        emit Withdrawn(account, to, amount);
    }

    /// @inheritdoc IOutcomeAgreement
    function assign(uint8 account, address holder) external nonReentrant {
        bytes memory terms = _terms();
        _checkHolder(terms, account);
        if (holder == oracle() || holder == arbiter()) revert InvalidHolder(holder);
        _checkOutsider(terms, holder);

        _accounts[account] = _accounts[account].asAssigned();
        _assignedHolder[account] = holder;
        emit Assigned(account, holder);
    }

    // ---------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IOutcomeAgreement
    function packedTerms() external view returns (bytes memory) {
        return _terms();
    }

    /// @inheritdoc IOutcomeAgreement
    function token() external view returns (address) {
        return _terms().token();
    }

    /// @inheritdoc IOutcomeAgreement
    function oracle() public view virtual returns (address);

    /// @inheritdoc IOutcomeAgreement
    function arbiter() public view virtual returns (address);

    /// @inheritdoc IOutcomeAgreement
    function accounts() external view returns (uint256) {
        return _terms().members();
    }

    /// @inheritdoc IOutcomeAgreement
    function accountOf(uint8 account) external view returns (address holder, uint256 balance, uint256 locked) {
        bytes memory terms = _terms();
        _checkAccount(terms, account);
        AccountSlot a = _accounts[account];
        return (_holder(terms, account), a.balance(), a.locked());
    }

    // ------------------------------------------------------------------------------------------------ internals

    /// @dev The terms follow the clone's code.
    function _terms() internal view returns (bytes memory) {
        return Clones.fetchCloneArgs(address(this));
    }

    function _deposit(uint8 account, uint256 amount) private {
        bytes memory terms = _terms();
        _checkAccount(terms, account);
        uint256 unit = terms.tokenUnit();
        if (amount % unit != 0) revert NotWholeMinorUnits(amount, unit);
        if (amount / unit > type(uint120).max - _balances(terms)) revert LedgerFull();

        _credit(account, amount / unit);
        terms.token().pull(amount);
        emit Deposited(account, msg.sender, amount);
    }

    /// @dev Checks and writes every touched account once, then sends to parties paid automatically what this call set
    /// free. A transfer that fails leaves the money in the balance and stops nobody.
    function _post(bytes memory terms, Entries memory entries) internal {
        int256[] memory payouts = entries.money;
        int256[] memory locksOf = entries.locks;
        bool any;
        // The accounts touched, a bit each, and what they hold in sum; of those that are paid, the ones handed over.
        uint256 touched;
        uint256 held;
        uint256 handedOver;
        for (uint256 i = 0; i < payouts.length; ++i) {
            int256 money = payouts[i];
            int256 locks = locksOf[i];
            if (money == 0 && locks == 0) continue;
            AccountSlot a = _accounts[i];
            int256 balance;
            int256 locked;
            int256 payout;
            // Balances and locks fit 120 bits, a call's deltas 144.
            unchecked {
                balance = int256(a.balance()) + money;
                locked = int256(a.locked()) + locks;
                payout = money - locks;
                if (balance < locked) revert InsufficientEscrow(uint8(i), a.balance(), uint256(locked - money));
                touched |= 1 << i;
                held += uint256(balance);
                if (entries.bondReturned != 0 && entries.bondOf == i) payout -= int256(entries.bondReturned);
                if (payout > 0 && terms.paidAutomatically(i)) {
                    balance -= payout;
                    any = true;
                    if (a.assigned()) handedOver |= 1 << i;
                } else {
                    payout = 0;
                }
            }
            // From here on the entry is what the account is paid.
            payouts[i] = payout;
            _accounts[i] = a.with(uint256(balance), uint256(locked));
        }
        if (any) _payOut(terms, payouts, held, touched, handedOver);
    }

    /// @dev Locks a bond: free balance of the account.
    function _lockBond(uint256 account, uint256 bond) internal {
        AccountSlot a = _accounts[account];
        uint256 locked = a.locked() + bond;
        if (a.balance() < locked) revert InsufficientEscrow(uint8(account), a.balance(), locked);
        _accounts[account] = a.with(a.balance(), locked);
    }

    /// @dev Moves free balance between accounts; `from` = 255 credits tokens that belong to no account.
    function _move(bytes memory terms, Movement memory movement) internal {
        _checkAccount(terms, movement.to);
        if (movement.from == type(uint8).max) {
            uint256 unit = terms.tokenUnit();
            uint256 held = IERC20(terms.token()).balanceOf(address(this));
            uint256 owed = (_balances(terms) + movement.amount) * unit;
            if (held < owed) revert HeldBelowBalances(held, owed);
            if (owed / unit > type(uint120).max) revert LedgerFull();
        } else {
            _checkAccount(terms, movement.from);
            AccountSlot a = _accounts[movement.from];
            uint256 needed = uint256(movement.amount) + a.locked();
            if (a.balance() < needed) revert InsufficientEscrow(movement.from, a.balance(), needed);
            _accounts[movement.from] = a.with(a.balance() - movement.amount, a.locked());
        }
        _credit(movement.to, movement.amount);
    }

    function _credit(uint256 account, uint256 amount) private {
        AccountSlot a = _accounts[account];
        _accounts[account] = a.with(a.balance() + amount, a.locked());
    }

    function _holder(bytes memory terms, uint256 account) internal view returns (address) {
        return _accounts[account].assigned() ? _assignedHolder[account] : terms.holder(account);
    }

    function _checkAccount(bytes memory terms, uint8 account) internal pure {
        if (account >= terms.members()) revert UnknownAccount(account);
    }

    function _checkHolder(bytes memory terms, uint8 account) internal view {
        _checkAccount(terms, account);
        if (msg.sender != _holder(terms, account)) revert NotHolder(account, msg.sender);
    }

    /// @dev Neither a party, nor the token, nor this contract, nor nobody.
    function _checkOutsider(bytes memory terms, address candidate) internal view {
        if (candidate == address(0) || candidate == address(this) || candidate == terms.token()) {
            revert InvalidHolder(candidate);
        }
        uint256 members = terms.members();
        for (uint256 i = 0; i < members; ++i) {
            if (candidate == _holder(terms, i)) revert InvalidHolder(candidate);
        }
    }

    /// @dev Sum of all balances.
    function _balances(bytes memory terms) private view returns (uint256 sum) {
        uint256 members = terms.members();
        for (uint256 i = 0; i < members; ++i) sum += _accounts[i].balance();
    }

    /// @param owed What the `touched` accounts, a bit each, hold with their payouts.
    /// @param handedOver Accounts whose holder is not the one in the terms: read again, each would cost 100 gas more.
    function _payOut(
        bytes memory terms,
        int256[] memory payouts,
        uint256 owed,
        uint256 touched,
        uint256 handedOver
    ) private {
        address token_ = terms.token();
        uint256 unit = terms.tokenUnit();
        for (uint256 i = 0; i < payouts.length; ++i) {
            if (touched & (1 << i) == 0) owed += _accounts[i].balance();
        }
        // With fewer tokens than balances, who is paid first would take from who is paid last: nobody is.
        bool covered = token_.tryHeld() >= owed * unit;
        for (uint256 i = 0; i < payouts.length; ++i) {
            uint256 amount = uint256(payouts[i]);
            if (amount == 0) continue;
            address to = handedOver & (1 << i) == 0 ? terms.holder(i) : _assignedHolder[i];
            if (covered && token_.tryPush(to, amount * unit)) {
                emit PaidOut(uint8(i), to, amount * unit);
            } else {
                _credit(i, amount);
                emit PayoutFailed(uint8(i), to, amount * unit);
            }
        }
    }
}
