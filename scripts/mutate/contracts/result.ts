/** What the process that runs mutants is told, and what it tells. */

import type { Mutant } from "./mutant.ts";

export interface Plan {
  readonly files: readonly string[];
  /** Each with the first of its function, by which tests are known to reach it. */
  readonly mutants: readonly Pick<Mutant, "id" | "first" | "where">[];
  /** Where what the tests reach is kept. */
  readonly reach: string;
  /** Where results are appended, one line each. */
  readonly results: string;
  /** No further mutant after that time, in milliseconds since 1970; null: no limit. */
  readonly deadline: number | null;
  /** Of tests that pass, for one mutant, in milliseconds; null: all that reach it. */
  readonly budget: number | null;
}

export interface Result {
  readonly id: number;
  /** `timeout`: a test hung, which counts as killed; `unreached`: no test comes to the mutated place. */
  readonly status: "killed" | "timeout" | "survived" | "unreached";
  /** The test that killed it, and what that said. */
  readonly by?: string;
  readonly message?: string;
  /** Tests that reach it, and how many of them ran. */
  readonly tests: number;
  readonly ran: number;
  readonly milliseconds: number;
}

/** Exit code of a process that wants a fresh one to go on. */
export const AGAIN = 75;
