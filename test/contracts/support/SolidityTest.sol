// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheatcodes that the tests use, of those that Hardhat's Solidity test runner understands.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function assume(bool condition) external pure;
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function etch(address account, bytes calldata code) external;
    function expectRevert() external;
    function expectRevert(bytes4 revertData) external;
    function expectRevert(bytes calldata revertData) external;
    function label(address account, string calldata name) external;
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function writeLine(string calldata path, string calldata line) external;
}

/// @title What a Solidity test starts from: cheatcodes, a range for fuzzed numbers, targets of an invariant test.
/// @dev A test states what must hold by `assert` or `require`. Without forge-std: its one package on npm is a stranger's and
/// does not compile.
abstract contract SolidityTest {
    /// Selectors of one contract, as the invariant runner asks for them.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    address[] private _targets;
    FuzzSelector[] private _selectors;

    /// @notice Contracts that an invariant test calls; the runner asks.
    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    /// @notice Functions that an invariant test calls; the runner asks.
    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    function targetContract(address target) internal {
        _targets.push(target);
    }

    function targetSelector(FuzzSelector memory selector) internal {
        _selectors.push(selector);
    }

    /// @notice Deploys a contract from its artifact, `File.sol:Contract`, with its encoded arguments. With `new` its code
    /// would be optimised again in every test that creates it: minutes of each build.
    function deploy(string memory artifact, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), artifact);
    }

    /// @notice `x` brought into [low, high]; a value that lies there already stays as it is.
    function bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        if (x >= low && x <= high) return x;
        uint256 size = high - low + 1;
        // The whole of uint256: every x lies in it.
        return size == 0 ? x : low + (x % size);
    }
}
