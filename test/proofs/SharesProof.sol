// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Shares} from "../../contracts/libraries/Shares.sol";
import {Claim} from "./Claim.sol";

/// @title What holds of the split over a group's members for every share that the factory takes.
/// @dev Never run, as {AffineProof}. A total fits 112 bits: `Clauses._settle` refuses others, a bond fits 96, and
/// `TermsPacker.pack` limits what payments at enrolment come to.
contract SharesProof {
    using Claim for bool;

    /// @notice The first member starts from nothing, and with the last one the whole is given.
    /// @dev A total fits 112 bits. `TermsPacker._packParties`: the shares of a group add up to the whole.
    function nothingToWhole(uint112 size) external pure {
        assert(Shares.upTo(size, 0) == 0);
        assert(Shares.upTo(size, Shares.WHOLE) == size);
    }

    /// @notice No member's part has the wrong sign, and none exceeds the total.
    /// @dev `TermsPacker._packParties`: a share is at least 1, and the running sum at most the whole.
    function partsBetweenNothingAndTotal(uint112 size, uint32 before, uint32 share) external pure {
        require(share > 0 && uint256(before) + share <= Shares.WHOLE);
        assert(Shares.upTo(size, before) <= Shares.upTo(size, uint256(before) + share));
        assert(Shares.upTo(size, uint256(before) + share) <= size);
    }

    /// @notice After each member the parts add up to what is given: with `nothingToWhole`, all of them to the total.
    /// @dev The sum before is what was given before (`Book._spread`, which begins with 0 and 0).
    function partsAddUp(uint112 size, uint32 before, uint32 share, uint256 sum) external pure {
        require(share > 0 && uint256(before) + share <= Shares.WHOLE);
        uint256 given = Shares.upTo(size, before);
        require(sum == given);
        uint256 next = Shares.upTo(size, uint256(before) + share);
        assert(sum + (next - given) == next);
    }

    /// @notice A member's part of a lock is rounded up, by less than a minor unit, and is no more than the lock.
    /// @dev `TermsPacker._limited`: locks fit 96 bits. `TermsPacker._packParties`: a share is between 1 and the whole.
    function lockRoundedUp(uint96 lock, uint32 share) external pure {
        require(share > 0 && share <= Shares.WHOLE);
        uint256 portion = Shares.ofLock(lock, share);
        assert(portion * Shares.WHOLE >= uint256(lock) * share);
        assert(portion * Shares.WHOLE < uint256(lock) * share + Shares.WHOLE);
        assert(portion <= lock);
    }

    /// @notice What k locks hold of a member covers its part of any total within k locks, in whatever batches.
    /// @dev `AffineProof.roundedWithinLocks` for the total, `lockRoundedUp` for the member's lock.
    function locksCoverParts(
        uint96 lock,
        uint32 patients,
        uint112 size,
        uint32 before,
        uint32 share,
        uint128 portion
    ) external pure {
        require(share > 0 && uint256(before) + share <= Shares.WHOLE);
        require(size <= uint256(lock) * patients);
        require(uint256(portion) * Shares.WHOLE >= uint256(lock) * share);
        (uint256(size) * share <= uint256(lock) * patients * share).holds();
        uint256 released = uint256(portion) * patients;
        (released * Shares.WHOLE >= uint256(lock) * share * patients).holds();
        (uint256(size) * share <= released * Shares.WHOLE).holds();
        uint256 part = Shares.upTo(size, uint256(before) + share) - Shares.upTo(size, before);
        assert(part <= released);
    }

    /// @notice A member who held its locks before a settlement holds the remaining ones after it: no settlement bounces.
    /// @dev `Escrow._post` left balance ≥ locked, both of 120 bits. `locksCoverParts` for the part.
    function balanceCoversLocks(uint120 balance, uint120 locked, uint120 released, uint120 part) external pure {
        require(balance >= locked && locked >= released && released >= part);
        assert(balance - part >= locked - released);
    }
}
