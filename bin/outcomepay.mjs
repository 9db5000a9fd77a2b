#!/usr/bin/env node
// The command line is TypeScript: tsx loads it. Hardhat needs Node 22; on an older one the pinned Node of the project takes over.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// Records stream by: a small nursery for what is soon forgotten costs no time and saves 100 MB. It can only be set at the start.
const NURSERY = "--max-semi-space-size=4";

const major = Number(process.versions.node.split(".")[0]);
const self = fileURLToPath(import.meta.url);
const given = process.argv.slice(2);

if (major < 22) {
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  const child = spawn(pinned, [NURSERY, self, ...given], { stdio: "inherit" });
  // Whoever stops this process means the one that does the work.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(
      `outcomepay needs Node 22 or later, found ${process.versions.node}; run npm ci first: ${error.message}`,
    );
    process.exitCode = 2;
  });
  child.on("exit", (status) => (process.exitCode = status ?? 2));
} else {
  const canRestart = process.execve !== undefined && process.platform !== "win32" && process.send === undefined;
  if (canRestart && !process.execArgv.includes(NURSERY)) {
    process.execve(process.execPath, [process.execPath, NURSERY, ...process.execArgv, self, ...given], process.env);
  }
  const { register } = await import("tsx/esm/api");
  register();
  const { main } = await import("../cli/main.ts");
  process.exitCode = await main(process.argv);
}
