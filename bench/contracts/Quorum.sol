// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Three signatures of five keys, as cheaply as they can be checked.
/// @dev The keys stand in the bytecode: they can't be changed, and none can be a contract.
abstract contract Quorum {
    address private immutable _FIRST;
    address private immutable _SECOND;
    address private immutable _THIRD;
    address private immutable _FOURTH;
    address private immutable _FIFTH;

    error NotEndorsed(bytes32 digest);

    struct Signature {
        uint8 member;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    constructor(address[5] memory members) {
        (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH) = (members[0], members[1], members[2], members[3], members[4]);
    }

    /// @dev Members ascend: nobody signs twice.
    function _requireQuorum(bytes32 digest, Signature[3] calldata signatures) internal view {
        uint256 next = 0;
        for (uint256 i = 0; i < 3; ++i) {
            Signature calldata given = signatures[i];
            uint256 member = given.member;
            require(
                member >= next && ecrecover(digest, given.v, given.r, given.s) == _memberAt(member),
                NotEndorsed(digest)
            );
            next = member + 1;
        }
    }

    /// @dev ecrecover answers zero to what is no signature: beyond the fifth there must be none.
    function _memberAt(uint256 position) private view returns (address) {
        if (position == 0) return _FIRST;
        if (position == 1) return _SECOND;
        if (position == 2) return _THIRD;
        if (position == 3) return _FOURTH;
        return position == 4 ? _FIFTH : address(type(uint160).max);
    }
}
