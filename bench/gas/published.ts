/** The peers' contracts as their npm packages carry them: bytecode and interface, never compiled here. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { InterfaceAbi } from "ethers";

import { PeerMissing } from "../bench.ts";
import type { Artifact } from "./compile.ts";

const require = createRequire(import.meta.url);

/** Compilers' output differs in where the bytecode stands. */
interface Json {
  readonly abi: InterfaceAbi;
  readonly bytecode: string | { readonly object: string };
}

/**
 * A package's artifact.
 * @param path Package and file, as `require` takes it.
 * @throws PeerMissing when the package is not installed
 */
export function published(path: string): Artifact {
  const { abi, bytecode } = JSON.parse(readFileSync(locate(path), "utf8")) as Json;
  return { abi, bytecode: typeof bytecode === "string" ? bytecode : bytecode.object };
}

/** The version of a package that is measured. @throws PeerMissing when it is not installed */
export function versionOf(name: string): string {
  return (JSON.parse(readFileSync(locate(`${name}/package.json`), "utf8")) as { version: string }).version;
}

/** The bytecode with the addresses of its libraries in place of their names' hashes. */
export function linked(path: string, libraries: Readonly<Record<string, string>>): Artifact {
  const json = JSON.parse(readFileSync(locate(path), "utf8")) as {
    abi: InterfaceAbi;
    bytecode: { object: string; linkReferences: Record<string, Record<string, { start: number; length: number }[]>> };
  };
  const code = [...json.bytecode.object];
  for (const [name, places] of Object.values(json.bytecode.linkReferences).flatMap((file) => Object.entries(file))) {
    const address = libraries[name];
    if (address === undefined) throw new RangeError(`found no address for library ${name}`);
    // Two digits a byte, after 0x.
    for (const { start, length } of places) code.splice(2 + 2 * start, 2 * length, ...address.slice(2).toLowerCase());
  }
  return { abi: json.abi, bytecode: code.join("") };
}

function locate(path: string): string {
  try {
    return require.resolve(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PeerMissing(`the peers' packages are needed: npm --prefix bench ci\n${reason}`);
  }
}
