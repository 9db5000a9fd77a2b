import { expect } from "chai";
import { id } from "ethers";

import { at, ethers, openAgreement, patients, type Stage } from "../support/agreement.ts";
import { itMeasures } from "../support/itMeasures.ts";
import { dueToday, KEPT, REFUND, report, REST, SETTLED, SHEET } from "./support/due.ts";
import type { TokenisedDeposit } from "../../../typechain-types/index.ts";

describe("A token", () => {
  it("that takes a fee, is refused at deposit", async () => {
    const { agreement, fund } = await openAgreement(SHEET, { token: () => ethers.deployContract("FeeToken", [2]) });
    await expect(fund(2_000_000n))
      .to.be.revertedWithCustomError(agreement, "TokenShort")
      .withArgs(1_980_000n, 2_000_000n);
  });

  it("that lies about what it moved, is refused at deposit", async () => {
    const { agreement, token, fund } = await openAgreement(SHEET, {
      token: () => ethers.deployContract("LyingToken", [2]),
    });
    await token.setLying(true, 0n);
    await expect(fund(2_000_000n)).to.be.revertedWithCustomError(agreement, "TokenShort").withArgs(0n, 2_000_000n);
    await token.setLying(true, 7n);
    await expect(fund(2_000_000n)).to.be.revertedWithCustomError(agreement, "TokenShort").withArgs(0n, 2_000_000n);
  });

  it("that returns false, is refused at deposit", async () => {
    const stage = await openAgreement(SHEET, { token: () => ethers.deployContract("FalseToken", [2]) });
    await stage.token.setRefusing(true);
    await expect(stage.fund(2_000_000n))
      .to.be.revertedWithCustomError(stage.agreement, "SafeERC20FailedOperation")
      .withArgs(stage.token);
  });

  it("that returns nothing, works throughout", async () => {
    const stage = await dueToday(
      await openAgreement(SHEET, { token: () => ethers.deployContract("NoReturnToken", [2]) }),
    );
    const { agreement, token, party, as, books } = stage;
    const sent = await report(stage);
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), REFUND);
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(1, party(1), REST);
    expect(await books()).to.deep.equal(SETTLED);
    await as(0).withdraw(0, 1_000_000n, party(0));
    expect(await token.balanceOf(party(0))).to.equal(1_000_000n + REFUND);
  });

  it("that returns false at payout, keeps nobody from settling: the money stays in the accounts", async () => {
    const stage = await dueToday(await openAgreement(SHEET, { token: () => ethers.deployContract("FalseToken", [2]) }));
    const { agreement, token, party, as, books } = stage;
    await token.setRefusing(true);
    const sent = await report(stage);
    await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(0, party(0), REFUND);
    await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), REST);
    expect(await books()).to.deep.equal(KEPT);
    await expect(as(1).withdraw(1, REST, party(1))).to.revert(ethers);
    await token.setRefusing(false);
    await as(1).withdraw(1, REST, party(1));
    expect(await token.balanceOf(party(1))).to.equal(400_000n + REST);
  });

  it("that reverts at payout, keeps nobody from settling", async () => {
    const stage = await dueToday(
      await openAgreement(SHEET, { token: () => ethers.deployContract("RevertingToken", [2]) }),
    );
    const { agreement, token, party, books } = stage;
    await token.setReverting(true);
    await expect(report(stage)).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), REST);
    expect(await books()).to.deep.equal(KEPT);
  });

  it("that blocks one account, pays the other side; the blocked one withdraws to another address", async () => {
    const stage = await dueToday(
      await openAgreement(SHEET, { token: () => ethers.deployContract("BlockingToken", [2]) }),
    );
    const { agreement, token, party, as, books, stranger } = stage;
    await token.setBlocked(party(1), true);
    const sent = await report(stage);
    await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), REFUND);
    await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), REST);
    expect(await books()).to.deep.equal([SETTLED[0], KEPT[1]]);
    await expect(as(1).withdraw(1, REST, party(1)))
      .to.be.revertedWithCustomError(token, "Blocked")
      .withArgs(party(1));
    await as(1).withdraw(1, REST, stranger);
    expect(await token.balanceOf(stranger)).to.equal(REST);
  });

  it("that blocks an account which then hands over, pays the new holder next time", async () => {
    const stage = await dueToday(
      await openAgreement(SHEET, { token: () => ethers.deployContract("BlockingToken", [2]) }),
    );
    await stage.token.setBlocked(stage.party(1), true);
    await stage.as(1).assign(1, stage.stranger);
    await expect(report(stage)).to.emit(stage.agreement, "PaidOut").withArgs(1, stage.stranger, REST);
  });

  describe("that eats gas on a payout", () => {
    const open = async () => {
      const stage = await dueToday(
        await openAgreement(SHEET, { token: () => ethers.deployContract("GasEatingToken", [2]) }),
      );
      await stage.token.setMarked(stage.party(0), true);
      return stage;
    };

    it("can't stop a settlement: the other side is paid", async () => {
      const stage = await open();
      const sent = await report(stage);
      await expect(sent).to.emit(stage.agreement, "PayoutFailed").withArgs(0, stage.party(0), REFUND);
      await expect(sent).to.emit(stage.agreement, "PaidOut").withArgs(1, stage.party(1), REST);
      expect((await sent.wait())!.gasUsed).to.be.lessThan(500_000n);
    });

    itMeasures("can't be helped by who sends the call with little gas: that is refused", async () => {
      const stage = await open();
      const { agreement } = stage;
      const { message, endorsement } = await stage.forgeReport({ tallies: patients(2, 8) });
      const refusals = new Set<string>();
      for (let gasLimit = 150_000n; gasLimit <= 500_000n; gasLimit += 25_000n) {
        const outcome = await agreement.reportMilestone.staticCall(message, endorsement, 1, { gasLimit }).then(
          () => "taken",
          (error: unknown) => nameOf(stage, error),
        );
        refusals.add(outcome);
      }
      expect([...refusals])
        .to.include("GasTooLow")
        .and.to.include("taken");
      expect(refusals.size).to.be.at.most(3);
    });

    function nameOf({ agreement }: Pick<Stage, "agreement">, error: unknown): string {
      const { data } = error as { data?: unknown };
      return typeof data === "string" && data.length > 2
        ? (agreement.interface.parseError(data)?.name ?? data)
        : "out of gas";
    }
  });

  for (const [what, reverting] of [
    ["returns", false],
    ["reverts with", true],
  ] as const) {
    it(`that ${what} a flood of data, settles at a bounded cost`, async () => {
      const stage = await dueToday(
        await openAgreement(SHEET, { token: () => ethers.deployContract("ReturnBombToken", [2]) }),
      );
      await stage.token.setBomb(100_000n, reverting);
      const sent = await report(stage);
      const event = reverting ? "PayoutFailed" : "PaidOut";
      await expect(sent).to.emit(stage.agreement, event).withArgs(0, stage.party(0), REFUND);
      await expect(sent).to.emit(stage.agreement, event).withArgs(1, stage.party(1), REST);
      expect((await sent.wait())!.gasUsed).to.be.lessThan(500_000n);
    });
  }

  describe("whose balances shrink", () => {
    const shrunk = async (by: bigint) => {
      const stage = await dueToday(
        await openAgreement(SHEET, { token: () => ethers.deployContract("RebasingToken", [2]) }),
      );
      await stage.token.shrink(stage.address, by);
      return stage;
    };

    it("given less is held than owed, then settlements go on, payouts are held back and withdrawals refused", async () => {
      const stage = await shrunk(1n);
      const { agreement, token, as, party, books, address } = stage;
      const sent = await report(stage);
      await expect(sent).not.to.emit(agreement, "PaidOut");
      await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(0, party(0), REFUND);
      await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), REST);
      expect(await books()).to.deep.equal(KEPT);
      for (const account of [0, 1]) {
        await expect(as(account).withdraw(account, 1n, party(account)))
          .to.be.revertedWithCustomError(agreement, "HeldBelowBalances")
          .withArgs(1_599_999n, 1_600_000n);
      }
      await token.mint(address, 1n);
      await as(0).withdraw(0, 1_000_000n + REFUND, party(0));
      await as(1).withdraw(1, REST, party(1));
      expect(await token.balanceOf(address)).to.equal(0n);
    });

    it("given exactly as much is held as owed, then it is paid out", async () => {
      const stage = await dueToday(
        await openAgreement(SHEET, { token: () => ethers.deployContract("RebasingToken", [2]) }),
      );
      await stage.token.mint(stage.address, 5n);
      await stage.token.shrink(stage.address, 5n);
      await expect(report(stage)).to.emit(stage.agreement, "PaidOut").withArgs(0, stage.party(0), REFUND);
    });
  });

  it("that pretends to balances nobody has, can't hold a payout back, only fail it", async () => {
    const stage = await dueToday(await openAgreement(SHEET, { token: () => ethers.deployContract("LyingToken", [2]) }));
    await stage.token.setLying(false, 10n ** 9n);
    await expect(report(stage)).to.emit(stage.agreement, "PaidOut").withArgs(0, stage.party(0), REFUND);
  });

  describe("of an escrow bank", () => {
    const open = async () => {
      const stage = await openAgreement(SHEET, {
        token: async (): Promise<TokenisedDeposit> => {
          const [relayer] = await ethers.getSigners();
          return ethers.deployContract("TokenisedDeposit", ["Deposit euro", "DEUR", 2, relayer!]);
        },
      });
      const { token, relayer, address, agreement, party, enrol } = stage;
      for (const role of ["MINTER_ROLE", "ALLOWER_ROLE"]) await token.grantRole(id(role), relayer);
      for (const account of [relayer.address, address, party(0).address, party(1).address]) await token.allow(account);
      await token.mint(relayer, 2_000_000n, "RCPT-1");
      await token.approve(address, 2_000_000n);
      await agreement.deposit(0, 2_000_000n);
      await enrol({ patients: 10 });
      await at("2026-04-01");
      return stage;
    };

    it("given every party allowed, then it settles and the parties redeem", async () => {
      const stage = await open();
      await expect(report(stage)).to.emit(stage.agreement, "PaidOut").withArgs(1, stage.party(1), REST);
      await stage.token.connect(stage.party(1)).redeem(REST, "PAY-1");
      expect(await stage.token.balanceOf(stage.party(1))).to.equal(400_000n);
    });

    it("given a party taken off the list, then the other is paid and its own money waits", async () => {
      const stage = await open();
      const { agreement, token, party, as, books, stranger } = stage;
      await token.disallow(party(1));
      const sent = await report(stage);
      await expect(sent).to.emit(agreement, "PaidOut").withArgs(0, party(0), REFUND);
      await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(1, party(1), REST);
      expect((await books())[1]).to.deep.equal([REST, 0n]);
      await expect(as(1).withdraw(1, REST, party(1)))
        .to.be.revertedWithCustomError(token, "NotAllowed")
        .withArgs(party(1));
      await token.allow(stranger);
      await as(1).withdraw(1, REST, stranger);
      expect(await token.balanceOf(stranger)).to.equal(REST);
    });

    it("given the agreement taken off the list, then its clauses settle on", async () => {
      const stage = await open();
      const { agreement, token, address, party, books } = stage;
      await token.disallow(address);
      const sent = await report(stage);
      await expect(sent).to.emit(agreement, "PayoutFailed").withArgs(0, party(0), REFUND);
      expect(await books()).to.deep.equal(KEPT);
    });
  });
});
