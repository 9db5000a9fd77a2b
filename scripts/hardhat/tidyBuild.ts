import type { HardhatPlugin } from "hardhat/types/plugins";

/** Makes builds reproducible and their output readable; what it does stands with its hooks. */
export const tidyBuild: HardhatPlugin = {
  id: "outcomepay:tidy-build",
  hookHandlers: { solidity: () => import("./tidyBuildHooks.ts") },
};
