// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Three signatures of five keys, as cheaply as they can be checked.
/// @dev The keys stand in the bytecode: they can't be changed, and none can be a contract.
abstract contract Quorum {
    address private immutable _first;
    address private immutable _second;
    address private immutable _third;
    address private immutable _fourth;
    address private immutable _fifth;

    error NotEndorsed(bytes32 digest);

    /// @dev As of ERC-2098: `s` carries the parity of the point in its highest bit.
    struct Signature {
        bytes32 r;
        bytes32 vs;
    }

    /// @param members Not the zero address: ecrecover answers with it to what is no signature.
    constructor(address[5] memory members) {
        (_first, _second, _third, _fourth, _fifth) = (members[0], members[1], members[2], members[3], members[4]);
    }

    /// @dev Signatures stand in the order of the members: nobody signs twice.
    function _requireQuorum(bytes32 digest, Signature[3] calldata signatures) internal view {
        address first = _recover(digest, signatures[0]);
        address second = _recover(digest, signatures[1]);
        address third = _recover(digest, signatures[2]);
        bool valid;
        if (first == _first) {
            if (second == _second) valid = third == _third || third == _fourth || third == _fifth;
            else if (second == _third) valid = third == _fourth || third == _fifth;
            else valid = second == _fourth && third == _fifth;
        } else if (first == _second) {
            if (second == _third) valid = third == _fourth || third == _fifth;
            else valid = second == _fourth && third == _fifth;
        } else {
            valid = first == _third && second == _fourth && third == _fifth;
        }
        require(valid, NotEndorsed(digest));
    }

    function _recover(bytes32 digest, Signature calldata signature) private pure returns (address) {
        uint256 vs = uint256(signature.vs);
        return ecrecover(digest, uint8(27 + (vs >> 255)), signature.r, bytes32((vs << 1) >> 1));
    }
}
