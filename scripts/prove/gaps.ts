/** What the model checker can't follow, and what covers it instead. */
export interface Gap {
  readonly what: string;
  readonly why: string;
  /** Files of the tests that cover it. */
  readonly coveredBy: readonly string[];
}

export const GAPS: readonly Gap[] = [
  {
    what: "`PackedTerms` reads what `TermsPacker` wrote",
    why: "Both work on bytes in memory by assembly, of which the checker knows nothing.",
    coveredBy: ["test/contracts/TermsPacker.t.sol", "test/contracts/factory.terms.test.ts"],
  },
  {
    what: "`Payoff.locks` is at least every tier's start and upper end",
    why: "A maximum over an array of any length is a loop; the engine would look at its first turns only.",
    coveredBy: ["test/contracts/Payoff.t.sol", "test/contracts/Payoff.test.ts"],
  },
  {
    what: "`Payoff.ofTallies` and `ofValue` take the piece that the terms name, and put the claims above together in their order",
    why: "They read packed terms in a loop.",
    coveredBy: ["test/contracts/Payoff.t.sol", "test/contracts/Payoff.test.ts", "test/scenarios/library.test.ts"],
  },
  {
    what: "`Book` goes over the members of a range, and adds each part to its account",
    why: "A loop over packed terms, and an assembly that writes to memory.",
    coveredBy: ["test/contracts/Payoff.test.ts", "test/contracts/agreement.rounding.test.ts"],
  },
  {
    what: "`AccountSlot`, `ClauseSlot` and `ReportSlot` lose nothing between packing and reading",
    why:
      "The checker writes shifts and masks as conversions between integers and 256-bit vectors, which z3 4.8.12 and cvc5 1.0.3 " +
      "did not decide in 10 seconds for a single field.",
    coveredBy: ["test/contracts/Slots.t.sol"],
  },
  {
    what: "`Escrow._post` checks balance ≥ locked for each account that a call touches, and Σ balances ≤ tokens held",
    why: "It follows from storage and tokens of other contracts; `balanceCoversLocks` above is its arithmetic.",
    coveredBy: ["test/invariant/Agreement.t.sol", "test/contracts/agreement.accounts.test.ts"],
  },
];
