// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "../../contracts/interfaces/IRefuter.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";
import {MoodyToken} from "./MoodyToken.sol";
import {Observer, Recorder} from "./Observer.sol";
import {Trees} from "./Trees.sol";

/// @title Money in and out, tokens that misbehave, enrolment.
abstract contract Enrolling is Observer {
    using Messages for IOutcomeAgreement.Enrolment;
    using Trees for IRefuter.ShownEntry[];

    bytes32 private constant _PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant _GIVER = 0x617665;

    // --------------------------------------------------------------------------------------------------- money

    function deposit() internal {
        uint256 account = _draw(keys.length);
        if (_chance(20)) {
            // Rule 8: a token that takes a fee is found out here.
            token.mint(address(this), 10 * unit);
            token.setFee(1 + _draw(10 * unit));
            bytes memory data = abi.encodeCall(IOutcomeAgreement.deposit, (uint8(account), 10 * unit));
            _mustFailWith(address(this), data, IOutcomeAgreement.TokenShort.selector);
            token.setFee(0);
        }
        if (unit > 1 && _chance(20)) {
            bytes memory data = abi.encodeCall(IOutcomeAgreement.deposit, (uint8(account), unit + 1));
            _mustFailWith(address(this), data, IOutcomeAgreement.NotWholeMinorUnits.selector);
        }
        _deposit(account, 1 + _draw(100_000));
        _compare();
    }

    /// @dev Pays into an account from nowhere, half of the time by a permit.
    function _deposit(uint256 account, uint256 minor) internal {
        uint256 amount = minor * unit;
        bytes memory data = abi.encodeCall(IOutcomeAgreement.deposit, (uint8(account), amount));
        address giver = address(this);
        if (_chance(50)) {
            giver = vm.addr(_GIVER);
            data = _encodePermit(giver, account, amount);
        }
        token.mint(giver, amount);
        _mustPass(giver, data);
        purses[account].balance += int256(minor);
    }

    function withdraw() internal {
        uint256 account = _draw(keys.length);
        uint256 free = _free(account);
        address holder = holders[account];
        uint256 minor = _chance(10) ? free : _draw(free / 4 + 1);
        if (_isShort()) {
            // Rule 8: nobody takes what others are owed.
            bytes4 reason = IOutcomeAgreement.HeldBelowBalances.selector;
            return _mustFailWith(holder, _encodeWithdrawal(account, minor * unit, holder), reason);
        }
        if (_chance(15)) {
            // More than is free, by the holder; what is free, by a stranger; no whole number of minor units.
            _mustFail(holder, _encodeWithdrawal(account, (free + 1) * unit, holder));
            _mustFail(STRANGER, _encodeWithdrawal(account, free * unit, STRANGER));
            if (unit > 1) _mustFail(holder, _encodeWithdrawal(account, 1, holder));
        }
        MoodyToken.Mood mood = token.moodTo(holder);
        address to = mood == MoodyToken.Mood.Fair ? holder : vm.addr(_newKey());
        if (mood == MoodyToken.Mood.Refuses || mood == MoodyToken.Mood.ReturnsFalse) {
            _mustFail(holder, _encodeWithdrawal(account, minor * unit, holder));
        }
        _mustPass(holder, _encodeWithdrawal(account, minor * unit, to));
        purses[account].balance -= int256(minor);
        if (to == holder) purses[account].outside += int256(minor);
        else require(token.balanceOf(to) == minor * unit, "rule 7: a withdrawal did not arrive");
        _compare();
    }

    function _encodeWithdrawal(uint256 account, uint256 amount, address to) internal pure returns (bytes memory) {
        return abi.encodeCall(IOutcomeAgreement.withdraw, (uint8(account), amount, to));
    }

    function assign() internal {
        uint256 account = _draw(keys.length);
        uint256 key = _upcomingKey();
        address holder = _newHolder();
        bytes memory data = abi.encodeCall(IOutcomeAgreement.assign, (uint8(account), holder));
        if (_chance(20)) {
            _mustFail(holders[(account + 1) % keys.length], data);
            address[4] memory wrong = [holders[0], endorser.account, vm.addr(arbiterKey), address(token)];
            bytes memory other = abi.encodeCall(IOutcomeAgreement.assign, (uint8(account), wrong[_draw(4)]));
            _mustFailWith(holders[account], other, IOutcomeAgreement.InvalidHolder.selector);
        }
        _mustPass(holders[account], data);
        (keys[account], holders[account]) = (key, holder);
        purses[account].outside = 0;
        _compare();
    }

    // ------------------------------------------------------------------------------------- tokens that misbehave

    /// @dev Rule 7: from now on a holder can't be sent tokens, or can again.
    function changeMood() internal {
        uint256 account = _draw(keys.length);
        bool fair = _chance(40);
        token.setMood(holders[account], fair ? MoodyToken.Mood.Fair : MoodyToken.Mood(1 + _draw(4)));
    }

    /// @dev Rule 8: the agreement loses tokens without its doing, or gets them back; or somebody sends some outright.
    function rebase() internal {
        if (_chance(25)) {
            uint256 minor = _draw(1_000);
            token.mint(address(agreement), minor * unit);
            donated += minor;
        } else if (missing != 0) {
            uint256 back = _chance(70) ? missing : _draw(missing + 1);
            token.mint(address(agreement), back);
            missing -= back;
        } else {
            uint256 held = token.balanceOf(address(agreement));
            uint256 lost = _chance(10) ? held : _draw(held / 2 + 1);
            token.shrink(address(agreement), lost);
            missing += lost;
        }
        _compare();
    }

    // ----------------------------------------------------------------------------------------------- enrolment

    // solhint-disable-next-line code-complexity
    function enrol() internal {
        (uint256 cohort, bool found) = _openCohort();
        if (!found && _chance(70)) return _passTime(clock + _draw(1 days));
        Window storage window = windows[cohort];
        uint256 last = lots[cohort].length == 0 ? window.opens : lots[cohort][lots[cohort].length - 1].day;
        uint256 latest = _today() < window.closes ? _today() : window.closes - 1;
        uint256 day = latest > last && _chance(70) ? last + _draw(latest - last + 1) : latest;
        uint256 patients = _draw(5);
        bool open = _today() >= window.opens && _today() < window.ends && !terminated;
        bool allowed = open && day >= last && window.patients + patients <= window.most;

        int256[] memory money = _none();
        int256[] memory locks = _none();
        for (uint256 c = 0; c < lines.length; ++c) {
            if (!ghosts[c][cohort].applies) continue;
            if (lines[c].kind == Kind.AtEnrolment) _along(money, c, parts[c][cohort][0].pays * int256(patients));
            else if (lines[c].kind != Kind.InTotal) _lock(locks, c, cohort, int256(patients));
            else if (lots[cohort].length == 0) _lock(locks, c, cohort, 1);
        }
        if (_chance(92)) _cover(money, locks);

        IOutcomeAgreement.Enrolment memory message = IOutcomeAgreement.Enrolment(
            uint16(cohort),
            uint32(lots[cohort].length + 1),
            uint32(patients),
            uint32(day),
            0,
            uint32(_today())
        );
        message.root = _entries(cohort, lots[cohort].length + 1, patients, day).root();
        bytes memory authorisation;
        if (rules.authoriser < keys.length) {
            if (_chance(20)) _mustFail(caller, _encode(message, ""));
            authorisation = _sign(keys[rules.authoriser], _digest(address(agreement), message.hash()));
        }
        bytes memory data = _encode(message, authorisation);
        if (!allowed || !_covers(money, locks)) return _mustFail(caller, data);
        if (_chance(5)) _forge(message, authorisation);
        Recorder.Log[] memory logs = _mustPass(caller, data);
        lots[cohort].push(Lot(day, window.patients, patients));
        window.patients += patients;
        for (uint256 c = 0; c < lines.length; ++c) {
            if (lines[c].kind != Kind.AtEnrolment || !ghosts[c][cohort].applies) continue;
            ghosts[c][cohort].total += parts[c][cohort][0].pays * int256(patients);
        }
        _post(logs, money, locks, 0, 0, true);
        if (_chance(10)) _mustFail(caller, data);
    }

    /// @notice The leaves behind an enrolment.
    function _entries(
        uint256 cohort,
        uint256 number,
        uint256 patients,
        uint256 day
    ) internal view returns (IRefuter.ShownEntry[] memory entries) {
        entries = new IRefuter.ShownEntry[](patients);
        for (uint256 i = 0; i < patients; ++i) {
            bytes32 key = _keyOf(cohort, number, i);
            entries[i] = IRefuter.ShownEntry(0, key, uint32(day), keccak256(abi.encode(key)), new bytes32[](0));
        }
    }

    function _openCohort() private returns (uint256 cohort, bool found) {
        cohort = _draw(windows.length);
        for (uint256 i = 0; i < windows.length && !found && !terminated; ++i) {
            cohort = (cohort + 1) % windows.length;
            Window storage window = windows[cohort];
            found = _today() >= window.opens && _today() < window.ends && window.patients + 1 < window.most;
        }
    }

    /// @dev Rule 3: endorsed by another, for another contract, out of sequence, out of date, or altered.
    function _forge(IOutcomeAgreement.Enrolment memory message, bytes memory authorisation) private {
        bytes32 hash = message.hash();
        bytes memory wrong = _sign(0xBAD, _digest(address(agreement), hash));
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.enrol, (message, wrong, authorisation)));
        wrong = _endorseDigest(_digest(address(token), hash));
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.enrol, (message, wrong, authorisation)));
        ++message.number;
        _mustFail(caller, _encode(message, authorisation));
        --message.number;
        --message.lastDay;
        _mustFail(caller, _encode(message, authorisation));
        ++message.lastDay;
        bytes memory right = _endorse(hash);
        message.root = ~message.root;
        _mustFail(caller, abi.encodeCall(IOutcomeAgreement.enrol, (message, right, authorisation)));
        message.root = ~message.root;
    }

    function _encode(
        IOutcomeAgreement.Enrolment memory message,
        bytes memory authorisation
    ) private view returns (bytes memory) {
        return abi.encodeCall(IOutcomeAgreement.enrol, (message, _endorse(message.hash()), authorisation));
    }

    function _covers(int256[] memory money, int256[] memory locks) private view returns (bool) {
        for (uint256 i = 0; i < money.length; ++i) {
            if (purses[i].balance + money[i] < purses[i].locked + locks[i]) return false;
        }
        return true;
    }

    /// @dev Enough for the payments at enrolment and for the locks of the new patients, and for some more.
    function _cover(int256[] memory money, int256[] memory locks) private {
        for (uint256 i = 0; i < money.length; ++i) {
            int256 lacking = purses[i].locked + locks[i] - purses[i].balance - money[i];
            if (lacking > 0) _deposit(i, uint256(lacking) * (1 + _draw(6)));
        }
    }

    function _encodePermit(address giver, uint256 account, uint256 amount) private view returns (bytes memory) {
        bytes32 message = keccak256(abi.encode(_PERMIT, giver, address(agreement), amount, token.nonces(giver), clock));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), message));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_GIVER, digest);
        return abi.encodeCall(IOutcomeAgreement.depositWithPermit, (uint8(account), amount, clock, v, r, s));
    }
}
