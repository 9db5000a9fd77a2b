import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SolidityHooks } from "hardhat/types/hooks";

const IMPORT = /(?<=(?:from|import) ["']\.[^"']*)\.js(?=["'])/g;

/** Hooks behind TypeChain's. Hardhat asks for them by a default export. */
export default (): Promise<Partial<SolidityHooks>> =>
  Promise.resolve({
    // TypeChain writes `./x.js` for its own `./x.ts`, which is right once compiled. Node runs TypeScript as it is and asks for
    // the file's name.
    processArtifactsAfterSuccessfulBuild(context) {
      const { paths, typechain } = context.config;
      if (typechain.outDir === undefined) throw new Error("typechain.outDir: found nothing, expected a folder");
      const folder = join(paths.root, typechain.outDir);
      for (const name of globSync("**/*.ts", { cwd: folder })) {
        const file = join(folder, name);
        const written = readFileSync(file, "utf8");
        const named = written.replaceAll(IMPORT, ".ts");
        if (named !== written) writeFileSync(file, named);
      }
      return Promise.resolve();
    },
  });
