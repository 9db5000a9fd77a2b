import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";

import type { Standing } from "../../oracle/chain/action.ts";
import { ChainError, explainChainError } from "../../oracle/chain/errors.ts";
import { memoryOutbox, type Outbox } from "../../oracle/chain/outbox.ts";
import {
  createSubmitter,
  type Call,
  type Sender,
  type SubmitOptions,
  type Submitted,
} from "../../oracle/chain/submit.ts";
import { IOutcomeAgreement__factory } from "../../typechain-types/index.ts";
import { account, startAnvil, type Anvil } from "../../scripts/local/anvil.ts";

describe("sending a call", function () {
  this.timeout(60_000);
  const options: Omit<SubmitOptions, "outbox"> = {
    holder: "test",
    now: Date.now,
    confirmations: 1,
    poll: 20,
    stallAfter: 200,
    attempts: 4,
    sleep: (milliseconds) => delay(milliseconds),
  };
  const target = account(9).address;
  let anvil: Anvil;

  beforeEach(async () => (anvil = await startAnvil("--no-mining")));
  afterEach(() => anvil.stop());

  /** An account, and a call whose effect the chain shows as soon as any transaction of the account is mined. */
  function parts(): { sender: Sender; call: Call; at: { standing: Standing } } {
    const wallet = account(0).connect(anvil.provider);
    const sender: Sender = {
      provider: anvil.provider,
      getAddress: () => Promise.resolve(wallet.address),
      signTransaction: (request) => wallet.signTransaction(request),
    };
    const at: { standing: Standing } = { standing: "open" };
    const standing = async (): Promise<Standing> =>
      (await anvil.provider.getTransactionCount(wallet.address)) > 0 ? "landed" : at.standing;
    return { sender, call: { to: target, data: "0x", intent: "test", standing }, at };
  }
  const outbox = new WeakMap<Sender, Outbox>();
  /** Each time as a new process with the same store. */
  function submit(sender: Sender, call: Call, with_: Omit<SubmitOptions, "outbox">): Promise<Submitted> {
    const kept = outbox.get(sender) ?? memoryOutbox();
    outbox.set(sender, kept);
    return createSubmitter(sender, { ...with_, outbox: kept }).submit(call);
  }
  const mine = (): Promise<unknown> => anvil.provider.send("evm_mine", []);
  const pool = async (): Promise<{ nonce: string; maxFeePerGas: string }[]> => {
    const content = (await anvil.provider.send("txpool_content", [])) as {
      pending: Record<string, Record<string, { nonce: string; maxFeePerGas: string }>>;
    };
    return Object.values(content.pending).flatMap((byNonce) => Object.values(byNonce));
  };

  it("sends nothing when the chain shows the effect already, or something else in its place", async () => {
    for (const standing of ["landed", "superseded"] as const) {
      const { sender, call, at } = parts();
      at.standing = standing;
      expect(await submit(sender, call, options)).to.deep.equal({ standing, receipt: null });
    }
    expect(await pool()).to.deep.equal([]);
  });

  it("raises the fee of a stalled call under the same nonce, and is mined once", async () => {
    const { sender, call } = parts();
    const submitted = submit(sender, call, options);
    const seen = new Map<bigint, string>();
    while (seen.size < 2) {
      const waiting = await pool();
      expect(waiting.length).to.be.lessThanOrEqual(1);
      for (const { nonce, maxFeePerGas } of waiting) seen.set(BigInt(maxFeePerGas), nonce);
    }
    expect([...seen.keys()]).to.deep.equal([...seen.keys()].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(seen.values()).size).to.equal(1);
    await mine();
    expect((await submitted).standing).to.equal("landed");
    expect(await anvil.provider.getTransactionCount(account(0).address)).to.equal(1);
  });

  it("after a restart takes the place of what the process before it left in the pool", async () => {
    const { sender, call } = parts();
    let stopped: unknown;
    await submit(sender, call, { ...options, attempts: 1 }).catch((error: unknown) => (stopped = error));
    expect(stopped).to.be.instanceOf(ChainError).with.property("retry", "wait");
    expect(await pool()).to.have.length(1);
    const again = submit(sender, call, options);
    await delay(300);
    await mine();
    expect((await again).standing).to.equal("landed");
    await mine();
    expect(await anvil.provider.getTransactionCount(account(0).address)).to.equal(1);
  });

  it("waits for confirmations", async () => {
    const { sender, call } = parts();
    let done = false;
    const submitted = submit(sender, call, { ...options, confirmations: 3, stallAfter: 10_000 }).then(
      () => (done = true),
    );
    while ((await pool()).length === 0) await delay(10);
    await mine();
    await mine();
    await delay(200);
    expect(done).to.equal(false);
    await mine();
    await submitted;
  });
});

describe("refusals of the contract", () => {
  const abi = IOutcomeAgreement__factory.createInterface();
  const refused = (data: string): ChainError => explainChainError(Object.assign(new Error("refused"), { data }));

  it("are named with their values, and say whether trying again can help", () => {
    const escrow = refused(abi.encodeErrorResult("InsufficientEscrow", [0, 1, 2]));
    expect([escrow.message, escrow.retry]).to.deep.equal([
      "InsufficientEscrow(account: 0, balance: 1, needed: 2)",
      "wait",
    ]);
    expect(refused(abi.encodeErrorResult("WrongNumber", [1, 2])).retry).to.equal("moved");
    expect(refused(abi.encodeErrorResult("SumOutsideTier", [1, 2])).retry).to.equal("final");
  });

  it("of the network are taken to pass", () => {
    expect(explainChainError(new Error("connect ECONNREFUSED")).retry).to.equal("wait");
  });
});
