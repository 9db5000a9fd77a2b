import { expect } from "chai";

import { ChainError } from "../../../oracle/chain/errors.ts";
import { memoryOutbox } from "../../../oracle/chain/outbox.ts";
import type { Decide, Fate } from "./faultyRpc.ts";
import { failureOf, sending, type Sending } from "./sending.ts";

describe("sending through a server that fails or lies", function () {
  this.timeout(60_000);
  let at: Sending;
  before(async () => (at = await sending()));
  beforeEach(() => at.fresh());
  after(() => at.stop());

  const first =
    (method: string, fate: Fate, times = 1): Decide =>
    (request, { ofMethod }) =>
      request.method === method && ofMethod <= times ? fate : null;
  /**
   * However the try ends: with an honest server the next brings the effect about, once.
   * @param left Nonces under which something stays signed that nothing sends again.
   */
  async function tryThenHonest(decide: Decide, left: readonly number[] = []): Promise<unknown> {
    const outbox = memoryOutbox();
    at.rpc.decide = decide;
    const outcome = await at
      .process(outbox)
      .submit(at.call(0))
      .then(
        ({ standing }) => standing,
        (error: unknown) => error,
      );
    at.rpc.decide = null;
    const after = await at.process(outbox).submit(at.call(0));
    await at.process(outbox).recover();
    expect(after.standing).to.equal("landed");
    expect(await at.units(0)).to.equal(1n);
    const unfinished = await outbox.unfinished({ chainId: 31_337n, address: at.wallet.address });
    expect(unfinished.map(({ nonce }) => nonce)).to.deep.equal(left);
    return outcome;
  }
  const mined = async (): Promise<number> => at.anvil.provider.getTransactionCount(at.wallet.address);

  const SURVIVED: readonly (readonly [string, Decide])[] = [
    [
      "loses the answer to the transaction that it took",
      first("eth_sendRawTransaction", { type: "lost", when: "after" }),
    ],
    ["hands the transaction on twice", first("eth_sendRawTransaction", { type: "twice" })],
    ["answers the transaction too late", first("eth_sendRawTransaction", { type: "late", milliseconds: 500 })],
    ["fails with 500 on the transaction", first("eth_sendRawTransaction", { type: "status", status: 500 }, 3)],
    [
      "says the nonce is too low for what it took",
      (request, { ofMethod }) =>
        request.method === "eth_sendRawTransaction" && ofMethod === 1 ? { type: "lost", when: "after" } : null,
    ],
    ["knows no receipt for a while", first("eth_getTransactionReceipt", { type: "lie", change: () => null }, 4)],
    [
      "shows a receipt of another transaction",
      first("eth_getTransactionReceipt", {
        type: "lie",
        change: (receipt) => receipt && { ...receipt, transactionHash: `0x${"ab".repeat(32)}` },
      }),
    ],
    [
      "shows a receipt from a block that is not in the chain",
      first("eth_getTransactionReceipt", {
        type: "lie",
        change: (receipt) => receipt && { ...receipt, blockHash: `0x${"cd".repeat(32)}`, logs: [] },
      }),
    ],
  ];
  for (const [what, decide] of SURVIVED) {
    it(`lands a call once, in the same try, when it ${what}`, async () => {
      expect(await tryThenHonest(decide)).to.equal("landed");
      expect(await mined()).to.equal(1);
    });
  }

  it("makes up a receipt: it is not believed without its block", async () => {
    const head = (await at.anvil.provider.send("eth_getBlockByNumber", ["latest", false])) as unknown;
    const invented = (request: { params: readonly unknown[] }): object => ({
      transactionHash: request.params[0],
      transactionIndex: "0x0",
      blockHash: (head as { hash: string }).hash,
      blockNumber: (head as { number: string }).number,
      from: at.wallet.address,
      to: at.token.target,
      contractAddress: null,
      cumulativeGasUsed: "0x5208",
      gasUsed: "0x5208",
      effectiveGasPrice: "0x1",
      status: "0x1",
      type: "0x2",
      logsBloom: `0x${"00".repeat(256)}`,
      logs: [],
    });
    const outcome = await tryThenHonest((request) => {
      // The transaction never reaches the chain, and is said to be in it.
      if (request.method === "eth_sendRawTransaction") return { type: "lost", when: "before" };
      if (request.method !== "eth_getTransactionReceipt") return null;
      return { type: "lie", change: () => invented(request) };
    });
    expect(outcome).to.be.instanceOf(ChainError).with.property("retry", "wait");
    expect(at.events.some(({ step }) => step.type === "fault" && step.detail.includes("is not true"))).to.equal(true);
  });

  it("counts too many transactions of the account: what waits behind the gap is sent again without one", async () => {
    // Should the account ever come to that nonce, the contract refuses what has been done: its numbers are used up.
    const outcome = await tryThenHonest(
      ({ method }) => (method === "eth_getTransactionCount" ? { type: "lie", change: () => "0x7" } : null),
      [7],
    );
    expect(outcome).to.be.instanceOf(ChainError).with.property("retry", "wait");
  });

  it("counts too few, as a server does that is behind: nothing is sent under a used nonce", async () => {
    const outbox = memoryOutbox();
    await at.process(outbox).submit(at.call(0));
    at.rpc.decide = ({ method }) =>
      method === "eth_getTransactionCount" ? { type: "lie", change: () => "0x0" } : null;
    const error = await failureOf(at.process(outbox).submit(at.call(1)));
    expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
    expect(error.message).to.contain("contradicts itself");
    at.rpc.decide = ({ method }) => {
      if (method === "eth_getTransactionCount" || method === "eth_blockNumber")
        return { type: "lie", change: () => "0x0" };
      return method === "eth_getTransactionReceipt" ? { type: "lie", change: () => null } : null;
    };
    const behind = await failureOf(at.process(outbox).submit(at.call(1)));
    expect(behind.message).to.contain("the node is behind");
    at.rpc.decide = null;
    await at.process(outbox).submit(at.call(1));
    expect([await at.units(0), await at.units(1), await mined()]).to.deep.equal([1n, 1n, 2]);
  });

  it("says that a call would go through which the contract refuses: it costs gas and has no effect", async () => {
    const data = at.token.interface.encodeFunctionData("transfer", [at.wallet.address, 1]) as `0x${string}`;
    const { to } = at.call(0);
    at.rpc.decide = ({ method }, { ofMethod }) => {
      if (method === "eth_call" && ofMethod === 1) return { type: "lie", change: () => `0x${"00".repeat(31)}01` };
      return method === "eth_estimateGas" ? { type: "lie", change: () => "0x186a0" } : null;
    };
    const call = { to, data, intent: "transfer", standing: () => Promise.resolve("open" as const) };
    const error = await failureOf(at.process().submit(call));
    expect(error).to.be.instanceOf(ChainError).with.property("refusal", "ERC20InsufficientBalance");
    expect(at.steps()).to.include("reverted");
  });

  it("refuses a transaction for a reason of its own: told in its words, and tried again later", async () => {
    const outcome = await tryThenHonest(({ method }) =>
      method === "eth_sendRawTransaction" ? { type: "refusal", code: -32_000, message: "pool is read-only" } : null,
    );
    expect(outcome).to.be.instanceOf(ChainError).with.property("retry", "wait");
    expect((outcome as Error).message).to.contain("pool is read-only");
  });

  it("is gone in the middle of a try: the next one finishes it", async () => {
    const outcome = await tryThenHonest((_, { index }) => (index > 8 ? { type: "status", status: 502 } : null));
    expect(outcome).to.be.instanceOf(ChainError).with.property("retry", "wait");
  });
});
