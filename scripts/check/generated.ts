/** After a clean build: fails when the committed TypeChain types differ from those that the build wrote. */
import { execFileSync } from "node:child_process";

const stale = execFileSync("git", ["status", "--porcelain", "--", "typechain-types"], { encoding: "utf8" });
if (stale !== "") {
  console.error(`typechain-types is stale: commit what \`npm run build\` writes\n${stale}`);
  process.exitCode = 1;
}
