/** Contracts as their authors published them: bytecode and ABI from a package's artifacts, nothing compiled here. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { ContractFactory, type BaseContract, type InterfaceAbi } from "ethers";

import type { Account } from "../../contracts/support/chain.ts";

const require = createRequire(import.meta.url);

interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

/** @param path of the artifact, from the package's name on. */
export async function deployPublished(path: string, deployer: Account, ...args: unknown[]): Promise<BaseContract> {
  const { abi, bytecode } = JSON.parse(readFileSync(require.resolve(path), "utf8")) as Artifact;
  const contract = await new ContractFactory(abi, bytecode, deployer).deploy(...args);
  return contract.waitForDeployment();
}
