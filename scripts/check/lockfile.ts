/**
 * Fails when a lock file names a registry's host, or leaves out a native part for a platform other than the one it
 * was written on: `npm ci` refuses such a file where the registry does not carry that part.
 */
import { readFileSync } from "node:fs";

interface Locked {
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

const FILES = ["package-lock.json", "bench/package-lock.json"];

for (const file of FILES) {
  const problems = problemsOf(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
  for (const problem of problems) console.error(`${file}: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

function problemsOf(text: string): string[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
  const names = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  return Object.entries(packages).flatMap(([path, { resolved, optionalDependencies = {} }]) => [
    ...(resolved?.startsWith("http") ? [`${path} is bound to ${resolved}`] : []),
    ...Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${path} can't be installed everywhere: ${name} is missing`),
  ]);
}
