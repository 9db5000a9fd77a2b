import type { SolidityBuildProfileConfig, SolidityUserConfig } from "hardhat/types/config";
import type { ConfigHooks } from "hardhat/types/hooks";

/** Overrides that are one object as written become one object as resolved. */
function share(written: SolidityUserConfig | undefined, resolved: Record<string, SolidityBuildProfileConfig>): void {
  if (typeof written !== "object" || !("profiles" in written)) return;
  for (const [name, profile] of Object.entries(written.profiles)) {
    const overrides = resolved[name]?.overrides;
    if (!("compilers" in profile) || profile.overrides === undefined || overrides === undefined) continue;
    const first = new Map<object, (typeof overrides)[string]>();
    for (const [file, settings] of Object.entries(profile.overrides)) {
      const shared = first.get(settings) ?? overrides[file];
      if (shared === undefined) continue;
      first.set(settings, shared);
      overrides[file] = shared;
    }
  }
}

/** Hooks of shared jobs. Hardhat asks for them by a default export. */
export default (): Promise<Partial<ConfigHooks>> =>
  Promise.resolve({
    // Hardhat compiles files together when their settings are the same object, and makes an object of each override:
    // twenty small files would start twenty compilers.
    async resolveUserConfig(userConfig, resolveConfigurationVariable, next) {
      const config = await next(userConfig, resolveConfigurationVariable);
      share(userConfig.solidity, config.solidity.profiles);
      return config;
    },
  });
