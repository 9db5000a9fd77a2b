/** An operator's signer as an account of ethers: transactions are signed like everything else, wherever the key is. */

import {
  AbstractSigner,
  copyRequest,
  resolveAddress,
  toUtf8Bytes,
  Transaction,
  TypedDataEncoder,
  concat,
  type Provider,
  type TransactionRequest,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import type { OperatorSigner } from "../endorse/signer.ts";
import type { Hex } from "../report/bytes.ts";

export class SignerAccount extends AbstractSigner {
  readonly #signer: OperatorSigner;

  constructor(signer: OperatorSigner, provider?: Provider | null) {
    super(provider);
    this.#signer = signer;
  }

  override connect(provider: Provider | null): SignerAccount {
    return new SignerAccount(this.#signer, provider);
  }

  override getAddress(): Promise<string> {
    return Promise.resolve(this.#signer.address);
  }

  /** @returns the serialized transaction. @throws RangeError when it is another account's. */
  override async signTransaction(request: TransactionRequest): Promise<string> {
    // Also of a Transaction, whose fields are getters.
    const { from, to, ...rest } = copyRequest(request);
    const sender =
      from === undefined || from === null ? this.#signer.address : await resolveAddress(from, this.provider);
    if (sender !== this.#signer.address) {
      throw new RangeError(`the transaction is ${sender}'s, this account is ${this.#signer.address}`);
    }
    const target = to === undefined || to === null ? {} : { to: await resolveAddress(to, this.provider) };
    const transaction = Transaction.from({ ...rest, ...target });
    transaction.signature = await this.#signer.sign(transaction.unsignedSerialized as Hex);
    return transaction.serialized;
  }

  override signMessage(message: string | Uint8Array): Promise<string> {
    const bytes = typeof message === "string" ? toUtf8Bytes(message) : message;
    const preimage = concat([toUtf8Bytes(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes]);
    return this.#signer.sign(preimage as Hex);
  }

  override signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return this.#signer.sign(TypedDataEncoder.encode(domain, types, value) as Hex);
  }
}
