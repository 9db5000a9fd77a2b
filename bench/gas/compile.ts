/** Compiles the bench's own contracts, with the compiler and for the EVM of the product's. */

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { InterfaceAbi } from "ethers";

const SOURCES = new URL("../contracts/", import.meta.url);

/** Resolves from the project's root: the bench's own packages have some of these names, and are empty. */
const fromRoot = createRequire(new URL("../../package.json", import.meta.url));

/** What is needed to deploy a contract. */
export interface Artifact {
  readonly abi: InterfaceAbi;
  /** With 0x, linked. */
  readonly bytecode: string;
}

interface Output {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts: Record<string, Record<string, { abi: InterfaceAbi; evm: { bytecode: { object: string } } }>>;
}

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } }): string;
}

let compiled: Map<string, Artifact> | undefined;

/** A contract of `bench/contracts`, by name. @throws Error with the compiler's words, warnings too */
export function own(name: string): Artifact {
  compiled ??= compileAll();
  const found = compiled.get(name);
  if (found === undefined) throw new RangeError(`found no contract ${name} in bench/contracts`);
  return found;
}

function compileAll(): Map<string, Artifact> {
  const solc = fromRoot("solc") as Compiler;
  const files = readdirSync(SOURCES).filter((file) => file.endsWith(".sol"));
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(files.map((file) => [file, { content: readFileSync(new URL(file, SOURCES), "utf8") }])),
    settings: {
      evmVersion: "cancun",
      viaIR: true,
      optimizer: { enabled: true, runs: 800 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const readImport = (path: string) => ({ contents: readFileSync(fromRoot.resolve(path), "utf8") });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as Output;
  if (output.errors?.length) throw new Error(output.errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return new Map(
    files.map((file) => {
      const name = file.replace(".sol", "");
      const contract = output.contracts[file]?.[name];
      if (contract === undefined) throw new RangeError(`found no contract ${name} in ${file}`);
      return [name, { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` }];
    }),
  );
}
