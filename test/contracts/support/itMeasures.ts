import hre from "hardhat";

/**
 * A test that measures gas: left out under coverage, whose instrumentation costs gas itself. `it` is looked up at the call:
 * of test files that run in one process after another, each has its own.
 */
export function itMeasures(title: string, test: () => Promise<void>): void {
  (hre.globalOptions.coverage ? it.skip : it)(title, test);
}
