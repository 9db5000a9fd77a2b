// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementFactory} from "../../contracts/interfaces/IAgreementFactory.sol";
import {IOutcomeAgreement} from "../../contracts/interfaces/IOutcomeAgreement.sol";
import {Legal, Terms} from "../../contracts/interfaces/Terms.sol";
import {Wallet1271} from "../../contracts/mocks/Wallet1271.sol";
import {Counted} from "./Counted.sol";
import {DrawnTerms} from "./DrawnTerms.sol";
import {Model} from "./Model.sol";
import {MoodyToken} from "./MoodyToken.sol";

/// @title The cheatcodes that record events.
interface Recorder {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
}

/// @dev A key, or a committee of keys.
struct Endorser {
    address account;
    uint256 key;
    bool committee;
}

/// @title Creates the agreement, makes calls, and holds what each one moved against what it may move.
abstract contract Observer is Model {
    bytes4 private constant _PANIC = 0x4e487b71;
    bytes4 private constant _ERROR = 0x08c379a0;
    uint256 private constant _GAS = 8_000_000;
    uint256 internal constant THRESHOLD = 2;
    /// @dev No role and no money.
    address internal constant STRANGER = address(0x57A6E2);

    IOutcomeAgreement public agreement;
    MoodyToken public token;
    /// @dev Tokens in a minor unit.
    uint256 internal unit;
    /// @dev Seconds: every agreement has a time of its own.
    uint256 internal clock;

    /// @notice Calls of the agreement that went through, by function; in all; and those made.
    mapping(bytes4 selector => uint256) public successes;
    uint256 public accepted;
    uint256 public calls;

    Endorser internal endorser;
    /// @dev Of the committee; the last one removed.
    uint256[] internal memberKeys;
    uint256 internal retiredKey;
    /// @dev Of the oracle before this one; 0 when it had none.
    uint256 internal formerKey;
    uint32 internal reconfigurations;
    uint256 internal arbiterKey;
    uint256[] internal keys;
    address[] internal holders;
    uint256 private _nextKey;

    /// @dev Tokens, in minor units, that belong to no account.
    uint256 internal donated;
    /// @dev Tokens that the agreement lost without its doing.
    uint256 internal missing;
    /// @dev Who sends what anybody may send.
    address internal caller;
    uint256 private _drawn;

    function _create(IAgreementFactory factory, uint256 seed) internal {
        _startDrawing(seed);
        caller = address(this);
        clock = DrawnTerms.FIRST_DAY * 1 days;
        vm.warp(clock);
        _nextKey = uint256(keccak256(abi.encode(seed))) >> 8;
        uint8 more = uint8(_draw(3) * 3);
        unit = 10 ** more;
        token = new MoodyToken(2 + more);
        endorser = _newEndorser(_chance(45));
        arbiterKey = _nextKey++;
        address[] memory accounts = new address[](DrawnTerms.MOST_MEMBERS);
        for (uint256 i = 0; i < accounts.length; ++i) {
            keys.push(_nextKey);
            accounts[i] = _newHolder();
            holders.push(accounts[i]);
        }
        Terms memory terms = DrawnTerms.build(seed, address(token), endorser.account, vm.addr(arbiterKey), accounts);
        while (keys.length > terms.parties.length) {
            keys.pop();
            holders.pop();
        }
        Legal memory legal;
        bytes[] memory signatures = _signAllOver(factory.digest(terms, legal));
        agreement = IOutcomeAgreement(factory.create(terms, legal, signatures));
        token.approve(address(agreement), type(uint256).max);
        _remember(terms);
    }

    // --------------------------------------------------------------------------------------------------- people

    /// @dev A key's own address, or a contract wallet of that key. The key is the next one.
    function _newHolder() internal returns (address holder) {
        holder = vm.addr(_nextKey++);
        if (_chance(30)) holder = address(new Wallet1271(holder));
    }

    function _newKey() internal returns (uint256) {
        return _nextKey++;
    }

    function _upcomingKey() internal view returns (uint256) {
        return _nextKey;
    }

    function _newEndorser(bool committee) internal returns (Endorser memory) {
        uint256 key = _nextKey++;
        if (!committee) return Endorser(vm.addr(key), key, false);
        delete memberKeys;
        retiredKey = 0;
        reconfigurations = 0;
        bytes[] memory members = new bytes[](3);
        for (uint256 i = 0; i < members.length; ++i) {
            members[i] = abi.encodePacked(vm.addr(_nextKey));
            memberKeys.push(_nextKey++);
        }
        bytes memory arguments = abi.encode(members, uint64(THRESHOLD));
        return Endorser(deploy("OracleCommittee.sol:OracleCommittee", arguments), 0, true);
    }

    // ---------------------------------------------------------------------------------------------------- calls

    /// @dev Calls the agreement. A refusal names its reason: a panic or a text would be an accident.
    function _attempt(address sender, bytes memory data) internal returns (bool ok, Recorder.Log[] memory logs) {
        ++calls;
        Recorder(address(vm)).recordLogs();
        bytes memory result;
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (ok, result) = address(agreement).call{gas: _GAS}(data);
        logs = Recorder(address(vm)).getRecordedLogs();
        if (ok) {
            ++successes[bytes4(data)];
            ++accepted;
            return (ok, logs);
        }
        bytes4 reason = bytes4(result);
        require(result.length >= 4 && reason != _PANIC && reason != _ERROR, "a call ended in an accident");
    }

    function _mustPass(address sender, bytes memory data) internal returns (Recorder.Log[] memory logs) {
        bool ok;
        (ok, logs) = _attempt(sender, data);
        require(ok, string.concat("a rightful call was refused: ", _nameOf(data)));
    }

    function _mustFail(address sender, bytes memory data) internal {
        (bool ok, ) = _attempt(sender, data);
        require(!ok, string.concat("a wrongful call went through: ", _nameOf(data)));
    }

    /// @dev Refused with this very error.
    function _mustFailWith(address sender, bytes memory data, bytes4 reason) internal {
        ++calls;
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, bytes memory result) = address(agreement).call{gas: _GAS}(data);
        require(!ok, string.concat("a wrongful call went through: ", _nameOf(data)));
        require(bytes4(result) == reason, string.concat("refused for another reason: ", _nameOf(data)));
    }

    function _nameOf(bytes memory data) private pure returns (string memory) {
        return Counted.nameOf(bytes4(data));
    }

    // --------------------------------------------------------------------------------------------------- ledger

    /// @dev Books what a call moves, works out who is paid automatically, and compares: every account's balance and lock,
    /// what every holder has outside, and the events. Rules 2, 7, 8 and 10.
    /// @param bondOf The account whose bond came back: that part is not paid out.
    /// @param enrolled Only an enrolment may take from what is free.
    function _post(
        Recorder.Log[] memory logs,
        int256[] memory money,
        int256[] memory locks,
        uint256 bondOf,
        int256 bondBack,
        bool enrolled
    ) internal {
        bool covered = !_isShort();
        for (uint256 i = 0; i < money.length; ++i) {
            Purse storage purse = purses[i];
            int256 freed = money[i] - locks[i];
            require(enrolled || freed >= 0, "rule 10: an outcome took what was free");
            int256 payable_ = i == bondOf ? freed - bondBack : freed;
            purse.balance += money[i];
            purse.locked += locks[i];
            if (!automatic[i] || payable_ <= 0) {
                _expectPayout(logs, i, 0, 0);
            } else if (covered && token.moodTo(holders[i]) == MoodyToken.Mood.Fair) {
                purse.balance -= payable_;
                purse.outside += payable_;
                _expectPayout(logs, i, payable_, 0);
            } else {
                _expectPayout(logs, i, 0, payable_);
            }
        }
        _compare();
    }

    /// @dev Every account and every holder has what the calls so far mean, and no more is locked than held.
    function _compare() internal view {
        int256 sum;
        for (uint256 i = 0; i < keys.length; ++i) {
            Purse storage purse = purses[i];
            (address holder, uint256 balance, uint256 locked) = agreement.accountOf(uint8(i));
            require(holder == holders[i], "an account has another holder");
            require(int256(balance) == purse.balance, "rule 2: other money moved");
            require(int256(locked) == purse.locked, "rule 2: another lock moved");
            require(locked <= balance, "rule 1: more is locked than held");
            require(
                int256(token.balanceOf(holder)) == purse.outside * int256(unit),
                "rule 7: a holder was sent something else"
            );
            sum += int256(balance);
        }
        require(
            token.balanceOf(address(agreement)) + missing == (uint256(sum) + donated) * unit,
            "rule 1: balances and tokens differ"
        );
    }

    /// @dev Fewer tokens than balances.
    function _isShort() internal view returns (bool) {
        return missing > donated * unit;
    }

    /// @dev The events say what was paid out to an account, and what could not be.
    function _expectPayout(Recorder.Log[] memory logs, uint256 account, int256 paid, int256 failed) private view {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(agreement) || logs[i].topics.length != 3) continue;
            bytes32 topic = logs[i].topics[0];
            bool isPaid = topic == IOutcomeAgreement.PaidOut.selector;
            if (!isPaid && topic != IOutcomeAgreement.PayoutFailed.selector) continue;
            if (uint256(logs[i].topics[1]) != account) continue;
            require(address(uint160(uint256(logs[i].topics[2]))) == holders[account], "rule 7: paid to somebody else");
            int256 amount = int256(abi.decode(logs[i].data, (uint256)));
            if (isPaid) paid -= amount / int256(unit);
            else failed -= amount / int256(unit);
        }
        require(paid == 0 && failed == 0, "rule 7: the events say something else");
    }

    function _free(uint256 account) internal view returns (uint256) {
        return uint256(purses[account].balance - purses[account].locked);
    }

    function _none() internal view returns (int256[] memory) {
        return new int256[](keys.length);
    }

    /// @dev Adds to `money` what a clause's total takes from and gives to each member.
    function _along(int256[] memory money, uint256 clause, int256 total) internal view {
        for (uint256 i = 0; i < money.length; ++i) {
            money[i] += _part(lines[clause].to, i, total) - _part(lines[clause].from, i, total);
        }
    }

    /// @dev Adds `times` a clause's lock.
    function _lock(int256[] memory locks, uint256 clause, uint256 cohort, int256 times) internal view {
        for (uint256 i = 0; i < locks.length; ++i) locks[i] += int256(lockPart[clause][cohort][i]) * times;
    }

    // ----------------------------------------------------------------------------------------------- signatures

    /// @dev EIP-712 digest of a struct hash, for a contract on this chain.
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
        return _endorseDigest(_digest(address(agreement), structHash));
    }

    function _endorseDigest(bytes32 digest) internal view returns (bytes memory) {
        if (!endorser.committee) return _sign(endorser.key, digest);
        return _signAsMembers(memberKeys[0], memberKeys[1], digest);
    }

    /// @dev Two members' endorsement, in the order that the committee asks for.
    function _signAsMembers(uint256 a, uint256 b, bytes32 digest) internal pure returns (bytes memory) {
        bytes[] memory signers = new bytes[](2);
        bytes[] memory signatures = new bytes[](2);
        (signers[0], signers[1]) = (abi.encodePacked(vm.addr(a)), abi.encodePacked(vm.addr(b)));
        if (keccak256(signers[0]) > keccak256(signers[1])) {
            (signers[0], signers[1]) = (signers[1], signers[0]);
            (a, b) = (b, a);
        }
        (signatures[0], signatures[1]) = (_sign(a, digest), _sign(b, digest));
        return abi.encode(signers, signatures);
    }

    /// @dev Every party's signature.
    function _signAll(bytes32 structHash) internal view returns (bytes[] memory) {
        return _signAllOver(_digest(address(agreement), structHash));
    }

    function _signAllOver(bytes32 digest) private view returns (bytes[] memory signatures) {
        signatures = new bytes[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) signatures[i] = _sign(keys[i], digest);
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    // ----------------------------------------------------------------------------------------------------- time

    function _today() internal view returns (uint256) {
        return clock / 1 days;
    }

    function _passTime(uint256 until) internal {
        if (until > clock) clock = until;
        vm.warp(clock);
    }

    // -------------------------------------------------------------------------------------------------- chance

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
