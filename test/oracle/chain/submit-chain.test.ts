import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";

import { ChainError } from "../../../oracle/chain/errors.ts";
import { memoryOutbox } from "../../../oracle/chain/outbox.ts";
import { account } from "../../../scripts/local/anvil.ts";
import { failureOf, sending, type Sending } from "./sending.ts";

describe("sending on a chain that moves under it", function () {
  this.timeout(60_000);
  let at: Sending;
  describe("that mines at once", () => {
    before(async () => (at = await sending()));
    beforeEach(() => at.fresh());
    after(() => at.stop());

    it("sends a call once, however often it is asked for, and tells each step", async () => {
      const outbox = memoryOutbox();
      const first = await at.process(outbox).submit(at.call(0));
      const again = await at.process(outbox).submit(at.call(0));
      expect([first.standing, again]).to.deep.equal(["landed", { standing: "landed", receipt: null }]);
      expect(await at.units(0)).to.equal(1n);
      expect(at.steps()).to.deep.equal(["planned", "attempt", "mined", "confirmed"]);
    });

    for (const depth of [1, 2, 3]) {
      it(`lands again, once, what a reorganisation of depth ${depth} took away, by the very same transaction`, async () => {
        const outbox = memoryOutbox();
        const before = await at.process(outbox).submit(at.call(0));
        await at.mine(depth - 1);
        await at.reorganise(depth);
        expect(await at.units(0)).to.equal(0n);
        const after = await at.process(outbox).submit(at.call(0));
        expect(after.receipt?.hash).to.equal(before.receipt?.hash);
        expect(await at.units(0)).to.equal(1n);
        expect(at.steps()).to.include("reorged");
      });
    }

    it("lands every call again, in order, when a reorganisation took several", async () => {
      const outbox = memoryOutbox();
      const process = at.process(outbox);
      for (const i of [0, 1, 2]) await process.submit(at.call(i));
      await at.reorganise(3);
      await at.process(outbox).recover();
      expect(await Promise.all([0, 1, 2].map(at.units))).to.deep.equal([1n, 1n, 1n]);
    });

    it("waits for depth, and sends again what a reorganisation takes away meanwhile", async () => {
      const submitted = at.process(memoryOutbox(), { confirmations: 3, stallAfter: 2_000 }).submit(at.call(0));
      while (!at.steps().includes("mined")) await delay(10);
      await at.mine();
      await at.reorganise(2);
      while (at.steps().filter((step) => step === "mined").length < 2) await delay(10);
      await at.mine(2);
      expect((await submitted).standing).to.equal("landed");
      expect(await at.units(0)).to.equal(1n);
      expect(at.steps().filter((step) => step === "reorged")).to.have.length(1);
    });

    it("says so when the chain stands still before a call is deep enough, and confirms it later", async () => {
      const outbox = memoryOutbox();
      const options = { confirmations: 2, stallAfter: 50, attempts: 2 };
      const error = await failureOf(at.process(outbox, options).submit(at.call(0)));
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
      await at.mine();
      await at.process(outbox, options).recover();
      expect(at.steps().at(-1)).to.equal("confirmed");
      expect(await at.units(0)).to.equal(1n);
    });

    it("tells a call that is refused on the chain by the refusal, and sends nothing that is refused before", async () => {
      const process = at.process();
      const { to } = at.call(0);
      const data = at.token.interface.encodeFunctionData("transfer", [to, 1]) as `0x${string}`;
      const error = await failureOf(process.submit({ to, data, intent: "transfer", standing: null }));
      expect(error).to.be.instanceOf(ChainError).with.property("refusal", "ERC20InsufficientBalance");
      expect(at.events).to.deep.equal([]);
    });

    it("never sends a call under a second nonce when only its own transaction shows whether it was made", async () => {
      const outbox = memoryOutbox();
      const { to, data, intent } = at.call(0);
      const call = { to, data, intent, standing: null };
      const submitted = at.process(outbox, { confirmations: 2, stallAfter: 2_000 }).submit(call);
      while (!at.steps().includes("mined")) await delay(10);
      // Gone, and its nonce taken by another transaction of the account.
      at.rpc.decide = ({ method }) => (method === "eth_sendRawTransaction" ? { type: "status", status: 500 } : null);
      await at.reorganise(1);
      const other = at.wallet.connect(at.anvil.provider);
      await other.sendTransaction({ to: other.address });
      at.rpc.decide = null;
      const error = await failureOf(submitted);
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "moved");
      expect(await at.units(0)).to.equal(0n);
    });

    it("lets services that share an account and a store have one nonce each", async () => {
      const outbox = memoryOutbox();
      const calls = Array.from({ length: 6 }, (_, i) => at.call(i));
      const options = { stallAfter: 10_000 };
      const services = [at.process(outbox, options), at.process(outbox, options)];
      await Promise.all(calls.map(async (call, i) => services[i % 2]?.submit(call)));
      expect(await Promise.all(calls.map((_, i) => at.units(i)))).to.deep.equal(calls.map(() => 1n));
      const nonces = at.events.flatMap(({ nonce, step }) => (step.type === "attempt" ? [nonce] : []));
      expect(nonces.sort((a, b) => a - b)).to.deep.equal(calls.map((_, i) => i));
    });

    it("takes over from a holder that died, and waits for one that lives", async () => {
      const outbox = memoryOutbox();
      const account = { chainId: 31_337n, address: at.wallet.address };
      const times = { now: Date.now(), until: Date.now() + 60_000 };
      await outbox.lease(account, "the other", times, () => false);
      const error = await failureOf(at.process(outbox).submit(at.call(0)));
      expect(error.message).to.contain("the other");
      expect(at.events).to.deep.equal([]);
      await at.process(outbox, { isGone: (holder) => holder === "the other" }).submit(at.call(0));
      expect(await at.units(0)).to.equal(1n);
    });

    it("waits for a signer that can't be reached, and sends once it can", async () => {
      const outbox = memoryOutbox();
      at.sign = () => Promise.reject(new Error("connection refused"));
      const error = await failureOf(at.process(outbox).submit(at.call(0)));
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
      expect(error.message).to.contain("can't be signed");
      at.sign = (request) => at.wallet.signTransaction(request);
      await at.process(outbox).submit(at.call(0));
      expect(await at.units(0)).to.equal(1n);
      expect(await outbox.unfinished({ chainId: 31_337n, address: at.wallet.address })).to.deep.equal([]);
    });

    it("refuses what a signer signed in place of what it was asked to", async () => {
      at.sign = (request) => at.wallet.signTransaction({ ...request, data: "0x" });
      const error = await failureOf(at.process().submit(at.call(0)));
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "final");
      expect(at.rpc.requests.map(({ method }) => method)).not.to.include("eth_sendRawTransaction");
    });
  });

  describe("that mines when told to", () => {
    before(async () => (at = await sending(["--no-mining"])));
    beforeEach(() => at.fresh());
    after(() => at.stop());

    it("raises the fee of what stalls by at least a tenth in both fields, under the same nonce", async () => {
      const submitted = at.process().submit(at.call(0));
      while (at.steps().filter((step) => step === "attempt").length < 3) await delay(10);
      await at.mine();
      await submitted;
      const fees = at.events.flatMap(({ step }) => (step.type === "attempt" ? [step.fees] : []));
      fees.slice(1).forEach((fee, i) => {
        const before = fees[i];
        if (before === undefined || "gasPrice" in before || "gasPrice" in fee) throw new Error("two fields");
        expect(fee.maxFeePerGas * 10n >= before.maxFeePerGas * 11n).to.equal(true);
        expect(fee.maxPriorityFeePerGas * 10n >= before.maxPriorityFeePerGas * 11n).to.equal(true);
      });
      expect(new Set(at.events.map(({ nonce }) => nonce)).size).to.equal(1);
      expect(await at.units(0)).to.equal(1n);
    });

    it("after a restart hands over the very transaction that was sent, when the pool has lost it", async () => {
      const outbox = memoryOutbox();
      await failureOf(at.process(outbox, { attempts: 1 }).submit(at.call(0)));
      const [sent] = await at.pool();
      await at.anvil.provider.send("anvil_dropAllTransactions", []);
      const submitted = at.process(outbox, { stallAfter: 5_000 }).submit(at.call(0));
      while ((await at.pool()).length === 0) await delay(10);
      expect((await at.pool()).map(({ hash }) => hash)).to.deep.equal([sent?.hash]);
      await at.mine();
      expect((await submitted).receipt?.hash).to.equal(sent?.hash);
      expect(await at.units(0)).to.equal(1n);
    });

    it("finishes first what stands before it, another service's call included", async () => {
      const outbox = memoryOutbox();
      await failureOf(at.process(outbox, { attempts: 1 }).submit(at.call(0)));
      const submitted = at.process(outbox, { stallAfter: 5_000 }).submit(at.call(1));
      while (await Promise.race([submitted.then(() => false), delay(50).then(() => true)])) await at.mine();
      expect(await Promise.all([0, 1].map(at.units))).to.deep.equal([1n, 1n]);
    });

    it("outbids at the same nonce what has come to nothing", async () => {
      const outbox = memoryOutbox();
      const holding = at.token.connect(at.wallet.connect(at.anvil.provider));
      const { to } = at.call(0);
      // A transfer of what the account has, which somebody takes away before it is mined.
      await at.anvil.provider.send("anvil_setAutomine", [true]);
      await (await at.token.mint(at.wallet.address, 1)).wait();
      await (await holding.approve(account(0).address, 1)).wait();
      await at.anvil.provider.send("anvil_setAutomine", [false]);
      const data = at.token.interface.encodeFunctionData("transfer", [to, 1]) as `0x${string}`;
      const transfer = { to, data, intent: "transfer", standing: () => Promise.resolve("open" as const) };
      await failureOf(at.process(outbox, { attempts: 1 }).submit(transfer));
      const [stuck] = await at.pool();
      await at.anvil.provider.send("anvil_dropAllTransactions", []);
      await at.token.transferFrom(at.wallet.address, to, 1);
      await at.mine();
      const submitted = at.process(outbox, { stallAfter: 5_000 }).submit(at.call(0));
      while ((await at.pool()).length === 0) await delay(10);
      const [replacing] = await at.pool();
      expect(replacing?.nonce).to.equal(stuck?.nonce);
      expect(BigInt(replacing?.maxFeePerGas ?? 0) * 10n >= BigInt(stuck?.maxFeePerGas ?? 0) * 11n).to.equal(true);
      await at.mine();
      await submitted;
      expect(await at.units(0)).to.equal(1n);
    });

    it("counts a call as open when another transaction of the account took its nonce, and sends it under the next", async () => {
      const submitted = at.process(memoryOutbox(), { stallAfter: 5_000 }).submit(at.call(0));
      while ((await at.pool()).length === 0) await delay(10);
      await at.anvil.provider.send("anvil_dropAllTransactions", []);
      const other = at.wallet.connect(at.anvil.provider);
      await other.sendTransaction({ to: other.address, nonce: 0 });
      while (await Promise.race([submitted.then(() => false), delay(50).then(() => true)])) await at.mine();
      expect(await at.units(0)).to.equal(1n);
      expect(at.steps()).to.include("dropped");
    });

    it("stops waiting when the process is to stop, and the next one goes on", async () => {
      const outbox = memoryOutbox();
      const stopping = new AbortController();
      const submitted = failureOf(
        at.process(outbox, { signal: stopping.signal, stallAfter: 60_000 }).submit(at.call(0)),
      );
      while ((await at.pool()).length === 0) await delay(10);
      stopping.abort();
      expect(await submitted)
        .to.be.instanceOf(ChainError)
        .with.property("retry", "wait");
      await at.mine();
      await at.process(outbox).recover();
      expect(await at.units(0)).to.equal(1n);
      expect(at.steps().at(-1)).to.equal("confirmed");
    });
  });
});
