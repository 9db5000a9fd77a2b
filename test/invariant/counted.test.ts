import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { OracleCommittee__factory, OutcomeAgreement__factory } from "../../typechain-types/index.ts";

interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
}

/** Functions that can change something. */
const changing = (abi: readonly AbiItem[]): string[] =>
  abi.flatMap((item) =>
    item.type === "function" && item.stateMutability !== "view" && item.stateMutability !== "pure"
      ? [item.name ?? ""]
      : [],
  );

async function countedIn(contract: string): Promise<string[]> {
  const source = await readFile(new URL("Counted.sol", import.meta.url), "utf8");
  return [...source.matchAll(new RegExp(`\\("(\\w+)", ${contract}\\.(\\w+)\\.selector\\)`, "g"))].map(
    ([, name = "", selector = ""]) => (name === selector ? name : `${name} is not ${selector}`),
  );
}

describe("What the invariant suite calls", () => {
  it("given the agreement's ABI, when a function can change something, then its successes are counted", async () => {
    expect(await countedIn("IOutcomeAgreement")).to.have.members(changing(OutcomeAgreement__factory.abi));
  });

  it("given the committee's ABI, when a function can change something, then its successes are counted", async () => {
    expect(await countedIn("IOracleCommittee")).to.have.members(changing(OracleCommittee__factory.abi));
  });
});
