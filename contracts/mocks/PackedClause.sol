// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClauseAt, PackedTerms} from "../libraries/PackedTerms.sol";
import {Piece} from "../libraries/Payoff.sol";

/// @title Terms that hold nothing but one clause's payoff, for questions to the engine about any schedule.
library PackedClause {
    /// @dev Where the clause stands in them.
    ClauseAt internal constant AT = ClauseAt.wrap(0);

    function pack(Piece[] memory pieces, int256 notEvaluable) internal pure returns (bytes memory terms) {
        bool sloped;
        for (uint256 k = 1; k < pieces.length; ++k) sloped = sloped || pieces[k].slope != 0;
        // What stands before the payoff is never read, but for the mark of slopes beside the metric.
        bytes32 head = sloped ? bytes32(PackedTerms.SLOPED << 240) : bytes32(0);
        terms = abi.encodePacked(head, int96(notEvaluable), uint16(pieces.length), int96(pieces[0].pays));
        for (uint256 k = 1; k < pieces.length; ++k) {
            Piece memory piece = pieces[k];
            terms = abi.encodePacked(terms, int96(piece.start), int96(piece.pays));
            if (sloped) terms = abi.encodePacked(terms, int128(piece.slope));
        }
    }
}
