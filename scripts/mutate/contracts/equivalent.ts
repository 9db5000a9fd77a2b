/** Mutants that change nothing anybody could see, each with the reason. `docs/mutation-contracts.md` explains the kinds. */

import type { Mutant } from "./mutant.ts";

export type Equivalent = Pick<Mutant, "where" | "operator" | "before" | "after"> & { readonly because: string };

const PRODUCT = "a product, the same in either order";
const SUM = "a sum of offsets, the same in either order";

export const EQUIVALENT: readonly Equivalent[] = [
  {
    where: "Book._spread",
    operator: "< → <=",
    before: "total < 0",
    after: "(total) <= (0)",
    because: "a total of zero negated is zero, and so is every part of it: at both places where the sign is asked for",
  },
  {
    where: "PackedTerms.pieceAt",
    operator: "arguments swapped",
    before: "offset, PIECE",
    after: "PIECE, offset",
    because: SUM,
  },
  {
    where: "PackedTerms._readInt96",
    operator: "arguments swapped",
    before: "base, offset",
    after: "offset, base",
    because: SUM,
  },
  {
    where: "Payoff.ofTallies",
    operator: "arguments swapped",
    before: "int256(notEvaluable), terms.notEvaluable(clause)",
    after: "terms.notEvaluable(clause), int256(notEvaluable)",
    because: PRODUCT,
  },
  {
    where: "Payoff.ofTallies",
    operator: "arguments swapped",
    before: "slope, Affine.above(patients, sum, start)",
    after: "Affine.above(patients, sum, start), slope",
    because: PRODUCT,
  },
];
