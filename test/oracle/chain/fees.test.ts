import { setTimeout as delay } from "node:timers/promises";

import { expect } from "chai";
import fc from "fast-check";
import { parseUnits } from "ethers";

import { ChainError } from "../../../oracle/chain/errors.ts";
import { bumped, ceilingOf, offer, type Fees } from "../../../oracle/chain/fees.ts";
import { memoryOutbox } from "../../../oracle/chain/outbox.ts";
import { failureOf, sending, type Sending } from "./sending.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 15n });
const twoFields = fc
  .tuple(wei, wei)
  .map(([a, b]): Fees => ({ maxFeePerGas: a > b ? a : b, maxPriorityFeePerGas: a > b ? b : a }));
const fees: fc.Arbitrary<Fees> = fc.oneof(
  twoFields,
  wei.map((gasPrice) => ({ gasPrice })),
);
const fieldsOf = (it: Fees): bigint[] =>
  "gasPrice" in it ? [it.gasPrice, it.gasPrice] : [it.maxFeePerGas, it.maxPriorityFeePerGas];

describe("fees", () => {
  it("of a replacement are at least a tenth higher in every field, and zero where gas is free", () => {
    fc.assert(
      fc.property(fees, (before) => {
        fieldsOf(bumped(before)).forEach((field, i) => {
          const old = fieldsOf(before)[i] ?? 0n;
          expect(old === 0n || field * 10n >= old * 11n).to.equal(true);
        });
        expect(ceilingOf(bumped({ gasPrice: 0n }))).to.equal(0n);
      }),
    );
  });

  it("never pass the cap, outbid what they replace, and cover what the next block takes", () => {
    fc.assert(
      fc.property(fees, wei, fc.array(fees, { maxLength: 4 }), fc.option(wei), (quoted, base, before, cap) => {
        const next = offer({ fees: quoted, baseFee: base }, before, cap);
        if (next.type === "over the cap") {
          expect(cap !== null && next.needed > cap).to.equal(true);
          return;
        }
        expect(cap === null || ceilingOf(next.fees) <= cap).to.equal(true);
        const [ceiling = 0n, tip = 0n] = fieldsOf(next.fees);
        for (const [oldCeiling = 0n, oldTip = 0n] of before.map((it) => fieldsOf(bumped(it)))) {
          expect([ceiling >= oldCeiling, tip >= oldTip]).to.deep.equal([true, true]);
        }
        expect(tip <= ceiling).to.equal(true);
        expect(cap === null || ceilingOf(quoted) <= cap || ceiling >= base).to.equal(true);
      }),
    );
  });

  it("give up room for a rising base fee before they wait at the cap", () => {
    const quote = { fees: { maxFeePerGas: 210n, maxPriorityFeePerGas: 10n }, baseFee: 100n };
    expect(offer(quote, [], 150n)).to.deep.equal({
      type: "offer",
      fees: { maxFeePerGas: 150n, maxPriorityFeePerGas: 10n },
    });
    expect(offer(quote, [], 109n)).to.deep.equal({ type: "over the cap", needed: 110n });
  });
});

describe("paying for gas", function () {
  this.timeout(60_000);
  let at: Sending;
  const on = (title: string, args: readonly string[], tests: () => void): void => {
    describe(title, () => {
      before(async () => (at = await sending(args)));
      beforeEach(() => at.fresh());
      after(() => at.stop());
      tests();
    });
  };
  const gwei = (amount: string): bigint => parseUnits(amount, "gwei");

  on("on a chain with a base fee", ["--no-mining"], () => {
    it("waits at the cap while the base fee is above it, spends nothing, and goes on when it has fallen", async () => {
      const outbox = memoryOutbox();
      await at.anvil.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${gwei("500").toString(16)}`]);
      await at.mine();
      const options = { maxFee: gwei("100") };
      const error = await failureOf(at.process(outbox, options).submit(at.call(0)));
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
      expect(error.message).to.match(/^gas costs 50\d\.\d+ gwei, the cap \(maxFee\) is 100\.0 gwei$/);
      expect(at.steps()).to.deep.equal(["planned", "capped"]);
      expect(await at.pool()).to.deep.equal([]);
      await at.anvil.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${gwei("10").toString(16)}`]);
      await at.mine();
      const submitted = at.process(outbox, { ...options, stallAfter: 5_000 }).submit(at.call(0));
      while ((await at.pool()).length === 0) await delay(10);
      await at.mine();
      await submitted;
      expect(await at.units(0)).to.equal(1n);
    });

    it("keeps what is on its way, and raises it no further than the cap, when the base fee jumps", async () => {
      const outbox = memoryOutbox();
      const cap = gwei("4");
      const submitted = at.process(outbox, { maxFee: cap, attempts: 20 }).submit(at.call(0));
      while ((await at.pool()).length === 0) await delay(10);
      await at.anvil.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${gwei("50").toString(16)}`]);
      await at.mine();
      while (!at.steps().includes("capped")) await delay(10);
      await at.anvil.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x1"]);
      while (await Promise.race([submitted.then(() => false), delay(50).then(() => true)])) await at.mine();
      expect(await at.units(0)).to.equal(1n);
      const offered = at.events.flatMap(({ step }) => (step.type === "attempt" ? [ceilingOf(step.fees)] : []));
      expect(offered.every((it) => it <= cap)).to.equal(true);
    });

    it("says which account lacks how much", async () => {
      await at.anvil.provider.send("anvil_setBalance", [at.wallet.address, "0x1"]);
      const error = await failureOf(at.process().submit(at.call(0)));
      expect(error).to.be.instanceOf(ChainError).with.property("retry", "wait");
      expect(error.message).to.match(
        new RegExp(`^the account ${at.wallet.address} can't pay for gas: it has 0.0{17}1 .* 0\\.\\d+ is needed$`),
      );
      expect(await at.pool()).to.deep.equal([]);
    });
  });

  on("on a chain that knows one gas price", [], () => {
    it("sends transactions of the old kind", async () => {
      at.rpc.decide = ({ method }) => {
        if (method === "eth_maxPriorityFeePerGas") return { type: "refusal", code: -32_601, message: "no such method" };
        if (method !== "eth_getBlockByNumber") return null;
        return { type: "lie", change: (block) => ({ ...(block as object), baseFeePerGas: undefined }) };
      };
      const { receipt } = await at.process().submit(at.call(0));
      expect(receipt?.type).to.equal(0);
      expect(await at.units(0)).to.equal(1n);
    });
  });

  on("on a chain where gas is free", ["--gas-price", "0", "--base-fee", "0"], () => {
    it("sends from an account that holds nothing", async () => {
      await at.anvil.provider.send("anvil_setBalance", [at.wallet.address, "0x0"]);
      const { receipt } = await at.process().submit(at.call(0));
      expect(receipt?.gasPrice).to.equal(0n);
      expect(await at.units(0)).to.equal(1n);
    });
  });
});
