import { expect } from "chai";
import type { Addressable } from "ethers";

import { at, ethers, openAgreement, type Stage } from "../support/agreement.ts";
import { networkHelpers } from "../support/chain.ts";
import { dueToday, KEPT, REFUND, report, REST, SETTLED, SHEET } from "./support/due.ts";

const open = async <T extends Addressable>(token: () => Promise<T>) => dueToday(await openAgreement(SHEET, { token }));

const held = (stage: { token: { balanceOf: (of: string) => Promise<bigint> }; address: string }) =>
  stage.token.balanceOf(stage.address);

/** Nobody is paid, and nobody is kept from the outcome. */
async function heldBack(stage: Pick<Stage, "report" | "agreement" | "party" | "books">): Promise<bigint> {
  const { agreement, party, books } = stage;
  const sent = await report(stage);
  await expect(sent).not.to.emit(agreement, "PaidOut");
  await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(0, party(0), REFUND);
  await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), REST);
  expect(await books()).to.deep.equal(KEPT);
  return (await sent.wait())!.gasUsed;
}

describe("A token that was in order when the money came in", () => {
  it("given it takes a fee of the receiver now, then the books stay right and the receiver gets less", async () => {
    const stage = await dueToday(
      await openAgreement(SHEET, {
        token: async () => {
          const token = await ethers.deployContract("FeeToken", [2]);
          await token.setFee(0n);
          return token;
        },
      }),
    );
    const { agreement, token, party, books, relayer, address } = stage;
    await token.setFee(100n);
    const before = await token.balanceOf(party(1));
    await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(1, party(1), REST);
    expect(await books()).to.deep.equal(SETTLED);
    expect(await held(stage)).to.equal(1_000_000n);
    expect((await token.balanceOf(party(1))) - before).to.equal((REST * 99n) / 100n);
    await token.mint(relayer, 100n);
    await token.approve(address, 100n);
    await expect(agreement.deposit(0, 100n)).to.be.revertedWithCustomError(agreement, "TokenShort").withArgs(99n, 100n);
  });

  it("given it takes a fee of the sender now, then withdrawals are refused until somebody makes it good", async () => {
    const stage = await open(() => ethers.deployContract("SurchargeToken", [2]));
    const { agreement, token, as, party, books, address } = stage;
    await token.setSurcharge(100n);
    await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(1, party(1), REST);
    expect(await books()).to.deep.equal(SETTLED);
    await expect(as(0).withdraw(0, 1n, party(0)))
      .to.be.revertedWithCustomError(agreement, "HeldBelowBalances")
      .withArgs(994_000n, 1_000_000n);
    await token.setSurcharge(0n);
    await token.mint(address, 6_000n);
    await as(0).withdraw(0, 1_000_000n, party(0));
  });

  for (const [what, answer] of [
    ["false", ethers.toBeHex(0, 32)],
    ["two", ethers.toBeHex(2, 32)],
    ["the largest number", ethers.toBeHex(2n ** 256n - 1n, 32)],
    ["true in a single byte", "0x01"],
    ["31 bytes", ethers.toBeHex(1, 31)],
  ] as const) {
    it(`given it moves the money and answers ${what}, then it is taken at its word, which the balance belies`, async () => {
      const stage = await open(() => ethers.deployContract("AnsweringToken", [2]));
      const { agreement, token, as, party, address, relayer } = stage;
      await token.setAnswer(answer);
      await heldBack(stage);
      // What it moved all the same is missing: nobody can be paid out of somebody else's balance.
      await expect(as(0).withdraw(0, 1n, party(0)))
        .to.be.revertedWithCustomError(agreement, "HeldBelowBalances")
        .withArgs(1_000_000n, 1_600_000n);
      await token.mint(relayer, 10n);
      await token.approve(address, 10n);
      await expect(agreement.deposit(0, 10n))
        .to.be.revertedWithCustomError(agreement, "SafeERC20FailedOperation")
        .withArgs(token);
    });
  }

  it("given it answers true and much more, then that is a yes", async () => {
    const stage = await open(() => ethers.deployContract("AnsweringToken", [2]));
    await stage.token.setAnswer(ethers.concat([ethers.toBeHex(1, 32), ethers.toBeHex(0, 500)]));
    await expect(report(stage)).to.emit(stage.agreement, "PaidOut").withArgs(1, stage.party(1), REST);
    expect(await stage.books()).to.deep.equal(SETTLED);
  });

  it("given its code is gone, then clauses settle on, nothing moves, and all is there when it comes back", async () => {
    const stage = await open(() => ethers.deployContract("PlainToken", [2]));
    const { agreement, token, as, party } = stage;
    const code = await ethers.provider.getCode(token);
    await networkHelpers.setCode(await token.getAddress(), "0x");
    await heldBack(stage);
    await expect(as(1).withdraw(1, REST, party(1))).to.revert(ethers);
    await expect(agreement.deposit(0, 1n)).to.revert(ethers);
    await expect(agreement.depositWithPermit(0, 1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash)).to.revert(ethers);
    await networkHelpers.setCode(await token.getAddress(), code);
    await as(1).withdraw(1, REST, party(1));
    expect(await token.balanceOf(party(1))).to.equal(400_000n + REST);
  });

  it("given it is paused, then clauses settle on, and the parties withdraw when it is not", async () => {
    const stage = await open(() => ethers.deployContract("RevertingToken", [2]));
    const { token, as, agreement, party, address, relayer } = stage;
    await token.mint(relayer, 10n);
    await token.approve(address, 10n);
    await token.setReverting(true);
    await heldBack(stage);
    await expect(as(1).withdraw(1, REST, party(1))).to.be.revertedWithCustomError(token, "Switched");
    await expect(agreement.deposit(0, 10n)).to.be.revertedWithCustomError(token, "Switched");
    await token.setReverting(false);
    await as(1).withdraw(1, REST, party(1));
    await as(0).withdraw(0, 1_000_000n + REFUND, party(0));
    expect(await held(stage)).to.equal(0n);
  });

  it("given it is paused for good, then silence still brings every clause to its end", async () => {
    const stage = await open(() => ethers.deployContract("RevertingToken", [2]));
    await stage.token.setReverting(true);
    await at("2026-05-02");
    await expect(stage.agreement.lapse(1, 0, 1)).to.emit(stage.agreement, "Lapsed");
    expect((await stage.books()).map(([, locked]) => locked)).to.deep.equal([0n, 0n]);
  });

  it("given it blocks the agreement itself, then clauses settle on, and all is there when it does not", async () => {
    const stage = await open(() => ethers.deployContract("BlockingToken", [2]));
    const { agreement, token, as, party, address, stranger } = stage;
    await token.setBlocked(address, true);
    await heldBack(stage);
    await expect(as(1).withdraw(1, REST, stranger))
      .to.be.revertedWithCustomError(token, "Blocked")
      .withArgs(address);
    await expect(agreement.deposit(0, 0n)).to.be.revertedWithCustomError(token, "Blocked").withArgs(address);
    await token.setBlocked(address, false);
    await as(1).withdraw(1, REST, party(1));
  });

  it("given it blocks who pays, then that account is refunded when it can be, and anybody can pay in for it", async () => {
    const stage = await open(() => ethers.deployContract("BlockingToken", [2]));
    const { agreement, token, party, as, address, relayer, stranger } = stage;
    await token.setBlocked(party(0), true);
    const sent = await report(stage);
    await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(0, party(0), REFUND);
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(1, party(1), REST);
    await token.mint(relayer, 10n);
    await token.approve(address, 10n);
    await agreement.deposit(0, 10n);
    await as(0).withdraw(0, 1_000_010n + REFUND, stranger);
    expect(await held(stage)).to.equal(0n);
  });

  it("given it names other decimals now, then a minor unit is what it was", async () => {
    const stage = await open(() => ethers.deployContract("PlainToken", [2]));
    const other = await ethers.deployContract("PlainToken", [18]);
    await networkHelpers.setCode(await stage.token.getAddress(), await ethers.provider.getCode(other));
    expect(await stage.token.decimals()).to.equal(18n);
    await expect(report(stage)).to.emit(stage.agreement, "PaidOut").withArgs(1, stage.party(1), REST);
    await stage.as(0).withdraw(0, 1_000_000n, stage.party(0));
    expect(await held(stage)).to.equal(0n);
  });

  describe("whose balances grow", () => {
    it("given more is held than owed, then it belongs to nobody until all parties say to whom", async () => {
      const stage = await open(() => ethers.deployContract("RebasingToken", [2]));
      const { agreement, token, address, perform, books } = stage;
      await token.mint(address, 7n);
      await report(stage);
      expect(await books()).to.deep.equal(SETTLED);
      await expect(perform("release", { movements: [{ from: 255, to: 0, amount: 8n }] }))
        .to.be.revertedWithCustomError(agreement, "HeldBelowBalances")
        .withArgs(1_000_007n, 1_000_008n);
      await perform("release", { movements: [{ from: 255, to: 0, amount: 7n }] });
      expect(await books()).to.deep.equal([[1_000_007n, 0n], SETTLED[1]]);
    });
  });

  describe("that is asked for a balance", () => {
    const MODES = { Honest: 0, Revert: 1, EatGas: 2, Empty: 3, Short: 4, Flood: 5, Most: 6 };
    const unsteady = () => open(() => ethers.deployContract("UnsteadyToken", [2]));

    for (const mode of ["Revert", "EatGas", "Empty", "Short"] as const) {
      it(`given it answers with ${mode}, then payouts are held back at a bounded cost, and money waits for a word`, async () => {
        const stage = await unsteady();
        const { agreement, token, as, party, perform } = stage;
        await token.setMode(MODES[mode]);
        expect(await heldBack(stage)).to.be.lessThan(400_000n);
        const gas = { gasLimit: 3_000_000n };
        await expect(as(1).withdraw(1, REST, party(1), gas)).to.revert(ethers);
        await expect(agreement.deposit(0, 0n, gas)).to.revert(ethers);
        await expect(perform("release", { movements: [{ from: 255, to: 0, amount: 1n }] })).to.revert(ethers);
        await token.setMode(MODES.Honest);
        await as(1).withdraw(1, REST, party(1));
        await as(0).withdraw(0, 1_000_000n + REFUND, party(0));
      });
    }

    it("given it answers with a flood, then the first word counts, and the cost is bounded", async () => {
      const stage = await unsteady();
      await stage.token.setMode(MODES.Flood);
      const sent = await report(stage);
      await expect(sent).to.emit(stage.agreement, "PaidOut").withArgs(1, stage.party(1), REST);
      expect((await sent.wait())!.gasUsed).to.be.lessThan(400_000n);
      await stage.as(0).withdraw(0, 1_000_000n, stage.party(0));
    });

    it("given it answers with the largest number, then that is its word; nobody gets more than the books say", async () => {
      const stage = await unsteady();
      const { agreement, token, as, party, books } = stage;
      await token.setMode(MODES.Most);
      await expect(report(stage)).to.emit(agreement, "PaidOut").withArgs(1, party(1), REST);
      expect(await books()).to.deep.equal(SETTLED);
      await expect(as(1).withdraw(1, 1n, party(1))).to.be.revertedWithCustomError(agreement, "InsufficientEscrow");
      await as(0).withdraw(0, 1_000_000n, party(0));
      await token.mint(stage.relayer, 10n);
      await token.approve(stage.address, 10n);
      await expect(agreement.deposit(0, 10n)).to.be.revertedWithCustomError(agreement, "TokenShort").withArgs(0n, 10n);
    });
  });
});
