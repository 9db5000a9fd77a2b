#!/usr/bin/env node
// The command line is TypeScript, which Node runs as it is. An older Node hands over to the one that the project pins.
import { spawn } from "node:child_process";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Records stream by: a small nursery for what is soon forgotten, and less room for garbage among what stays, cost little time and
// save half the memory. Both can only be set at the start.
const MEMORY = ["--max-semi-space-size=4", "--heap-growing-percent=25"];

const self = fileURLToPath(import.meta.url);
const given = process.argv.slice(2);

if (process.features.typescript === undefined || process.features.typescript === false) {
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  const child = spawn(pinned, [...MEMORY, self, ...given], { stdio: "inherit" });
  // Whoever stops this process means the one that does the work.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(
      `outcomepay needs Node 24 or later, found ${process.versions.node}; run npm ci first: ${error.message}`,
    );
    process.exitCode = 2;
  });
  child.on("exit", (status) => (process.exitCode = status ?? 2));
} else {
  const canRestart = process.execve !== undefined && process.platform !== "win32" && process.send === undefined;
  if (canRestart && !MEMORY.every((flag) => process.execArgv.includes(flag))) {
    process.execve(process.execPath, [process.execPath, ...MEMORY, ...process.execArgv, self, ...given], process.env);
  }
  // What V8 compiled at an earlier start is kept among the system's temporary files: a third of a start.
  enableCompileCache();
  const { main } = await import("../cli/main.ts");
  process.exitCode = await main(process.argv);
}
