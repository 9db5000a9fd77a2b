// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "../../contracts/interfaces/IRefuter.sol";
import {Recorder} from "./Observer.sol";
import {Settling} from "./Settling.sol";
import {Tampering} from "./Tampering.sol";
import {Trees} from "./Trees.sol";

/// @title Rule 9: a pending report whose leaves contradict it falls to whoever shows that; an honest one to nobody.
abstract contract Refuting is Settling {
    using Trees for IRefuter.ShownLeaf[];
    using Trees for IRefuter.ShownEntry[];
    using Trees for bytes32[];

    function refute() internal {
        bool wager = _chance(_isLate() ? 80 : 20);
        (bool found, uint256 place) = _flawed(wager);
        if (!found && rules.challengeWindow != 0 && _chance(80)) {
            wantsFlaw = true;
            wager ? reportWager() : reportMilestone();
            wantsFlaw = false;
            (found, place) = _flawed(wager);
        }
        if (filed.length == 0) return;
        if (_chance(20)) _claimOfNeighbours();
        Filed storage f = found && _chance(80) ? filed[place] : _drawFiled(_chance(30), wager);
        Filed memory seen = f;
        bool pending = f.standing == Standing.Pending;
        bool contradicted = f.flawed && !(f.flaw == IRefuter.Form.TwiceInClause && _isVoid(f.earlier));
        if (pending && contradicted && _chance(85)) {
            bytes memory right = _encode(seen, _contradiction(seen));
            Recorder.Log[] memory logs = _mustPass(caller, right);
            _void(f, logs);
            if (_chance(15)) _mustFailWith(caller, right, IOutcomeAgreement.AlreadySettled.selector);
            return _lapseReopened(f.clause, f.cohort);
        }
        IRefuter.Refutation memory claim = pending && contradicted ? _contradiction(seen) : _claim(seen);
        bytes memory data = _encode(seen, claim);
        if (!pending) return _mustFailWith(caller, data, IOutcomeAgreement.AlreadySettled.selector);
        if (contradicted) {
            // The right exhibits of a report that is not the pending one, or with one word of them changed.
            if (_chance(50)) {
                seen.message = _changed(seen);
                bytes4 reason = IOutcomeAgreement.NotThePendingReport.selector;
                return _mustFailWith(caller, _encode(seen, claim), reason);
            }
            if (claim.shown.length == 0) claim.top = ~claim.top;
            else claim.shown[0].blind = ~claim.shown[0].blind;
            return _mustFail(caller, _encode(seen, claim));
        }
        _mustFail(caller, data);
    }

    /// @dev In a pending honest report no neighbours are out of order or have the wrong sums.
    function _claimOfNeighbours() private {
        for (uint256 k = filed.length; k > 0; --k) {
            Filed memory f = filed[k - 1];
            if (f.wager || f.flawed || f.standing != Standing.Pending) continue;
            IRefuter.ShownLeaf[] memory leaves = _shownLeavesOf(f);
            IRefuter.Refutation memory r;
            r.shown = new IRefuter.ShownLeaf[](2);
            for (uint256 i = 0; i + 1 < leaves.length; ++i) {
                (r.shown[0], r.shown[1]) = (leaves.show(i), leaves.show(i + 1));
                r.form = _chance(70) ? IRefuter.Form.RunningSum : IRefuter.Form.Order;
                _mustFail(caller, _encode(f, r));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------- exhibits

    /// @dev What shows that the report contradicts itself.
    function _contradiction(Filed memory f) private view returns (IRefuter.Refutation memory r) {
        IRefuter.ShownLeaf[] memory leaves = _shownLeavesOf(f);
        r.form = f.flaw;
        if (f.flaw == IRefuter.Form.LeafCount) {
            (r.leaves, r.top) = (uint32(leaves.length), leaves.hashes().top());
            return r;
        }
        if (f.flaw == IRefuter.Form.NotDue) return _showOf(r, leaves, f, f.patients, true);
        if (f.flaw == IRefuter.Form.TwiceInClause) {
            Filed memory earlier = filed[f.earlier];
            uint256 patient = earlier.patients & (~earlier.patients + 1);
            _showOf(r, leaves, f, patient, false);
            IRefuter.ShownLeaf memory here = r.shown[0];
            _showOf(r, _shownLeavesOf(earlier), earlier, patient, false);
            IRefuter.ShownLeaf memory there = r.shown[0];
            r.shown = new IRefuter.ShownLeaf[](2);
            (r.shown[0], r.shown[1]) = (here, there);
            r.earlier = new IOutcomeAgreement.MilestoneReport[](1);
            r.earlier[0] = abi.decode(earlier.message, (IOutcomeAgreement.MilestoneReport));
            return r;
        }
        (uint256 first, uint256 second) = Tampering.places(leaves, f.flaw, f.place, _starts(f));
        r.shown = new IRefuter.ShownLeaf[](first == second ? 1 : 2);
        r.shown[0] = leaves.show(first);
        if (first != second) r.shown[1] = leaves.show(second);
        if (f.flaw == IRefuter.Form.NotEnrolled && f.salt % 4 > 1) _showNeighbours(r, f, leaves[f.place]);
    }

    /// @dev Shows the leaf of a patient: the lowest of `patients`, or the last.
    function _showOf(
        IRefuter.Refutation memory r,
        IRefuter.ShownLeaf[] memory leaves,
        Filed memory f,
        uint256 patients,
        bool last
    ) private view returns (IRefuter.Refutation memory) {
        uint256 patient;
        while (last ? (patients >> (patient + 1)) != 0 : (patients >> patient) & 1 == 0) ++patient;
        uint256 number = _lotOf(f.cohort, patient);
        bytes32 key = _keyOf(f.cohort, number, patient - lots[f.cohort][number - 1].first);
        uint256 place;
        while (leaves[place].patientKey != key) ++place;
        r.shown = new IRefuter.ShownLeaf[](1);
        r.shown[0] = leaves.show(place);
        return r;
    }

    /// @dev The entries of the leaf's batch between which its key falls, or the one at the end.
    function _showNeighbours(
        IRefuter.Refutation memory r,
        Filed memory f,
        IRefuter.ShownLeaf memory leaf
    ) private view {
        if (leaf.batch == 0 || leaf.batch > lots[f.cohort].length) return;
        Lot storage lot = lots[f.cohort][leaf.batch - 1];
        IRefuter.ShownEntry[] memory entries = _entries(f.cohort, leaf.batch, lot.count, lot.day);
        uint256 next;
        while (next < entries.length && entries[next].patientKey < leaf.patientKey) ++next;
        bool atEnd = next == 0 || next == entries.length;
        r.entries = new IRefuter.ShownEntry[](atEnd ? 1 : 2);
        r.entries[0] = entries.show(next == 0 ? 0 : next - 1);
        if (!atEnd) r.entries[1] = entries.show(next);
    }

    /// @dev Any form, with exhibits that are true: leaves where they stand, entries beside them, an earlier report.
    function _claim(Filed memory f) private returns (IRefuter.Refutation memory r) {
        IRefuter.ShownLeaf[] memory leaves = _shownLeavesOf(f);
        r.form = IRefuter.Form(_draw(8));
        if (f.flawed && r.form == f.flaw) r.form = IRefuter.Form((uint8(r.form) + 1) % 8);
        (r.leaves, r.top) = (uint32(leaves.length), leaves.hashes().top());
        if (r.form == IRefuter.Form.LeafCount || leaves.length == 0) return r;
        uint256 here = _draw(leaves.length);
        bool two =
            r.form == IRefuter.Form.Order ||
                r.form == IRefuter.Form.TwiceInReport ||
                r.form == IRefuter.Form.TwiceInClause ||
                (r.form == IRefuter.Form.RunningSum && _chance(50));
        r.shown = new IRefuter.ShownLeaf[](two ? 2 : 1);
        r.shown[0] = leaves.show(here);
        if (two) r.shown[1] = leaves.show(_chance(75) ? (here + 1) % leaves.length : _draw(leaves.length));
        if (r.form == IRefuter.Form.NotEnrolled && _chance(80)) _showNeighbours(r, f, leaves[here]);
        if (r.form == IRefuter.Form.TwiceInClause && !f.wager) _showEarlier(r, f);
    }

    /// @dev The last report of the clause before it, whatever became of it, and one of its leaves.
    function _showEarlier(IRefuter.Refutation memory r, Filed memory f) private {
        Filed memory found = f;
        for (uint256 i = 0; i < filed.length; ++i) {
            Filed storage e = filed[i];
            if (e.clause == f.clause && e.cohort == f.cohort && e.number < f.number) found = e;
        }
        r.earlier = new IOutcomeAgreement.MilestoneReport[](1);
        r.earlier[0] = abi.decode(found.message, (IOutcomeAgreement.MilestoneReport));
        IRefuter.ShownLeaf[] memory leaves = _shownLeavesOf(found);
        if (leaves.length != 0) r.shown[1] = leaves.show(_draw(leaves.length));
    }

    // --------------------------------------------------------------------------------------------------- choice

    /// @dev The last pending report of the kind that contradicts itself.
    function _flawed(bool wager) private view returns (bool found, uint256 place) {
        for (uint256 i = filed.length; i > 0; --i) {
            Filed storage f = filed[i - 1];
            if (f.standing == Standing.Pending && f.flawed && f.wager == wager) return (true, i - 1);
        }
    }

    function _isVoid(uint256 report) private view returns (bool) {
        return filed[report].standing == Standing.Void;
    }

    function _changed(Filed memory f) private pure returns (bytes memory) {
        if (f.wager) {
            IOutcomeAgreement.WagerReport memory wager = abi.decode(f.message, (IOutcomeAgreement.WagerReport));
            wager.root = ~wager.root;
            return abi.encode(wager);
        }
        IOutcomeAgreement.MilestoneReport memory report = abi.decode(f.message, (IOutcomeAgreement.MilestoneReport));
        report.root = ~report.root;
        return abi.encode(report);
    }

    function _encode(Filed memory f, IRefuter.Refutation memory r) private pure returns (bytes memory) {
        if (f.wager) {
            return
                abi.encodeCall(
                    IOutcomeAgreement.refuteWager,
                    (abi.decode(f.message, (IOutcomeAgreement.WagerReport)), r)
                );
        }
        return
            abi.encodeCall(
                IOutcomeAgreement.refuteMilestone,
                (abi.decode(f.message, (IOutcomeAgreement.MilestoneReport)), r)
            );
    }
}
