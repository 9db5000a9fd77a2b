import type { HardhatPlugin } from "hardhat/types/plugins";

/** Lets Node load TypeChain's modules as they are; what it does stands with its hooks. */
export const nodeTypes: HardhatPlugin = {
  id: "outcomepay:node-types",
  hookHandlers: { solidity: () => import("./nodeTypesHooks.ts") },
};
