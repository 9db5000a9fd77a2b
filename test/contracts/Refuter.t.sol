// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {IRefuter} from "../../contracts/interfaces/IRefuter.sol";
import {Payoff, Terms} from "../../contracts/interfaces/Terms.sol";
import {TermsPacker} from "../../contracts/libraries/TermsPacker.sol";
import {DrawnTerms} from "../invariant/DrawnTerms.sol";
import {ReportHash} from "../invariant/ReportHash.sol";
import {Tampering} from "../invariant/Tampering.sol";
import {Trees} from "../invariant/Trees.sol";
import {SolidityTest} from "./support/SolidityTest.sol";

/// @title Refutation, for any terms and any leaves: nothing true that is shown refutes an honest report, and every
/// tampering can be shown.
/// @dev The test stands in for the agreement, whose views the refuter asks.
contract RefuterTest is SolidityTest {
    using ReportHash for IOutcomeAgreement.MilestoneReport;
    using Trees for IRefuter.ShownLeaf[];
    using Trees for IRefuter.ShownEntry[];
    using Trees for bytes32[];

    uint256 private constant _FIRST = DrawnTerms.FIRST_DAY;

    IRefuter private _refuter;
    address private _token;
    bytes private _packed;
    int256[] private _starts;
    bool[] private _sloped;
    uint16 private _cohort;
    uint256 private _span;
    /// Patients of each batch; the last batch is not due.
    uint256[] private _batches;
    bytes32 private _salt;
    uint256 private _drawn;
    IOutcomeAgreement.MilestoneReport private _earlier;

    function setUp() public {
        _refuter = IRefuter(deploy("Refuter.sol:Refuter", ""));
        _token = deploy("PlainToken.sol:PlainToken", abi.encode(2));
    }

    function testFuzz_NothingTrueRefutesAnHonestReport(uint256 seed, uint8 form) public {
        _open(seed);
        (IRefuter.ShownLeaf[] memory before, IRefuter.ShownLeaf[] memory leaves) = _twoReports();
        IOutcomeAgreement.MilestoneReport memory report = _reportOf(2, leaves, leaves.root());
        IRefuter.Refutation memory r;
        r.form = IRefuter.Form(form % 8);
        (r.leaves, r.top) = (uint32(leaves.length), leaves.hashes().top());
        if (r.form != IRefuter.Form.LeafCount) {
            uint256 place = _draw(leaves.length);
            bool two =
                (r.form == IRefuter.Form.RunningSum && _draw(2) == 0) ||
                    (r.form >= IRefuter.Form.Order && r.form <= IRefuter.Form.TwiceInClause);
            r.shown = new IRefuter.ShownLeaf[](two ? 2 : 1);
            r.shown[0] = leaves.show(place);
            if (two) r.shown[1] = leaves.show(_draw(2) == 0 ? (place + 1) % leaves.length : _draw(leaves.length));
            if (r.form == IRefuter.Form.NotEnrolled && _draw(3) != 0) _showNeighbours(r, leaves[place]);
            if (r.form == IRefuter.Form.TwiceInClause) {
                r.earlier = new IOutcomeAgreement.MilestoneReport[](1);
                r.earlier[0] = _earlier;
                r.shown[1] = before.show(_draw(before.length));
            }
        }
        require(!_refutes(report, r), "an honest report was refuted");
    }

    function testFuzz_NothingMadeUpRefutesAnHonestReport(
        uint256 seed,
        IRefuter.ShownLeaf memory a,
        IRefuter.ShownLeaf memory b,
        IRefuter.ShownEntry memory entry,
        uint8 form,
        uint32 count,
        bytes32 top
    ) public {
        _open(seed);
        (, IRefuter.ShownLeaf[] memory leaves) = _twoReports();
        IOutcomeAgreement.MilestoneReport memory report = _reportOf(2, leaves, leaves.root());
        IRefuter.Refutation memory r;
        (r.form, r.leaves, r.top) = (IRefuter.Form(form % 8), count, top);
        uint256 shape = _draw(6);
        r.shown = new IRefuter.ShownLeaf[](shape % 3);
        // At a place of the tree and with its siblings, so that only what the leaf says is made up.
        if (r.shown.length > 0) r.shown[0] = _posedAs(a, leaves, _draw(leaves.length));
        if (r.shown.length > 1) r.shown[1] = _draw(2) == 0 ? b : leaves.show(_draw(leaves.length));
        r.entries = new IRefuter.ShownEntry[](shape / 3);
        if (r.entries.length > 0) r.entries[0] = entry;
        require(!_refutes(report, r), "an honest report was refuted");
    }

    function testFuzz_EveryTamperingIsRefuted(uint256 seed, uint8 form_) public {
        _open(seed);
        (, IRefuter.ShownLeaf[] memory honest) = _twoReports();
        IRefuter.Form form = IRefuter.Form(form_ % 8);
        if (!Tampering.applies(form, honest, false)) form = IRefuter.Form.Tier;
        uint256 place = _draw(honest.length);
        uint256 salt = _draw(1 << 64);
        IRefuter.ShownLeaf[] memory leaves = honest;
        if (form == IRefuter.Form.NotDue) {
            leaves[place].batch = uint32(_batches.length);
        } else if (form == IRefuter.Form.TwiceInClause) {
            _repeat(leaves[place]);
        }
        leaves = Tampering.tamper(leaves, form, place, _starts, salt);
        IOutcomeAgreement.MilestoneReport memory report = _tallied;
        report.root = leaves.root();

        IRefuter.Refutation memory r;
        r.form = form;
        if (form == IRefuter.Form.LeafCount) {
            (r.leaves, r.top) = (uint32(leaves.length), leaves.hashes().top());
        } else {
            (uint256 first, uint256 second) = Tampering.places(leaves, form, place, _starts);
            bool two = first != second || form == IRefuter.Form.TwiceInClause;
            r.shown = new IRefuter.ShownLeaf[](two ? 2 : 1);
            r.shown[0] = leaves.show(first);
            if (first != second) r.shown[1] = leaves.show(second);
            if (form == IRefuter.Form.NotEnrolled && salt % 4 > 1) _showNeighbours(r, leaves[place]);
            if (form == IRefuter.Form.TwiceInClause) {
                r.earlier = new IOutcomeAgreement.MilestoneReport[](1);
                r.earlier[0] = _earlier;
                r.shown[1] = _earlierLeaves().show(0);
            }
        }
        require(_refutes(report, r), "a tampering can't be shown");
    }

    // ------------------------------------------------------------------------------ the agreement that is asked

    function packedTerms() external view returns (bytes memory) {
        return _packed;
    }

    function cohortState(uint16) external view returns (uint256 patients, uint32 number, uint256 day, bool opened) {
        for (uint256 i = 0; i < _batches.length; ++i) patients += _batches[i];
        return (patients, uint32(_batches.length), _FIRST + _batches.length, true);
    }

    function batchOf(uint16, uint32 number) external view returns (uint256 day, uint256 cumulative, bytes24 root) {
        if (number == 0 || number > _batches.length) return (0, 0, 0);
        for (uint256 i = 0; i < number; ++i) cumulative += _batches[i];
        return (_FIRST + number, cumulative, bytes24(_entries(number).root()));
    }

    function reportCommitment(uint16, uint16, uint32 number) external view returns (bytes23) {
        IOutcomeAgreement.MilestoneReport memory earlier = _earlier;
        return number == 1 ? bytes23(earlier.hash()) : bytes23(0);
    }

    function pack(Terms calldata terms) external view returns (bytes memory) {
        return TermsPacker.pack(terms);
    }

    // ------------------------------------------------------------------------------------------------- drawing

    IOutcomeAgreement.MilestoneReport private _tallied;

    /// @dev Terms, and two to five batches of one to nine patients.
    function _open(uint256 seed) private {
        _drawn = seed;
        _salt = keccak256(abi.encode(seed, "salt"));
        address[] memory parties = new address[](DrawnTerms.MOST_MEMBERS);
        for (uint160 i = 0; i < parties.length; ++i) parties[i] = address((i + 1) << 32);
        Terms memory terms = DrawnTerms.build(seed, _token, address(1), address(2), parties);
        _packed = this.pack(terms);
        _span = terms.clauses[0].due + terms.oracle.grace;
        Payoff memory payoff = terms.clauses[0].payoffs[0];
        _cohort = payoff.cohort;
        _starts.push(0);
        _sloped.push(false);
        for (uint256 k = 0; k < payoff.tiers.length; ++k) {
            _starts.push(payoff.tiers[k].atLeast);
            _sloped.push(payoff.tiers[k].slope != 0);
        }
        uint256 batches = 2 + _draw(4);
        for (uint256 i = 0; i < batches; ++i) _batches.push(1 + _draw(9));
    }

    /// @dev The patients of all batches but the last, in two reports; each has one at least.
    function _twoReports() private returns (IRefuter.ShownLeaf[] memory before, IRefuter.ShownLeaf[] memory leaves) {
        if (_batches[0] == 1) _batches[0] = 2;
        before = _earlierLeaves();
        _earlier = _reportOf(1, before, before.root());
        uint256 count;
        for (uint256 i = 0; i + 1 < _batches.length; ++i) count += _batches[i];
        leaves = new IRefuter.ShownLeaf[](count - 1);
        uint256 next;
        for (uint32 number = 1; number < _batches.length; ++number) {
            for (uint256 i = number == 1 ? 1 : 0; i < _batches[number - 1]; ++i) leaves[next++] = _leaf(number, i);
        }
        leaves.sort();
        _runSums(leaves);
        _tallied = _reportOf(2, leaves, 0);
    }

    /// @dev The first patient of the first batch alone.
    function _earlierLeaves() private view returns (IRefuter.ShownLeaf[] memory leaves) {
        leaves = new IRefuter.ShownLeaf[](1);
        leaves[0] = _leaf(1, 0);
        _runSums(leaves);
    }

    function _leaf(uint32 number, uint256 i) private view returns (IRefuter.ShownLeaf memory leaf) {
        uint256 chance = uint256(keccak256(abi.encode(_salt, number, i)));
        (leaf.patientKey, leaf.batch, leaf.blind) = (_keyOf(number, i), number, bytes32(chance));
        uint256 tiers = _starts.length;
        uint256 tier = chance % (tiers + 1);
        leaf.tier = uint8(tier);
        if (tier == tiers) return leaf;
        if (tier == 0) {
            leaf.value = int128(tiers == 1 ? int256(7) : _starts[1] - 1 - int256((chance >> 16) % 50));
        } else {
            uint256 width = tier + 1 == tiers ? 500 : uint256(_starts[tier + 1] - _starts[tier]);
            leaf.value = int128(_starts[tier] + int256((chance >> 16) % width));
        }
    }

    function _runSums(IRefuter.ShownLeaf[] memory leaves) private view {
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 tier = leaves[i].tier;
            if (tier == _starts.length || !_sloped[tier]) continue;
            bool first = i == 0 || leaves[i - 1].tier != tier;
            leaves[i].runningSum = leaves[i].value + (first ? int128(0) : leaves[i - 1].runningSum);
        }
    }

    function _reportOf(
        uint32 number,
        IRefuter.ShownLeaf[] memory leaves,
        bytes32 root
    ) private view returns (IOutcomeAgreement.MilestoneReport memory report) {
        (report.cohort, report.number, report.root) = (_cohort, number, root);
        // The last batch falls due on the next day.
        report.asOfDay = uint32(_FIRST + _batches.length + _span - 1);
        report.tallies = new IOutcomeAgreement.Tally[](_starts.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 tier = leaves[i].tier;
            if (tier == _starts.length) {
                ++report.notEvaluable;
                continue;
            }
            ++report.tallies[tier].patients;
            if (_sloped[tier]) report.tallies[tier].sum += leaves[i].value;
        }
    }

    function _entries(uint256 number) private view returns (IRefuter.ShownEntry[] memory entries) {
        entries = new IRefuter.ShownEntry[](_batches[number - 1]);
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes32 key = _keyOf(number, i);
            entries[i] = IRefuter.ShownEntry(0, key, uint32(_FIRST), keccak256(abi.encode(key)), new bytes32[](0));
        }
    }

    function _showNeighbours(IRefuter.Refutation memory r, IRefuter.ShownLeaf memory leaf) private view {
        IRefuter.ShownEntry[] memory entries = _entries(leaf.batch);
        uint256 next;
        while (next < entries.length && entries[next].patientKey < leaf.patientKey) ++next;
        bool atEnd = next == 0 || next == entries.length;
        r.entries = new IRefuter.ShownEntry[](atEnd ? 1 : 2);
        r.entries[0] = entries.show(next == 0 ? 0 : next - 1);
        if (!atEnd) r.entries[1] = entries.show(next);
    }

    /// @dev Makes the leaf one of the earlier report's patient.
    function _repeat(IRefuter.ShownLeaf memory leaf) private view {
        leaf.patientKey = _keyOf(1, 0);
        leaf.batch = 1;
    }

    function _posedAs(
        IRefuter.ShownLeaf memory leaf,
        IRefuter.ShownLeaf[] memory leaves,
        uint256 place
    ) private pure returns (IRefuter.ShownLeaf memory) {
        IRefuter.ShownLeaf memory true_ = leaves.show(place);
        leaf.position = true_.position;
        leaf.siblings = true_.siblings;
        return leaf;
    }

    function _refutes(
        IOutcomeAgreement.MilestoneReport memory report,
        IRefuter.Refutation memory r
    ) private view returns (bool) {
        try _refuter.refuteMilestone(report, r) {
            return true;
        } catch (bytes memory reason) {
            require(reason.length >= 4 && bytes4(reason) != 0x4e487b71, "a refutation ended in an accident");
            return false;
        }
    }

    /// @dev Keys ascend in a batch, with room between them.
    function _keyOf(uint256 number, uint256 i) private view returns (bytes32) {
        uint256 base = uint256(keccak256(abi.encode(_salt, number)));
        return bytes32((base & ~uint256(0xffff)) + (i + 1) * 16);
    }

    function _draw(uint256 n) private returns (uint256) {
        _drawn = uint256(keccak256(abi.encode(_drawn)));
        return _drawn % n;
    }
}
