/** What is signed and where, worked out from the flags and compared with the chain. */

import { Contract } from "ethers";

import { describe, refusalOf } from "../oracle/chain/errors.ts";
import type { Agreement } from "../terms/model.ts";
import { UnsignableError, signable, type Signable } from "../terms/onchain/signable.ts";
import { AgreementFactory__factory } from "../typechain-types/index.ts";
import { readBoundAgreement } from "./bound.ts";
import { readAddressFlag, readWholeFlag } from "./flags.ts";
import { connect, rpcUrl, type Chain } from "./network.ts";
import { Finding, UsageError } from "./output.ts";
import type { VenueFlags } from "./venueFlags.ts";

export interface Prepared {
  readonly agreement: Agreement;
  readonly signable: Signable;
  /** Null when no chain is named. */
  readonly chain: Chain | null;
}

/**
 * What is signed. With a chain it is compared with what the factory there says.
 * @throws UsageError, Finding. Whoever calls destroys the chain's provider.
 */
export async function prepare(flags: VenueFlags): Promise<Prepared> {
  const agreement = readBoundAgreement(flags.terms, flags.bind);
  const factory = readAddressFlag("--factory", flags.factory);
  const token = readAddressFlag("--token", flags.token);
  const given = flags.tokenDecimals === undefined ? null : readWholeFlag("--token-decimals", flags.tokenDecimals, 255);
  // A chain id alone is an offline signature: the environment's node is then not asked.
  const offline = flags.chainId !== undefined && flags.rpc === undefined;
  if (offline || rpcUrl(flags.rpc) === undefined) {
    if (flags.chainId === undefined) throw new UsageError("which chain: give --chain-id N or --rpc URL");
    const tokenDecimals = given ?? agreement.currency.decimals;
    const venue = { chainId: readChainId(flags.chainId), factory, token, tokenDecimals };
    return { agreement, signable: sign(agreement, venue), chain: null };
  }
  const chain = await connect(flags.rpc);
  try {
    if (flags.chainId !== undefined && readChainId(flags.chainId) !== chain.chainId) {
      throw new UsageError(`--chain-id: found ${flags.chainId}, the node serves chain ${chain.chainId}`);
    }
    const tokenDecimals = await decimalsOf(chain, token);
    if (given !== null && given !== tokenDecimals) {
      throw new UsageError(`--token-decimals: found ${given}, the token has ${tokenDecimals}`);
    }
    const signed = sign(agreement, { chainId: chain.chainId, factory, token, tokenDecimals });
    await compareWithFactory(chain, signed);
    return { agreement, signable: signed, chain };
  } catch (error) {
    chain.provider.destroy();
    throw error;
  }
}

function sign(agreement: Agreement, venue: Signable["venue"]): Signable {
  try {
    return signable(agreement, venue);
  } catch (error) {
    if (error instanceof UnsignableError) throw new UsageError(error.message);
    throw error;
  }
}

function readChainId(text: string): bigint {
  if (/^[1-9]\d{0,77}$/.test(text)) return BigInt(text);
  throw new UsageError(`--chain-id: found ${text}, expected a whole number from 1`);
}

async function decimalsOf({ provider, chainId }: Chain, token: string): Promise<number> {
  const erc20 = new Contract(token, ["function decimals() view returns (uint8)"], provider);
  try {
    return Number((await erc20.getFunction("decimals")()) as bigint);
  } catch {
    throw new UsageError(`--token: ${token} is no ERC-20 with decimals on chain ${chainId}`);
  }
}

/** The factory works out the same by itself; one of another version does not. */
async function compareWithFactory({ provider, chainId }: Chain, signed: Signable): Promise<void> {
  const { factory } = signed.venue;
  if ((await provider.getCode(factory)) === "0x") {
    throw new UsageError(`--factory: there is no contract at ${factory} on chain ${chainId}`);
  }
  const contract = AgreementFactory__factory.connect(factory, provider);
  let found: { address: string; digest: string };
  try {
    const [address, digest] = await Promise.all([
      contract.addressOf(signed.terms),
      contract.digest(signed.terms, signed.legal),
    ]);
    found = { address, digest };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== null) throw new Finding(`the factory refuses these terms: ${describe(refusal)}`, refusal.name);
    throw new UsageError(`--factory: ${factory} on chain ${chainId} does not answer as a factory`);
  }
  if (found.address !== signed.address || found.digest !== signed.digest) {
    throw new Finding(
      `the factory says address ${found.address} and digest ${found.digest}, worked out here were ${signed.address} ` +
        `and ${signed.digest}: it is a factory of another version`,
      null,
    );
  }
}
