/** Who is who in an agreement, asked of the chain. */

import { Contract, getAddress, isCallException, isError, ZeroAddress, type Provider } from "ethers";

import { IOutcomeAgreement__factory } from "../../typechain-types/index.ts";
import type { AgreementChain } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { explainChainError } from "../chain/errors.ts";
import type { People } from "./access.ts";

/** @param members How many accounts the agreement has. @throws ChainError */
export async function readPeople(
  provider: Provider,
  agreement: string,
  members: number,
  { block, oracle }: Pick<AgreementState, "block" | "oracle">,
  chain: Pick<AgreementChain, "oracleAccount">,
): Promise<Omit<People, "auditors">> {
  const account = await chain.oracleAccount(oracle);
  try {
    const contract = IOutcomeAgreement__factory.connect(agreement, provider);
    const at = { blockTag: block };
    const [arbiter, accounts] = await Promise.all([
      contract.arbiter(at),
      Promise.all(Array.from({ length: members }, (_, member) => contract.accountOf(member, at))),
    ]);
    return {
      holders: accounts.map(({ holder }) => getAddress(holder)),
      arbiter: arbiter === ZeroAddress ? null : getAddress(arbiter),
      operators: account.type === "committee" ? account.members : account.type === "key" ? [account.address] : [],
    };
  } catch (error) {
    throw explainChainError(error);
  }
}

const ERC1271 = "function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)";
const VALID = "0x1626ba7e";

/** Whether the contract at an address takes a signature of a digest (ERC-1271). @throws ChainError */
export async function contractSigned(
  provider: Provider,
  address: string,
  digest: string,
  signature: string,
): Promise<boolean> {
  try {
    if ((await provider.getCode(address)) === "0x") return false;
    const wallet = new Contract(address, [ERC1271], provider);
    return (await wallet.getFunction("isValidSignature")(digest, signature)) === VALID;
  } catch (error) {
    // It reverts, or answers nothing that could be read: it does not take the signature.
    if (isCallException(error) || isError(error, "BAD_DATA")) return false;
    throw explainChainError(error);
  }
}
