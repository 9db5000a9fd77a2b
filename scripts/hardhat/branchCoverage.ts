import type { HardhatPlugin } from "hardhat/types/plugins";

/** Under `--coverage`, tells which way each condition went; Hardhat itself tells only which statements ran. */
export const branchCoverage: HardhatPlugin = {
  id: "outcomepay:branch-coverage",
  hookHandlers: { solidity: () => import("./branchCoverageHooks.ts") },
};
