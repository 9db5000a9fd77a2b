// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Model} from "./Model.sol";

/// @title Makes calls, and holds what each one moved against what it may move.
abstract contract Observer is Model {
    /// @dev By account, in minor units.
    struct Sight {
        int256[] balance;
        int256[] locked;
        /// What the holder has outside.
        int256[] outside;
    }

    bytes4 private constant _PANIC = 0x4e487b71;
    bytes4 private constant _ERROR = 0x08c379a0;

    /// @notice Calls that went through, by function.
    mapping(bytes4 selector => uint256) public successes;
    uint256 public calls;
    uint256 public accepted;
    /// @dev Tokens, in minor units, that belong to no account.
    uint256 internal donated;
    uint256 private _drawn;

    /// @dev Calls the agreement. A refusal names its reason: a panic or a text would be an accident.
    function _attempt(address sender, bytes memory data) internal returns (bool ok) {
        bytes memory result;
        ++calls;
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (ok, result) = address(agreement).call(data);
        if (ok) {
            ++successes[bytes4(data)];
            ++accepted;
        } else {
            bytes4 reason = bytes4(result);
            require(result.length >= 4 && reason != _PANIC && reason != _ERROR, "a call ended in an accident");
        }
    }

    function _mustPass(address sender, bytes memory data) internal {
        require(_attempt(sender, data), "a rightful call was refused");
    }

    function _mustFail(address sender, bytes memory data) internal {
        require(!_attempt(sender, data), "a wrongful call went through");
    }

    function _see() internal view returns (Sight memory sight) {
        uint256 count = keys.length;
        sight.balance = new int256[](count);
        sight.locked = new int256[](count);
        sight.outside = new int256[](count);
        for (uint256 i = 0; i < count; ++i) {
            (address holder, uint256 balance, uint256 locked) = agreement.accountOf(uint8(i));
            require(holder == vm.addr(keys[i]), "an account has another holder");
            sight.balance[i] = int256(balance);
            sight.locked[i] = int256(locked);
            uint256 outside = token.balanceOf(holder);
            require(outside % UNIT == 0, "a part of a minor unit was sent");
            sight.outside[i] = int256(outside / UNIT);
        }
    }

    function _free(uint256 account) internal view returns (uint256) {
        (, uint256 balance, uint256 locked) = agreement.accountOf(uint8(account));
        return balance - locked;
    }

    /// @dev Rules 2 and 10 for a call that settled something, or enrolled: every account's money moved by `money` and by
    /// nothing else; whoever is paid automatically was sent what came free, a bond that came back excepted; and but for
    /// an enrolment nobody's free balance shrank.
    function _checkMoved(
        Sight memory before,
        int256[] memory money,
        uint256 bondOf,
        int256 bondBack,
        bool enrolled
    ) internal view {
        Sight memory sight = _see();
        for (uint256 i = 0; i < money.length; ++i) {
            int256 sent = sight.outside[i] - before.outside[i];
            int256 freed = money[i] - (sight.locked[i] - before.locked[i]);
            require(sight.balance[i] - before.balance[i] + sent == money[i], "rule 2: other money moved");
            require(enrolled || freed >= 0, "rule 10: a report took what was free");
            int256 payable_ = i == bondOf ? freed - bondBack : freed;
            require(sent == (automatic[i] && payable_ > 0 ? payable_ : int256(0)), "the payout is wrong");
        }
    }

    /// @dev A call that moves no money: balances, locks and holders' tokens are as before but for one account's lock.
    function _checkStill(Sight memory before, uint256 account, int256 locked) internal view {
        Sight memory sight = _see();
        for (uint256 i = 0; i < keys.length; ++i) {
            require(
                sight.balance[i] == before.balance[i] && sight.outside[i] == before.outside[i],
                "rule 2: money moved"
            );
            require(sight.locked[i] - before.locked[i] == (i == account ? locked : int256(0)), "rule 2: a lock moved");
        }
    }

    /// @dev Adds to `money` what a clause's total takes from and gives to each member.
    function _along(int256[] memory money, uint256 clause, int256 total) internal view {
        for (uint256 i = 0; i < money.length; ++i) {
            money[i] += _part(lines[clause].to, i, total) - _part(lines[clause].from, i, total);
        }
    }

    function _none() internal view returns (int256[] memory) {
        return new int256[](keys.length);
    }

    /// @dev Pays into an account from nowhere.
    function _deposit(uint256 account, uint256 minor) internal {
        if (minor == 0) return;
        Sight memory before = _see();
        token.mint(address(this), minor * UNIT);
        _mustPass(address(this), abi.encodeCall(IOutcomeAgreement.deposit, (uint8(account), minor * UNIT)));
        Sight memory sight = _see();
        require(sight.balance[account] == before.balance[account] + int256(minor), "a deposit was not booked");
    }

    /// @dev EIP-712 digest of a struct hash, for an agreement on this chain.
    function _digest(address verifier, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("outcomepay"),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _endorse(bytes32 structHash) internal view returns (bytes memory) {
        return _sign(oracleKey, _digest(address(agreement), structHash));
    }

    /// @dev Every party's signature.
    function _signAll(bytes32 structHash) internal view returns (bytes[] memory signatures) {
        signatures = new bytes[](keys.length);
        bytes32 digest = _digest(address(agreement), structHash);
        for (uint256 i = 0; i < keys.length; ++i) signatures[i] = _sign(keys[i], digest);
    }

    /// @dev Numbers of a call follow from its seed alone.
    function _startDrawing(uint256 seed) internal {
        _drawn = seed;
    }

    /// @dev A number below `n`.
    function _draw(uint256 n) internal returns (uint256) {
        _drawn = uint256(keccak256(abi.encode(_drawn)));
        return _drawn % n;
    }

    function _chance(uint256 percent) internal returns (bool) {
        return _draw(100) < percent;
    }
}
