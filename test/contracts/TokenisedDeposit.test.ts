import type { HardhatEthersSigner as Account } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { Signature, id } from "ethers";
import { network } from "hardhat";

const { ethers, networkHelpers } = await network.create();

const MINTER_ROLE = id("MINTER_ROLE");
const ALLOWER_ROLE = id("ALLOWER_ROLE");
/** The longest reference: 35 bytes. */
const LONGEST = "R".repeat(35);

async function deploy() {
  const [admin, minter, allower, payer, maker, stranger] = (await ethers.getSigners()) as [
    Account,
    Account,
    Account,
    Account,
    Account,
    Account,
  ];
  const deposit = await ethers.deployContract("TokenisedDeposit", ["Deposit yuan", "DCNY", 2, admin]);
  await deposit.grantRole(MINTER_ROLE, minter);
  await deposit.grantRole(ALLOWER_ROLE, allower);
  for (const account of [payer, maker]) await deposit.connect(allower).allow(account);
  await deposit.connect(minter).mint(payer, 1_000n, "RCPT-1");
  return { deposit, admin, minter, allower, payer, maker, stranger };
}

describe("TokenisedDeposit", () => {
  it("has the currency's decimals", async () => {
    const { deposit } = await networkHelpers.loadFixture(deploy);
    expect(await deposit.decimals()).to.equal(2);
  });

  describe("a receipt", () => {
    it("is booked to an allowed account under its reference", async () => {
      const { deposit, minter, maker } = await networkHelpers.loadFixture(deploy);
      await expect(deposit.connect(minter).mint(maker, 5n, LONGEST))
        .to.emit(deposit, "Received")
        .withArgs(LONGEST, maker, 5n);
      expect(await deposit.balanceOf(maker)).to.equal(5n);
      expect(await deposit.totalSupply()).to.equal(1_005n);
      expect(await deposit.isReceived(LONGEST)).to.equal(true);
      expect(await deposit.isReceived("RCPT-9")).to.equal(false);
    });

    it("is booked once, whatever its amount and account", async () => {
      const { deposit, minter, maker } = await networkHelpers.loadFixture(deploy);
      await expect(deposit.connect(minter).mint(maker, 7n, "RCPT-1"))
        .to.be.revertedWithCustomError(deposit, "AlreadyReceived")
        .withArgs("RCPT-1");
    });

    it("is booked by MINTER_ROLE only", async () => {
      const { deposit, admin, allower, maker } = await networkHelpers.loadFixture(deploy);
      for (const caller of [admin, allower, maker]) {
        await expect(deposit.connect(caller).mint(maker, 1n, "RCPT-2"))
          .to.be.revertedWithCustomError(deposit, "AccessControlUnauthorizedAccount")
          .withArgs(caller, MINTER_ROLE);
      }
    });

    it("is refused for an account that is not allowed, and its reference stays free", async () => {
      const { deposit, minter, stranger } = await networkHelpers.loadFixture(deploy);
      await expect(deposit.connect(minter).mint(stranger, 1n, "RCPT-2"))
        .to.be.revertedWithCustomError(deposit, "NotAllowed")
        .withArgs(stranger);
      expect(await deposit.isReceived("RCPT-2")).to.equal(false);
    });

    it("is refused without an amount, without a reference and with one over 35 bytes", async () => {
      const { deposit, minter, maker } = await networkHelpers.loadFixture(deploy);
      const bank = deposit.connect(minter);
      await expect(bank.mint(maker, 0n, "RCPT-2")).to.be.revertedWithCustomError(deposit, "NothingToMove");
      for (const reference of ["", `${LONGEST}R`]) {
        await expect(bank.mint(maker, 1n, reference))
          .to.be.revertedWithCustomError(deposit, "ReferenceLength")
          .withArgs(reference.length, 35);
      }
    });
  });

  describe("a redemption", () => {
    it("burns and orders a payment, each order under the next number", async () => {
      const { deposit, payer } = await networkHelpers.loadFixture(deploy);
      await expect(deposit.connect(payer).redeem(300n, "PAY-1"))
        .to.emit(deposit, "PaymentOrdered")
        .withArgs(1n, payer, 300n, "PAY-1");
      await expect(deposit.connect(payer).redeem(200n, "PAY-1"))
        .to.emit(deposit, "PaymentOrdered")
        .withArgs(2n, payer, 200n, "PAY-1");
      expect(await deposit.paymentOrders()).to.equal(2n);
      expect(await deposit.balanceOf(payer)).to.equal(500n);
      expect(await deposit.totalSupply()).to.equal(500n);
    });

    it("is refused to a holder taken off the list, whose balance stays, and works again once back on it", async () => {
      const { deposit, allower, payer } = await networkHelpers.loadFixture(deploy);
      await deposit.connect(allower).disallow(payer);
      await expect(deposit.connect(payer).redeem(300n, "PAY-1"))
        .to.be.revertedWithCustomError(deposit, "NotAllowed")
        .withArgs(payer);
      expect(await deposit.balanceOf(payer)).to.equal(1_000n);
      await deposit.connect(allower).allow(payer);
      await deposit.connect(payer).redeem(300n, "PAY-1");
    });

    it("is refused beyond the balance, without an amount, without a reference and with one over 35 bytes", async () => {
      const { deposit, payer } = await networkHelpers.loadFixture(deploy);
      const holder = deposit.connect(payer);
      await expect(holder.redeem(1_001n, "PAY-1"))
        .to.be.revertedWithCustomError(deposit, "ERC20InsufficientBalance")
        .withArgs(payer, 1_000n, 1_001n);
      await expect(holder.redeem(0n, "PAY-1")).to.be.revertedWithCustomError(deposit, "NothingToMove");
      for (const reference of ["", `${LONGEST}R`]) {
        await expect(holder.redeem(1n, reference))
          .to.be.revertedWithCustomError(deposit, "ReferenceLength")
          .withArgs(reference.length, 35);
      }
    });
  });

  describe("a transfer", () => {
    it("moves money between allowed accounts, by the holder or by whoever it approved", async () => {
      const { deposit, payer, maker, stranger } = await networkHelpers.loadFixture(deploy);
      await deposit.connect(payer).transfer(maker, 100n);
      await deposit.connect(payer).approve(stranger, 50n);
      await deposit.connect(stranger).transferFrom(payer, maker, 50n);
      expect(await deposit.balanceOf(maker)).to.equal(150n);
    });

    it("is refused when either end is not allowed", async () => {
      const { deposit, allower, payer, maker, stranger } = await networkHelpers.loadFixture(deploy);
      await expect(deposit.connect(payer).transfer(stranger, 1n))
        .to.be.revertedWithCustomError(deposit, "NotAllowed")
        .withArgs(stranger);
      await deposit.connect(allower).disallow(payer);
      await expect(deposit.connect(payer).transfer(maker, 1n))
        .to.be.revertedWithCustomError(deposit, "NotAllowed")
        .withArgs(payer);
    });

    it("can be approved by permit", async () => {
      const { deposit, payer, maker, stranger } = await networkHelpers.loadFixture(deploy);
      const { name, version, chainId, verifyingContract } = await deposit.eip712Domain();
      const deadline = 2n ** 256n - 1n;
      const fields = ["owner address", "spender address", "value uint256", "nonce uint256", "deadline uint256"];
      const Permit = fields.map((field) => {
        const [name = "", type = ""] = field.split(" ");
        return { name, type };
      });
      const value = { owner: payer.address, spender: stranger.address, value: 9n, nonce: 0n, deadline };
      const { v, r, s } = Signature.from(
        await payer.signTypedData({ name, version, chainId, verifyingContract }, { Permit }, value),
      );
      await deposit.permit(payer, stranger, 9n, deadline, v, r, s);
      await deposit.connect(stranger).transferFrom(payer, maker, 9n);
      expect(await deposit.balanceOf(maker)).to.equal(9n);
    });
  });

  describe("the allow-list", () => {
    it("is kept by ALLOWER_ROLE only", async () => {
      const { deposit, admin, minter, payer } = await networkHelpers.loadFixture(deploy);
      for (const caller of [admin, minter, payer]) {
        for (const call of [deposit.connect(caller).allow(payer), deposit.connect(caller).disallow(payer)]) {
          await expect(call)
            .to.be.revertedWithCustomError(deposit, "AccessControlUnauthorizedAccount")
            .withArgs(caller, ALLOWER_ROLE);
        }
      }
    });

    it("says each change once", async () => {
      const { deposit, allower, stranger } = await networkHelpers.loadFixture(deploy);
      const bank = deposit.connect(allower);
      await expect(bank.allow(stranger)).to.emit(deposit, "Allowed").withArgs(stranger);
      await expect(bank.allow(stranger)).not.to.emit(deposit, "Allowed");
      expect(await deposit.isAllowed(stranger)).to.equal(true);
      await expect(bank.disallow(stranger)).to.emit(deposit, "Disallowed").withArgs(stranger);
      await expect(bank.disallow(stranger)).not.to.emit(deposit, "Disallowed");
      expect(await deposit.isAllowed(stranger)).to.equal(false);
    });
  });
});
