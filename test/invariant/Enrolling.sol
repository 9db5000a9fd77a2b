// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Messages} from "../../contracts/libraries/Messages.sol";
import {Observer} from "./Observer.sol";

/// @title Money in and out, time, enrolment.
abstract contract Enrolling is Observer {
    using Messages for IOutcomeAgreement.Enrolment;

    bool internal terminated;

    function warp(uint256 seed) external {
        _startDrawing(seed);
        uint256 roll = _draw(100);
        uint256 days_ =
            roll < 75
                ? _draw(3)
                : roll < 98
                    ? _draw(8)
                    : _draw(60);
        vm.warp(block.timestamp + days_ * 1 days + _draw(86_400));
    }

    function deposit(uint256 seed) external {
        _startDrawing(seed);
        _deposit(_draw(keys.length), 1 + _draw(100_000));
    }

    /// @dev Tokens that somebody sends outright belong to no account.
    function donate(uint256 seed) external {
        _startDrawing(seed);
        uint256 minor = _draw(1_000);
        token.mint(address(agreement), minor * UNIT);
        donated += minor;
    }

    function withdraw(uint256 seed) external {
        _startDrawing(seed);
        uint256 account = _draw(keys.length);
        uint256 free = _free(account);
        address holder = vm.addr(keys[account]);
        if (_chance(15)) {
            // More than is free, by the holder; what is free, by a stranger; no whole number of minor units.
            _mustFail(holder, abi.encodeCall(IOutcomeAgreement.withdraw, (uint8(account), (free + 1) * UNIT, holder)));
            _mustFail(address(1), abi.encodeCall(IOutcomeAgreement.withdraw, (uint8(account), free * UNIT, holder)));
            _mustFail(holder, abi.encodeCall(IOutcomeAgreement.withdraw, (uint8(account), 1, holder)));
        }
        uint256 minor = _chance(10) ? free : _draw(free / 4 + 1);
        Sight memory before = _see();
        _mustPass(holder, abi.encodeCall(IOutcomeAgreement.withdraw, (uint8(account), minor * UNIT, holder)));
        Sight memory sight = _see();
        require(before.balance[account] - sight.balance[account] == int256(minor), "a withdrawal was not booked");
        require(sight.outside[account] - before.outside[account] == int256(minor), "a withdrawal did not arrive");
    }

    function assign(uint256 seed) external {
        _startDrawing(seed);
        uint256 account = _draw(keys.length);
        bytes memory data = abi.encodeCall(IOutcomeAgreement.assign, (uint8(account), vm.addr(nextKey)));
        _mustFail(vm.addr(keys[(account + 1) % keys.length]), data);
        _mustPass(vm.addr(keys[account]), data);
        keys[account] = nextKey++;
    }

    function enrol(uint256 seed) external {
        _startDrawing(seed);
        uint256 cohort = _draw(windows.length);
        Window storage window = windows[cohort];
        uint256 last = window.lastIndexed > window.opens ? window.lastIndexed : window.opens;
        uint256 latest = _today() < window.closes ? _today() : window.closes - 1;
        uint256 day = latest > last && _chance(70) ? last + _draw(latest - last + 1) : latest;
        uint256 patients = _draw(5);
        bool open = day >= last && day <= latest && _today() < window.ends && !terminated;
        bool allowed = open && window.patients + patients <= window.most;
        bool funded = allowed && _chance(90);
        if (funded) _fundEnrolment(cohort, patients);

        IOutcomeAgreement.Enrolment memory message = IOutcomeAgreement.Enrolment(
            uint16(cohort),
            uint32(window.number + 1),
            uint32(patients),
            uint32(day),
            bytes32(seed),
            uint32(_today())
        );
        bytes memory authorisation =
            rules.authoriser < keys.length
                ? _sign(keys[rules.authoriser], _digest(address(agreement), message.hash()))
                : bytes("");
        if (rules.authoriser < keys.length) _mustFail(address(this), _encode(message, ""));
        Sight memory before = _see();
        bool ok = _attempt(address(this), _encode(message, authorisation));
        require(ok || !funded, "a funded enrolment was refused");
        require(allowed || !ok, "a wrongful enrolment went through");
        if (!ok) return _checkStill(before, 0, 0);

        window.patients += patients;
        window.number += 1;
        window.lastIndexed = day;
        int256[] memory money = _none();
        for (uint256 c = 0; c < lines.length; ++c) {
            if (lines[c].kind != Kind.AtEnrolment || !ghosts[c][cohort].applies) continue;
            int256 total = pieces[c][cohort][0].pays * int256(patients);
            ghosts[c][cohort].total += total;
            _along(money, c, total);
        }
        _checkMoved(before, money, 0, 0, true);
        // A wrong number or the same one again is no enrolment.
        _mustFail(address(this), _encode(message, authorisation));
    }

    function _encode(
        IOutcomeAgreement.Enrolment memory message,
        bytes memory authorisation
    ) private view returns (bytes memory) {
        return abi.encodeCall(IOutcomeAgreement.enrol, (message, _endorse(message.hash()), authorisation));
    }

    /// @dev Enough for the payments at enrolment and for the locks of the new patients.
    function _fundEnrolment(uint256 cohort, uint256 patients) private {
        for (uint256 i = 0; i < keys.length; ++i) {
            uint256 needed;
            for (uint256 c = 0; c < lines.length; ++c) {
                if (!ghosts[c][cohort].applies) continue;
                if (lines[c].kind == Kind.AtEnrolment) {
                    int256 total = pieces[c][cohort][0].pays * int256(patients);
                    int256 cost = _part(lines[c].from, i, total) - _part(lines[c].to, i, total);
                    if (cost > 0) needed += uint256(cost);
                } else {
                    uint256 opening = windows[cohort].number == 0 ? 1 : 0;
                    needed += _lockPart(c, cohort, i) * (lines[c].kind == Kind.InTotal ? opening : patients);
                }
            }
            uint256 free = _free(i);
            if (needed > free) _deposit(i, needed - free);
        }
    }
}
