// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementFactory} from "../../contracts/interfaces/IAgreementFactory.sol";

/// @title What a test asks of a life. It knows no more of it: what it imports it would compile again.
interface ILife {
    function begin(IAgreementFactory factory, uint256 seed) external;

    function step(uint256 seed) external;

    function fallSilent(uint256 seed, bool worst) external returns (uint256 disputed, uint256 ended);

    function isOver() external view returns (bool);

    function check() external view;

    /// @notice Calls of the agreement that went through, by function; in all; and those made.
    function successes(bytes4 selector) external view returns (uint256);

    function accepted() external view returns (uint256);

    function calls() external view returns (uint256);
}
