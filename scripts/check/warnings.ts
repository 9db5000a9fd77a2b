/**
 * Compiles what has changed, in two processes at once, and fails when the compiler warns about our own contracts or tests. What
 * it warned about is compiled again the next time.
 */
import { rmSync } from "node:fs";

import hre from "hardhat";
import { FileBuildResultType } from "hardhat/types/solidity";

/** Code or init code over the chain's limits: a test contract runs where there are none. */
const TOO_LARGE_TEST = /exceeds (24576|49152) bytes[^]*--> \.\/test\//;

const results = await hre.solidity.build(await hre.solidity.getRootFilePaths(), { concurrency: 2 });
if ("reason" in results) throw new Error(`the build did not start: ${results.formattedReason}`);

const found = new Set<string>();
for (const result of results.values()) {
  if (result.type === FileBuildResultType.BUILD_FAILURE) process.exitCode = 1;
  if (result.type !== FileBuildResultType.BUILD_SUCCESS) continue;
  for (const warning of result.warnings) {
    const text = warning.formattedMessage ?? warning.message;
    if (!TOO_LARGE_TEST.test(text)) found.add(text);
  }
}
for (const warning of found) console.error(warning);
console.log(`${found.size} compiler warnings about our own files`);
if (found.size > 0) {
  process.exitCode = 1;
  rmSync(hre.config.paths.cache, { recursive: true });
}
