/** Whether the contract was made from these terms. */

import { Contract, type Provider } from "ethers";

import type { Agreement } from "../terms/model.ts";
import { compileTerms } from "../terms/onchain/compile.ts";
import { packTerms } from "../terms/onchain/pack.ts";
import { IOutcomeAgreement__factory } from "../typechain-types/index.ts";
import { explainChainError } from "./chain/errors.ts";
import { ConfigError } from "./settings/read.ts";

/**
 * An oracle that worked from other terms than the contract's would report nonsense with good signatures.
 * @param committee Who must be the agreement's oracle; anyone when undefined.
 * @throws ConfigError, ChainError
 */
export async function checkTerms(
  provider: Provider,
  address: string,
  agreement: Agreement,
  committee: string | undefined,
): Promise<void> {
  let found: { packed: string; token: string; oracle: string; decimals: bigint };
  try {
    const contract = IOutcomeAgreement__factory.connect(address, provider);
    const [packed, token, oracle] = await Promise.all([contract.packedTerms(), contract.token(), contract.oracle()]);
    const erc20 = new Contract(token, ["function decimals() view returns (uint8)"], provider);
    const decimals = (await erc20.getFunction("decimals")()) as bigint;
    found = { packed, token, oracle, decimals };
  } catch (error) {
    throw explainChainError(error);
  }
  const expected = packTerms(agreement, compileTerms(agreement, found.token), Number(found.decimals));
  if (found.packed !== expected) throw new ConfigError(`terms: they are not those of the agreement ${address}`);
  if (committee !== undefined && committee !== found.oracle) {
    throw new ConfigError(`committee: found ${committee}, the agreement's oracle is ${found.oracle}`);
  }
}
