import { expect } from "chai";
import { MaxUint256, Signature, ZeroAddress } from "ethers";

import { openAgreement, type Stage } from "./support/agreement.ts";
import { chainId, ethers, networkHelpers } from "./support/chain.ts";
import { sheet, WITH_WINDOW } from "./support/sheet.ts";

async function open() {
  const stage = await openAgreement(sheet({ oracle: WITH_WINDOW }));
  await stage.token.mint(stage.stranger, 1_000_000n);
  await stage.token.connect(stage.stranger).approve(stage.address, 1_000_000n);
  return { ...stage, byStranger: stage.agreement.connect(stage.stranger) };
}

/** Of the stranger's tokens, by its own signature. */
async function permit({ token, stranger, address }: Stage, value: bigint) {
  const deadline = await networkHelpers.time.latest().then((now) => now + 3_600);
  const signature = await stranger.signTypedData(
    { name: "Plain", version: "1", chainId, verifyingContract: await token.getAddress() },
    {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    { owner: stranger.address, spender: address, value, nonce: await token.nonces(stranger), deadline },
  );
  const { v, r, s } = Signature.from(signature);
  return { deadline, v, r, s };
}

describe("An account", () => {
  it("given a new agreement, then it knows its token, its parties and that they hold nothing", async () => {
    const { agreement, token, party, books } = await open();
    expect(await agreement.token()).to.equal(await token.getAddress());
    expect(await agreement.accounts()).to.equal(2n);
    expect((await agreement.accountOf(1)).holder).to.equal(party(1));
    expect(await books()).to.deep.equal([
      [0n, 0n],
      [0n, 0n],
    ]);
    await expect(agreement.accountOf(2)).to.be.revertedWithCustomError(agreement, "UnknownAccount").withArgs(2);
  });

  describe("a deposit", () => {
    it("given anyone pays in, then the account named holds it", async () => {
      const { agreement, byStranger, books, token, address, stranger } = await open();
      await expect(byStranger.deposit(1, 600n)).to.emit(agreement, "Deposited").withArgs(1, stranger, 600n);
      expect(await books()).to.deep.equal([
        [0n, 0n],
        [600n, 0n],
      ]);
      expect(await token.balanceOf(address)).to.equal(600n);
    });

    it("given no such account, then it is refused", async () => {
      const { agreement, byStranger } = await open();
      for (const account of [2, 255]) {
        await expect(byStranger.deposit(account, 600n))
          .to.be.revertedWithCustomError(agreement, "UnknownAccount")
          .withArgs(account);
      }
    });

    it("given more than the depositor has allowed, then the token's refusal stands", async () => {
      const { byStranger, token } = await open();
      await expect(byStranger.deposit(0, 1_000_001n)).to.be.revertedWithCustomError(
        token,
        "ERC20InsufficientAllowance",
      );
    });

    it("given the ledger's range, when a deposit would leave it, then it is refused", async () => {
      const { agreement, byStranger, token, stranger, address } = await open();
      const most = 2n ** 120n - 1n;
      await token.mint(stranger, most);
      await token.connect(stranger).approve(address, MaxUint256);
      await byStranger.deposit(0, most - 5n);
      for (const amount of [6n, MaxUint256 - 2n ** 121n]) {
        await expect(byStranger.deposit(1, amount)).to.be.revertedWithCustomError(agreement, "LedgerFull");
      }
      await byStranger.deposit(1, 5n);
    });
  });

  describe("a deposit with a permit", () => {
    it("given the permit, then no approval is needed", async () => {
      const stage = await open();
      const { agreement, byStranger, token, stranger, address } = stage;
      await token.connect(stranger).approve(address, 0n);
      const { deadline, v, r, s } = await permit(stage, 700n);
      await expect(byStranger.depositWithPermit(0, 700n, deadline, v, r, s))
        .to.emit(agreement, "Deposited")
        .withArgs(0, stranger, 700n);
    });

    it("given somebody used the permit first, then the allowance stands and the deposit goes on", async () => {
      const stage = await open();
      const { byStranger, token, stranger, address, books, relayer } = stage;
      await token.connect(stranger).approve(address, 0n);
      const { deadline, v, r, s } = await permit(stage, 700n);
      await token.connect(relayer).permit(stranger, address, 700n, deadline, v, r, s);
      await byStranger.depositWithPermit(0, 700n, deadline, v, r, s);
      expect((await books())[0]).to.deep.equal([700n, 0n]);
    });

    it("given a permit that does not hold and no allowance, then it is refused", async () => {
      const stage = await open();
      const { byStranger, agreement, token, stranger, address } = stage;
      await token.connect(stranger).approve(address, 0n);
      const { deadline, v, r, s } = await permit(stage, 700n);
      await expect(byStranger.depositWithPermit(0, 701n, deadline, v, r, s)).to.be.revertedWithCustomError(
        token,
        "ERC20InsufficientAllowance",
      );
      // Somebody else's permit brings no money of the signer's.
      await expect(agreement.depositWithPermit(0, 700n, deadline, v, r, s)).to.be.revertedWithCustomError(
        token,
        "ERC20InsufficientAllowance",
      );
    });
  });

  describe("a withdrawal", () => {
    it("given free balance, when its holder withdraws, then any address receives it", async () => {
      const { agreement, as, fund, enrol, books, token, stranger } = await open();
      await fund(1_000_000n, 200n);
      await enrol({ patients: 10 });
      const before = await token.balanceOf(stranger);
      await expect(as(1).withdraw(1, 400_200n, stranger))
        .to.emit(agreement, "Withdrawn")
        .withArgs(1, stranger, 400_200n);
      expect(await token.balanceOf(stranger)).to.equal(before + 400_200n);
      expect(await books()).to.deep.equal([
        [0n, 0n],
        [600_000n, 600_000n],
      ]);
    });

    it("given locks, when a cent of them is withdrawn, then it is refused with what is needed", async () => {
      const { agreement, as, fund, enrol, party } = await open();
      await fund(1_000_000n);
      await enrol({ patients: 10 });
      await expect(as(1).withdraw(1, 400_001n, party(1)))
        .to.be.revertedWithCustomError(agreement, "InsufficientEscrow")
        .withArgs(1, 1_000_000n, 1_000_001n);
    });

    it("given an amount beyond the ledger, then it is refused and nothing wraps around", async () => {
      const { agreement, as, fund, party } = await open();
      await fund(1_000n);
      for (const amount of [1_001n, 2n ** 128n, MaxUint256]) {
        await expect(as(0).withdraw(0, amount, party(0)))
          .to.be.revertedWithCustomError(agreement, "InsufficientEscrow")
          .withArgs(0, 1_000n, amount);
      }
    });

    it("given anyone but the holder, then it is refused", async () => {
      const { agreement, as, byStranger, fund, party, stranger } = await open();
      await fund(1_000n, 1_000n);
      await expect(byStranger.withdraw(0, 1n, stranger))
        .to.be.revertedWithCustomError(agreement, "NotHolder")
        .withArgs(0, stranger);
      await expect(as(1).withdraw(0, 1n, party(1)))
        .to.be.revertedWithCustomError(agreement, "NotHolder")
        .withArgs(0, party(1));
      await expect(as(1).withdraw(2, 1n, party(1)))
        .to.be.revertedWithCustomError(agreement, "UnknownAccount")
        .withArgs(2);
    });
  });

  describe("handed over", () => {
    it("given a new holder, then it alone withdraws, and hands the account on", async () => {
      const { agreement, as, byStranger, fund, party, stranger, relayer } = await open();
      await fund(1_000n);
      await expect(as(0).assign(0, stranger)).to.emit(agreement, "Assigned").withArgs(0, stranger);
      expect((await agreement.accountOf(0)).holder).to.equal(stranger);
      await expect(as(0).withdraw(0, 1n, party(0))).to.be.revertedWithCustomError(agreement, "NotHolder");
      await expect(as(0).assign(0, party(0))).to.be.revertedWithCustomError(agreement, "NotHolder");
      await byStranger.withdraw(0, 400n, stranger);
      await byStranger.assign(0, relayer);
      await agreement.withdraw(0, 600n, relayer);
    });

    it("given automatic payout, then the new holder is sent it", async () => {
      const stage = await openAgreement(
        sheet({ parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker, payout: automatic }] }" }),
      );
      const { agreement, as, fund, enrol, stranger } = stage;
      await fund(1_000_000n);
      await as(1).assign(1, stranger);
      await expect(enrol({ patients: 10 }))
        .to.emit(agreement, "PaidOut")
        .withArgs(1, stranger, 400_000n);
    });

    it("given a party, the oracle, the arbiter, the token, the agreement or nobody, then it is refused", async () => {
      const { agreement, as, party, committee, arbiter, token, address } = await open();
      for (const holder of [
        party(0).address,
        party(1).address,
        await committee.getAddress(),
        arbiter.address,
        await token.getAddress(),
        address,
        ZeroAddress,
      ]) {
        await expect(as(0).assign(0, holder))
          .to.be.revertedWithCustomError(agreement, "InvalidHolder")
          .withArgs(holder);
      }
    });

    it("given an oracle or arbiter appointed since, then it is refused, and who was replaced is not", async () => {
      const { agreement, as, perform, stranger, relayer, arbiter } = await open();
      await perform("appoint", { oracle: stranger.address, arbiter: relayer.address });
      for (const holder of [stranger, relayer]) {
        await expect(as(0).assign(0, holder)).to.be.revertedWithCustomError(agreement, "InvalidHolder");
      }
      await expect(as(0).assign(0, arbiter)).to.emit(agreement, "Assigned");
    });

    it("given an account of somebody else or none, then it is refused", async () => {
      const { agreement, as, party, stranger } = await open();
      await expect(as(0).assign(1, stranger))
        .to.be.revertedWithCustomError(agreement, "NotHolder")
        .withArgs(1, party(0));
      await expect(as(0).assign(2, stranger)).to.be.revertedWithCustomError(agreement, "UnknownAccount").withArgs(2);
    });
  });

  describe("with a token of more decimals than the currency", () => {
    const openScaled = () => openAgreement(sheet(), { token: () => ethers.deployContract("PlainToken", [6]) });

    it("given whole minor units, then they are scaled at the edge and nowhere else", async () => {
      const { agreement, fund, enrol, books, as, token, party } = await openScaled();
      await fund(1_000_000n);
      await enrol({ patients: 10 });
      expect(await books()).to.deep.equal([
        [0n, 0n],
        [1_000_000n, 600_000n],
      ]);
      await expect(as(1).withdraw(1, 4_000_000_000n, party(1)))
        .to.emit(agreement, "Withdrawn")
        .withArgs(1, party(1), 4_000_000_000n);
      expect(await token.balanceOf(party(1))).to.equal(4_000_000_000n);
      expect((await books())[1]).to.deep.equal([600_000n, 600_000n]);
    });

    it("given a part of a minor unit, then neither deposit nor withdrawal takes it", async () => {
      const { agreement, fund, as, party } = await openScaled();
      await fund(1_000n);
      for (const call of [agreement.deposit(0, 10_001n), as(0).withdraw(0, 9_999n, party(0))]) {
        await expect(call)
          .to.be.revertedWithCustomError(agreement, "NotWholeMinorUnits")
          .withArgs((amount: bigint) => amount % 10_000n !== 0n, 10_000n);
      }
    });

    it("given automatic payout, then it is sent in the token's units", async () => {
      const stage = await openAgreement(
        sheet({ parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker, payout: automatic }] }" }),
        { token: () => ethers.deployContract("PlainToken", [18]) },
      );
      await stage.fund(1_000_000n);
      await expect(stage.enrol({ patients: 10 }))
        .to.emit(stage.agreement, "PaidOut")
        .withArgs(1, stage.party(1), 400_000n * 10n ** 16n);
      expect(await stage.token.balanceOf(stage.party(1))).to.equal(400_000n * 10n ** 16n);
    });

    it("given stray tokens, when they are released, then only whole minor units count", async () => {
      const { agreement, fund, perform, token, address } = await openScaled();
      await fund(1_000n);
      await token.mint(address, 19_999n);
      await expect(perform("release", { movements: [{ from: 255, to: 0, amount: 2n }] }))
        .to.be.revertedWithCustomError(agreement, "HeldBelowBalances")
        .withArgs(10_019_999n, 10_020_000n);
      await perform("release", { movements: [{ from: 255, to: 0, amount: 1n }] });
    });
  });
});
