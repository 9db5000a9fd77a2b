import { readFileSync } from "node:fs";

import type { Sources } from "./modelChecker.ts";

/** What is proved, by path from the project's root. */
export const SPECIFICATIONS = ["test/proofs/AffineProof.sol", "test/proofs/SharesProof.sol"] as const;

/** The project's own files. */
export const source: Sources = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
