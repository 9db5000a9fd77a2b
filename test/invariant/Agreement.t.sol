// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IAgreementFactory} from "../../contracts/interfaces/IAgreementFactory.sol";
import {SolidityTest} from "../contracts/support/SolidityTest.sol";
import {Counted} from "./Counted.sol";
import {ILife} from "./ILife.sol";

/// @title Several agreements at a time. One that has lived long enough ends in silence, and another is drawn in its place.
contract Handler {
    uint256 private constant _AT_ONCE = 3;

    IAgreementFactory private immutable _factory;
    address private immutable _template;

    ILife[_AT_ONCE] private _lives;
    /// The one that the last step touched.
    ILife private _touched;
    bytes4[] private _functions;
    mapping(bytes4 selector => uint256) private _successes;
    uint256 public steps;
    uint256 public ended;
    uint256 public calls;
    uint256 public accepted;

    constructor(IAgreementFactory factory, address template) {
        _factory = factory;
        _template = template;
        (, _functions) = Counted.list();
    }

    function step(uint256 seed) external {
        seed = uint256(keccak256(abi.encode(seed, ++steps)));
        uint256 slot = seed % _AT_ONCE;
        ILife life = _lives[slot];
        if (address(life) != address(0) && life.isOver()) {
            _end(life, seed);
            life = ILife(address(0));
        }
        if (address(life) == address(0)) {
            life = ILife(Clones.clone(_template));
            life.begin(_factory, seed);
            _lives[slot] = life;
        }
        life.step(seed);
        _touched = life;
    }

    function endAll() external {
        for (uint256 i = 0; i < _AT_ONCE; ++i) {
            if (address(_lives[i]) != address(0)) _end(_lives[i], i);
            delete _lives[i];
        }
    }

    function check() external view {
        if (address(_touched) != address(0)) _touched.check();
    }

    /// @notice Calls of ended lives that went through, by place in {Counted}.
    function successes(uint256 i) external view returns (uint256) {
        return _successes[_functions[i]];
    }

    function _end(ILife life, uint256 seed) private {
        ++ended;
        life.fallSilent(seed, false);
        life.check();
        for (uint256 i = 0; i < _functions.length; ++i) _successes[_functions[i]] += life.successes(_functions[i]);
        calls += life.calls();
        accepted += life.accepted();
    }
}

/// @title What holds after any sequence of calls to agreements of any terms; the rules stand in README.md.
contract AgreementInvariants is SolidityTest {
    /// @dev Steps after which a run is long enough to be counted. A shorter one is a failure made smaller.
    uint256 private constant _COUNTED = 900;
    /// @dev In each run every function goes through once in so many steps at least.
    uint256 private constant _STEPS_A_SUCCESS = 200;
    /// @dev A line a run: the calls, then the successes of each function, in {Counted}'s order.
    string private constant _COUNTS = "cache/invariant-calls.csv";

    Handler private _handler;

    function setUp() public {
        IAgreementFactory factory = IAgreementFactory(deploy("AgreementFactory.sol:AgreementFactory", ""));
        _handler = new Handler(factory, deploy("Life.sol:Life", ""));
        targetContract(address(_handler));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = Handler.step.selector;
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    function invariant_RulesHold() public view {
        _handler.check();
    }

    /// @dev The runner calls it at the end of each run.
    function afterInvariant() public {
        _handler.endAll();
        uint256 steps = _handler.steps();
        if (steps < _COUNTED) return;
        require(_handler.accepted() * 3 > _handler.calls(), "most calls are refused");
        (string[] memory names, ) = Counted.list();
        string memory counts = Strings.toString(_handler.calls());
        for (uint256 i = 0; i < names.length; ++i) {
            uint256 times = _handler.successes(i);
            counts = string.concat(counts, ",", Strings.toString(times));
            require(
                times * _STEPS_A_SUCCESS >= steps,
                string.concat("a function hardly ever goes through: ", names[i])
            );
        }
        vm.writeLine(_COUNTS, counts);
    }
}
