/** Safes as published (1.4.1), signing and sending through their owners. */

import {
  AbiCoder,
  AbstractSigner,
  concat,
  id,
  solidityPacked,
  TypedDataEncoder,
  Wallet,
  ZeroAddress,
  type BaseContract,
  type TransactionRequest,
  type TransactionResponse,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import { chainId, ethers, type Account } from "../../contracts/support/chain.ts";
import { deployPublished } from "./published.ts";

const ARTIFACTS = "@safe-global/safe-contracts/build/artifacts/contracts";

const SAFE_MESSAGE = { SafeMessage: [{ name: "message", type: "bytes" }] };
const SAFE_TX = {
  SafeTx: [
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "data", type: "bytes" },
    { name: "operation", type: "uint8" },
    { name: "safeTxGas", type: "uint256" },
    { name: "baseGas", type: "uint256" },
    { name: "gasPrice", type: "uint256" },
    { name: "gasToken", type: "address" },
    { name: "refundReceiver", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
};

/** Of every Safe of {@link deploySafe}; two of them sign. */
export const owners = Array.from({ length: 3 }, (_, i) => new Wallet(id(`owner ${i + 1}`)));

/** Safe's own code, deployed once on a chain. */
export interface SafeContracts {
  readonly singleton: BaseContract;
  readonly proxies: BaseContract;
  readonly fallbackHandler: BaseContract;
  readonly multiSend: BaseContract;
  readonly signMessage: BaseContract;
  readonly deployer: Account;
}

async function deploySafeContracts(deployer: Account): Promise<SafeContracts> {
  const published = (path: string) => deployPublished(`${ARTIFACTS}/${path}`, deployer);
  return {
    singleton: await published("Safe.sol/Safe.json"),
    proxies: await published("proxies/SafeProxyFactory.sol/SafeProxyFactory.json"),
    fallbackHandler: await published("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json"),
    multiSend: await published("libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json"),
    signMessage: await published("libraries/SignMessageLib.sol/SignMessageLib.json"),
    deployer,
  };
}

/** A Safe of three owners, of whom two sign. */
export async function deploySafe(): Promise<SafeAccount> {
  return SafeAccount.deploy(await deploySafeContracts((await ethers.getSigners())[0]!), owners, 2);
}

/** A call that a Safe makes. */
export interface SafeCall {
  readonly to: string;
  readonly data: string;
}

/**
 * The bytes that a Safe takes as its signature over a digest (ERC-1271): each owner's 65 bytes over the EIP-712 message
 * `SafeMessage(bytes message)`, whose message is the digest, in the domain `{ chainId, verifyingContract: safe }`,
 * strictly ascending by the owners' addresses.
 */
export function safeSignature(safe: string, digest: string, owners: readonly Wallet[]): string {
  return signed(owners, TypedDataEncoder.hash({ chainId, verifyingContract: safe }, SAFE_MESSAGE, { message: digest }));
}

/** A Safe as an account: its signatures are those of `signers`, its transactions go through `execTransaction`. */
export class SafeAccount extends AbstractSigner {
  readonly address: string;
  readonly #contracts: SafeContracts;
  readonly #signers: readonly Wallet[];

  private constructor(address: string, contracts: SafeContracts, signers: readonly Wallet[]) {
    super(ethers.provider);
    this.address = address;
    this.#contracts = contracts;
    this.#signers = signers;
  }

  /** As many owners as it takes sign for it. */
  static async deploy(contracts: SafeContracts, owners: readonly Wallet[], threshold: number): Promise<SafeAccount> {
    const { singleton, proxies, fallbackHandler } = contracts;
    const setup = singleton.interface.encodeFunctionData("setup", [
      owners.map(({ address }) => address),
      threshold,
      ZeroAddress,
      "0x",
      await fallbackHandler.getAddress(),
      ZeroAddress,
      0n,
      ZeroAddress,
    ]);
    const create = proxies.getFunction("createProxyWithNonce");
    const args = [singleton, setup, 0n];
    const address = (await create.staticCall(...args)) as string;
    await create.send(...args);
    return new SafeAccount(address, contracts, owners.slice(0, threshold));
  }

  /** The same Safe with others to sign for it. */
  signedBy(signers: readonly Wallet[]): SafeAccount {
    return new SafeAccount(this.address, this.#contracts, signers);
  }

  override getAddress(): Promise<string> {
    return Promise.resolve(this.address);
  }

  override connect(): SafeAccount {
    return this;
  }

  sign(digest: string): string {
    return safeSignature(this.address, digest, this.#signers);
  }

  override signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return Promise.resolve(this.sign(TypedDataEncoder.hash(domain, types, value)));
  }

  override sendTransaction(tx: TransactionRequest): Promise<TransactionResponse> {
    return this.#execute({ to: tx.to as string, data: tx.data ?? "0x" }, 0);
  }

  /** Several calls in one transaction. */
  async sendAll(calls: readonly SafeCall[]): Promise<TransactionResponse> {
    const packed = calls.map(({ to, data }) =>
      solidityPacked(
        ["uint8", "address", "uint256", "uint256", "bytes"],
        [0, to, 0n, BigInt((data.length - 2) / 2), data],
      ),
    );
    const { multiSend } = this.#contracts;
    const data = multiSend.interface.encodeFunctionData("multiSend", [concat(packed)]);
    return this.#execute({ to: await multiSend.getAddress(), data }, 1);
  }

  /** Signs a digest on the chain; from then on the empty signature is the Safe's. */
  async signOnChain(digest: string): Promise<TransactionResponse> {
    const { signMessage } = this.#contracts;
    const message = AbiCoder.defaultAbiCoder().encode(["bytes32"], [digest]);
    const data = signMessage.interface.encodeFunctionData("signMessage", [message]);
    return this.#execute({ to: await signMessage.getAddress(), data }, 1);
  }

  /** A call of the Safe to itself: its owners and threshold. */
  administer(name: string, ...args: unknown[]): Promise<TransactionResponse> {
    const data = this.#contracts.singleton.interface.encodeFunctionData(name, args);
    return this.#execute({ to: this.address, data }, 0);
  }

  /** What its owners sign for a digest, as the Safe itself says it. */
  async messageHash(digest: string): Promise<string> {
    const handler = this.#contracts.fallbackHandler.interface;
    const data = handler.encodeFunctionData("getMessageHash", [digest]);
    return ethers.provider.call({ to: this.address, data });
  }

  override signTransaction(): Promise<string> {
    return Promise.reject(new Error("a Safe has no key"));
  }

  override signMessage(): Promise<string> {
    return Promise.reject(new Error("a Safe signs typed data only, here"));
  }

  /** @param operation 0: a call · 1: a delegated call, to Safe's own libraries. */
  async #execute({ to, data }: { to: string; data: string }, operation: 0 | 1): Promise<TransactionResponse> {
    const safe = this.#contracts.singleton.attach(this.address).connect(this.#contracts.deployer);
    const nonce = (await safe.getFunction("nonce").staticCall()) as bigint;
    const tx = {
      to,
      value: 0n,
      data,
      operation,
      safeTxGas: 0n,
      baseGas: 0n,
      gasPrice: 0n,
      gasToken: ZeroAddress,
      refundReceiver: ZeroAddress,
    };
    const hash = TypedDataEncoder.hash({ chainId, verifyingContract: this.address }, SAFE_TX, { ...tx, nonce });
    const args = [...Object.values(tx), signed(this.#signers, hash)];
    return await safe.getFunction("execTransaction").send(...args);
  }
}

/** Owners' signatures as a Safe takes them: strictly ascending by address, end to end. */
function signed(owners: readonly Wallet[], hash: string): string {
  const ascending = [...owners].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  return concat(ascending.map(({ signingKey }) => signingKey.sign(hash).serialized));
}
