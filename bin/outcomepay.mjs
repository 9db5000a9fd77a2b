#!/usr/bin/env node
// The command line is TypeScript: tsx loads it. Hardhat needs Node 22; on an older one the pinned Node of the project takes over.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// Records stream by: a small nursery for what is soon forgotten, and less room for garbage among what stays, cost little time and
// save half the memory. Both can only be set at the start.
const MEMORY = ["--max-semi-space-size=4", "--heap-growing-percent=25"];

const major = Number(process.versions.node.split(".")[0]);
const self = fileURLToPath(import.meta.url);
const given = process.argv.slice(2);

if (major < 22) {
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  const child = spawn(pinned, [...MEMORY, self, ...given], { stdio: "inherit" });
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
  if (canRestart && !MEMORY.every((flag) => process.execArgv.includes(flag))) {
    process.execve(process.execPath, [process.execPath, ...MEMORY, ...process.execArgv, self, ...given], process.env);
  }
  const { register } = await import("tsx/esm/api");
  register();
  const { main } = await import("../cli/main.ts");
  process.exitCode = await main(process.argv);
}
