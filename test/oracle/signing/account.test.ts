import { expect } from "chai";
import { id, Transaction, verifyMessage, verifyTypedData, Wallet } from "ethers";

import { keySigner } from "../../../oracle/endorse/signer.ts";
import { domainOf, MESSAGE_TYPES } from "../../../oracle/report/messages.ts";
import { SignerAccount } from "../../../oracle/signing/account.ts";
import { milestone, requestFor } from "../endorse/fixture.ts";

const wallet = new Wallet(id("an operator"));
const account = new SignerAccount(keySigner(wallet.privateKey));
const call = {
  to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  data: "0x1234",
  nonce: 7,
  chainId: 31_337,
  gasLimit: 90_000,
};

describe("an operator's account over its signer", () => {
  it("signs a transaction as a wallet with the same key does, of either type, given as a request or a transaction", async () => {
    for (const fees of [{ gasPrice: 5n }, { maxFeePerGas: 9n, maxPriorityFeePerGas: 2n, type: 2 }]) {
      const expected = await wallet.signTransaction({ ...call, ...fees });
      expect(await account.signTransaction({ ...call, ...fees, from: wallet.address })).to.equal(expected);
      const unsigned = Transaction.from({ ...call, ...fees });
      expect(await account.signTransaction(unsigned)).to.equal(expected);
      expect(Transaction.from(expected).from).to.equal(wallet.address);
    }
  });

  it("signs no transaction of another account", async () => {
    let refusal: unknown;
    const from = "0x0000000000000000000000000000000000000001";
    await account.signTransaction({ ...call, gasPrice: 1n, from }).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(RangeError);
  });

  it("signs messages and typed data as every wallet does", async () => {
    expect(verifyMessage("sign in ✓", await account.signMessage("sign in ✓"))).to.equal(wallet.address);
    const { agreement, content } = requestFor(milestone().content);
    const types = MESSAGE_TYPES.milestone;
    const signature = await account.signTypedData(domainOf(agreement), types, { ...content.message });
    expect(verifyTypedData(domainOf(agreement), types, content.message, signature)).to.equal(wallet.address);
  });
});
