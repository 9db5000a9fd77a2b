import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SolidityHooks } from "hardhat/types/hooks";

/** Hooks of branch coverage. Hardhat asks for them by a default export. */
export default (): Promise<Partial<SolidityHooks>> =>
  Promise.resolve({
    async preprocessProjectFileBeforeBuilding(context, sourceName, fsPath, fileContent, solcVersion, next) {
      const text = await next(context, sourceName, fsPath, fileContent, solcVersion);
      // What Hardhat left alone is a test, a mock, or not measured at all.
      if (!context.globalOptions.coverage || text === fileContent) return text;
      const { instrumentBranches } = await import("../branches/instrument.ts");
      const path = sourceName.replace(/^project\//, "");
      const instrumented = instrumentBranches(path, fileContent, text);
      const folder = join(context.config.paths.root, "coverage", "branches");
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${path.replaceAll("/", "_")}.json`);
      writeFileSync(file, JSON.stringify({ path, branches: instrumented.branches }));
      return instrumented.text;
    },
  });
