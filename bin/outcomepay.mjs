#!/usr/bin/env node
// The command line is TypeScript: tsx loads it. Hardhat needs Node 22; on an older one the pinned Node of the project takes over.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const major = Number(process.versions.node.split(".")[0]);
const self = fileURLToPath(import.meta.url);

if (major < 22) {
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  const { status, error } = spawnSync(pinned, [self, ...process.argv.slice(2)], { stdio: "inherit" });
  if (error) {
    console.error(
      `outcomepay needs Node 22 or later, found ${process.versions.node}; run npm ci first: ${error.message}`,
    );
  }
  process.exitCode = status ?? 2;
} else {
  const { register } = await import("tsx/esm/api");
  register();
  const { main } = await import("../cli/main.ts");
  process.exitCode = await main(process.argv);
}
