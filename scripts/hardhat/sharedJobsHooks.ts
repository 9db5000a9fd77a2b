import type { ConfigHooks } from "hardhat/types/hooks";

/** Hooks of shared jobs. Hardhat asks for them by a default export. */
export default (): Promise<Partial<ConfigHooks>> =>
  Promise.resolve({
    // Hardhat compiles files together when their settings are one object, and makes an object of each override: twenty small
    // files would start twenty compilers.
    async resolveUserConfig(userConfig, resolveConfigurationVariable, next) {
      const config = await next(userConfig, resolveConfigurationVariable);
      for (const { overrides } of Object.values(config.solidity.profiles)) {
        const first = new Map<string, (typeof overrides)[string]>();
        for (const [file, settings] of Object.entries(overrides)) {
          const key = JSON.stringify(settings);
          overrides[file] = first.get(key) ?? settings;
          if (!first.has(key)) first.set(key, settings);
        }
      }
      return config;
    },
  });
