import { expect } from "chai";
import { getBytes, keccak256 } from "ethers";

import { deployables } from "./support/deployables.ts";
import { itMeasures } from "./support/itMeasures.ts";
import { snapshot } from "./support/snapshot.ts";

/** Committed; written anew with UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL("bytecode.snapshot.json", import.meta.url);

/** Bytes that a contract's code (EIP-170) and what creates it (EIP-3860) may have. */
const RUNTIME_LIMIT = 24_576;
const INIT_LIMIT = 49_152;

interface Code {
  /** Bytes. */
  readonly runtime: number;
  readonly init: number;
  /** Keccak-256 of the init code, which holds the runtime code. */
  readonly hash: string;
}

async function codes(): Promise<Record<string, Code>> {
  const entries = (await deployables()).map(({ contractName, bytecode, deployedBytecode }): [string, Code] => [
    contractName,
    { runtime: getBytes(deployedBytecode).length, init: getBytes(bytecode).length, hash: keccak256(bytecode) },
  ]);
  return Object.fromEntries(entries);
}

describe("Bytecode", () => {
  itMeasures("of each contract fits the chain's limits", async () => {
    for (const [name, { runtime, init }] of Object.entries(await codes())) {
      console.log(`      ${name}: ${RUNTIME_LIMIT - runtime} bytes of room, ${INIT_LIMIT - init} of init code`);
      expect(runtime, `${name}'s code`).to.be.within(1, RUNTIME_LIMIT);
      expect(init, `${name}'s init code`).to.be.within(1, INIT_LIMIT);
    }
  });

  itMeasures("is what the snapshot says, byte for byte", async () => {
    const found = await codes();
    expect(found).to.deep.equal(snapshot(SNAPSHOT, found));
  });
});
