import type { HardhatPlugin } from "hardhat/types/plugins";

/** Lets files that have the same compiler settings of their own share one compilation; what it does stands with its hooks. */
export const sharedJobs: HardhatPlugin = {
  id: "outcomepay:shared-jobs",
  hookHandlers: { config: () => import("./sharedJobsHooks.ts") },
};
