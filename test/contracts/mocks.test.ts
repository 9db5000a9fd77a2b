import type { HardhatEthersSigner as Account } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";

const { ethers, networkHelpers } = await network.create();

async function deploy() {
  const [from, to] = (await ethers.getSigners()) as [Account, Account];
  const tokens = {
    fee: await ethers.deployContract("FeeToken", [6]),
    noReturn: await ethers.deployContract("NoReturnToken", [6]),
    refusing: await ethers.deployContract("FalseToken", [6]),
    blocking: await ethers.deployContract("BlockingToken", [6]),
    reverting: await ethers.deployContract("RevertingToken", [6]),
    gasEating: await ethers.deployContract("GasEatingToken", [6]),
    bomb: await ethers.deployContract("ReturnBombToken", [6]),
    reentrant: await ethers.deployContract("ReentrantToken", [6]),
    rebasing: await ethers.deployContract("RebasingToken", [6]),
    lying: await ethers.deployContract("LyingToken", [6]),
  };
  for (const token of Object.values(tokens)) await token.mint(from, 1_000n);
  return { from, to, ...tokens };
}

describe("The kit of odd tokens", () => {
  it("FeeToken delivers less than was sent", async () => {
    const { fee, to } = await networkHelpers.loadFixture(deploy);
    await fee.transfer(to, 1_000n);
    expect(await fee.balanceOf(to)).to.equal(990n);
  });

  it("NoReturnToken moves money and returns nothing", async () => {
    const { noReturn, from, to } = await networkHelpers.loadFixture(deploy);
    const data = noReturn.interface.encodeFunctionData("transfer", [to.address, 10n]);
    expect(await ethers.provider.call({ from: from.address, to: await noReturn.getAddress(), data })).to.equal("0x");
    await noReturn.transfer(to, 10n);
    await noReturn.approve(from, 5n);
    await noReturn.transferFrom(from, to, 5n);
    expect(await noReturn.balanceOf(to)).to.equal(15n);
  });

  it("FalseToken returns false and moves nothing", async () => {
    const { refusing, from, to } = await networkHelpers.loadFixture(deploy);
    await refusing.setRefusing(true);
    expect(await refusing.transfer.staticCall(to, 1n)).to.equal(false);
    expect(await refusing.transferFrom.staticCall(from, to, 1n)).to.equal(false);
  });

  it("BlockingToken and RevertingToken refuse", async () => {
    const { blocking, reverting, to } = await networkHelpers.loadFixture(deploy);
    await blocking.setBlocked(to, true);
    await expect(blocking.transfer(to, 1n)).to.be.revertedWithCustomError(blocking, "Blocked").withArgs(to);
    await reverting.setReverting(true);
    await expect(reverting.transfer(to, 1n)).to.be.revertedWithCustomError(reverting, "Switched");
  });

  it("GasEatingToken leaves nothing of the gas it is given", async () => {
    const { gasEating, to } = await networkHelpers.loadFixture(deploy);
    await gasEating.setMarked(to, true);
    const sent = await gasEating.transfer(to, 1n, { gasLimit: 300_000n }).catch(() => undefined);
    expect(sent).to.equal(undefined);
    const block = await ethers.provider.getBlock("latest");
    expect(block?.gasUsed).to.equal(300_000n);
  });

  it("ReturnBombToken returns or reverts with as much as asked", async () => {
    const { bomb, from, to } = await networkHelpers.loadFixture(deploy);
    const call = {
      from: from.address,
      to: await bomb.getAddress(),
      data: bomb.interface.encodeFunctionData("transfer", [to.address, 1n]),
    };
    await bomb.setBomb(50_000n, false);
    expect(await ethers.provider.call(call)).to.have.lengthOf(2 + 2 * 50_000);
    await bomb.setBomb(50_000n, true);
    await expect(ethers.provider.call(call)).to.revert(ethers);
  });

  it("ReentrantToken calls back once and keeps the result", async () => {
    const { reentrant, rebasing, from, to } = await networkHelpers.loadFixture(deploy);
    const data = rebasing.interface.encodeFunctionData("shrink", [from.address, 400n]);
    await reentrant.setCallback(rebasing, data);
    await reentrant.transfer(to, 1n);
    await reentrant.transfer(to, 1n);
    expect(await reentrant.called()).to.equal(true);
    expect(await reentrant.succeeded()).to.equal(true);
    expect(await rebasing.balanceOf(from)).to.equal(600n);
  });

  it("LyingToken reports success and balances that nobody has", async () => {
    const { lying, from, to } = await networkHelpers.loadFixture(deploy);
    await lying.setLying(true, 7n);
    expect(await lying.transfer.staticCall(to, 1n)).to.equal(true);
    expect(await lying.transferFrom.staticCall(from, to, 1n)).to.equal(true);
    await lying.transfer(to, 100n);
    expect(await lying.balanceOf(to)).to.equal(7n);
  });

  it("Wallet1271 acts for its owner only", async () => {
    const { rebasing, from, to } = await networkHelpers.loadFixture(deploy);
    const wallet = await ethers.deployContract("Wallet1271", [from]);
    const data = rebasing.interface.encodeFunctionData("shrink", [from.address, 1n]);
    await wallet.execute(rebasing, data);
    expect(await rebasing.balanceOf(from)).to.equal(999n);
    await expect(wallet.connect(to).execute(rebasing, data))
      .to.be.revertedWithCustomError(wallet, "NotOwner")
      .withArgs(to);
  });

  it("HostileOracle in mode Fickle changes its mind from block to block", async () => {
    await networkHelpers.loadFixture(deploy);
    const oracle = await ethers.deployContract("HostileOracle");
    await oracle.setMode(8);
    const first = await oracle.isValidSignature(ethers.ZeroHash, "0x");
    await networkHelpers.mine();
    expect(await oracle.isValidSignature(ethers.ZeroHash, "0x")).not.to.equal(first);
  });
});
