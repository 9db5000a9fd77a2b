/** Mutants that change nothing anybody could see, each with the reason. `docs/mutation-contracts.md` explains the kinds. */

import type { Mutant } from "./mutant.ts";

export type Equivalent = Pick<Mutant, "where" | "operator" | "before" | "after"> & { readonly because: string };

export const EQUIVALENT: readonly Equivalent[] = [];
