/** One agreement on a chain, with what is needed to speak of it: its terms, its money, its names. */

import { Contract, type JsonRpcProvider } from "ethers";

import type { Agreement } from "../../terms/model.ts";
import { compileTerms } from "../../terms/onchain/compile.ts";
import { packTerms } from "../../terms/onchain/pack.ts";
import { unpackTerms, type UnpackedTerms } from "../../terms/onchain/unpack.ts";
import { IOutcomeAgreement__factory, type IOutcomeAgreement } from "../../typechain-types/index.ts";
import { readBoundAgreement } from "../bound.ts";
import { readAddressFlag } from "../flags.ts";
import { connect } from "../network.ts";
import { UsageError } from "../output.ts";
import { wordsOf, type Words } from "./words.ts";

export interface SubjectFlags {
  readonly agreement: string;
  readonly rpc?: string;
  readonly terms?: string;
  readonly bind?: string;
}

export interface Token {
  readonly address: string;
  /** Null when the token does not say. */
  readonly symbol: string | null;
  readonly decimals: number;
}

export interface Subject {
  readonly provider: JsonRpcProvider;
  readonly chainId: bigint;
  readonly address: string;
  readonly contract: IOutcomeAgreement;
  readonly packed: UnpackedTerms;
  readonly token: Token;
  /** The ledger's; the token's are these and `packed.scale`. */
  readonly decimals: number;
  /** Null without --terms. */
  readonly terms: Agreement | null;
  readonly words: Words;
}

const ERC20 = ["function decimals() view returns (uint8)", "function symbol() view returns (string)"];

/** Whoever calls destroys the provider. @throws UsageError */
export async function openSubject(flags: SubjectFlags): Promise<Subject> {
  const address = readAddressFlag("--agreement", flags.agreement);
  const terms = flags.terms === undefined ? null : readBoundAgreement(flags.terms, flags.bind);
  const { provider, chainId } = await connect(flags.rpc);
  try {
    if ((await provider.getCode(address)) === "0x") {
      throw new UsageError(`--agreement: there is no contract at ${address} on chain ${chainId}`);
    }
    const contract = IOutcomeAgreement__factory.connect(address, provider);
    const { hex, packed } = await readPacked(contract);
    const token = await readToken(provider, packed.token);
    if (terms !== null && packTerms(terms, compileTerms(terms, packed.token), token.decimals) !== hex) {
      throw new UsageError(`--terms: ${flags.terms ?? ""}: these are not the terms of the agreement ${address}`);
    }
    const decimals = token.decimals - packed.scale;
    const words = wordsOf(packed, terms, { decimals, code: terms?.currency.code ?? token.symbol });
    return { provider, chainId, address, contract, packed, token, decimals, terms, words };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}

async function readPacked(contract: IOutcomeAgreement): Promise<{ hex: string; packed: UnpackedTerms }> {
  try {
    const hex = await contract.packedTerms();
    return { hex, packed: unpackTerms(hex) };
  } catch {
    throw new UsageError(`--agreement: ${await contract.getAddress()} does not answer as an agreement`);
  }
}

async function readToken(provider: JsonRpcProvider, address: string): Promise<Token> {
  const erc20 = new Contract(address, ERC20, provider);
  const decimals = Number((await erc20.getFunction("decimals")()) as bigint);
  const symbol = await (erc20.getFunction("symbol")() as Promise<string>).catch(() => null);
  // A token names itself as it likes: a terminal is not for it to steer.
  return { address, decimals, symbol: symbol !== null && /^[\x21-\x7e]{1,16}$/.test(symbol) ? symbol : null };
}
