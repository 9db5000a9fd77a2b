import type { HardhatPlugin } from "hardhat/types/plugins";

/** Puts the switch of mutants on every chain that tests open. */
export const mutationSwitch: HardhatPlugin = {
  id: "outcomepay:mutation-switch",
  hookHandlers: { network: () => import("./hooks.ts") },
};
