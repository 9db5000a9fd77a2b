import type { SolidityHooks } from "hardhat/types/hooks";

/** Hooks of the tidy build. Hardhat asks for them by a default export. */
export default (): Promise<Partial<SolidityHooks>> =>
  Promise.resolve({
    // Hardhat lists artifacts in the order in which the file system answers, and TypeChain writes its index in that
    // order: sorted in place, ahead of TypeChain, the generated files are the same on every machine.
    processArtifactsAfterSuccessfulBuild(_context, artifactPaths) {
      (artifactPaths as string[]).sort();
      return Promise.resolve();
    },

    // Warnings about packages are for those who can change them; ours would drown in them.
    async getCompilationJobErrors(context, compilationJob, compilerOutput, next) {
      const errors = await next(context, compilationJob, compilerOutput);
      return errors.filter(
        ({ severity, formattedMessage }) =>
          severity === "error" || !/-->\s+\S*node_modules\//.test(formattedMessage ?? ""),
      );
    },
  });
