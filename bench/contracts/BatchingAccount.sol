// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A party's account that makes many calls in one transaction, and takes ERC-1155 tokens.
/// @dev What a smart account offers, without what its own signatures cost.
contract BatchingAccount {
    address private immutable _owner;

    error NotOwner(address caller);
    error CallFailed(uint256 position, bytes reason);

    constructor(address owner) {
        _owner = owner;
    }

    function execute(address target, bytes[] calldata calls) external {
        require(msg.sender == _owner, NotOwner(msg.sender));
        for (uint256 i = 0; i < calls.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory result) = target.call(calls[i]);
            require(success, CallFailed(i, result));
        }
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external pure returns (bytes4) {
        return this.onERC1155BatchReceived.selector;
    }
}
