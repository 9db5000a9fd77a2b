import { expect } from "chai";

import { ethers, openAgreement, patients, type Stage } from "../support/agreement.ts";
import { networkHelpers } from "../support/chain.ts";
import { draft } from "../support/draft.ts";
import type { PlainToken } from "../../../typechain-types/index.ts";
import { sheet } from "../support/sheet.ts";
import { dueToday, SETTLED, SHEET } from "./support/due.ts";

/** What an account of 120 bits holds. */
const FULL = 2n ** 120n - 1n;
const EVERYTHING = 2n ** 256n - 1n;

const NO_SIGNATURE = [27, ethers.ZeroHash, ethers.ZeroHash] as const;

/** The relayer has minted and approved `amount`. */
async function approved(
  stage: Pick<Stage, "relayer" | "address"> & { token: Pick<PlainToken, "mint" | "approve"> },
  amount: bigint,
): Promise<void> {
  await stage.token.mint(stage.relayer, amount);
  await stage.token.approve(stage.address, amount);
}

describe("A token that the terms name", () => {
  it("given it is nobody, a party without code, the identity precompile or the agreement's future address, then it is refused", async () => {
    const { factory, terms, legal, parties } = await draft(SHEET);
    const future = await factory.addressOf(terms);
    for (const token of [ethers.ZeroAddress, parties[0]!.address, `0x${"00".repeat(19)}04`, future]) {
      await expect(factory.create({ ...terms, token }, legal, []), token)
        .to.be.revertedWithCustomError(factory, token === parties[0]!.address ? "InvalidAccount" : "TokenHasNoCode")
        .withArgs(...(token === parties[0]!.address ? ["parties.account", token] : [token]));
    }
  });

  it("given it is the factory, its implementation, its refuter or the oracle committee, then it is refused: none has decimals", async () => {
    const { factory, committee, terms, legal } = await draft(SHEET);
    const implementation = await factory.implementation();
    const agreement = await ethers.getContractAt("OutcomeAgreement", implementation);
    for (const token of [factory, implementation, await agreement.refuter(), committee]) {
      const address = typeof token === "string" ? token : await token.getAddress();
      await expect(factory.create({ ...terms, token: address }, legal, []), address).to.revert(ethers);
    }
  });

  it("given it is a party that is a contract, then it is refused by name", async () => {
    const { factory, terms, legal, token } = await draft(SHEET);
    const [payer, maker] = terms.parties;
    const account = await token.getAddress();
    await expect(factory.create({ ...terms, parties: [payer!, { ...maker!, account }] }, legal, []))
      .to.be.revertedWithCustomError(factory, "InvalidAccount")
      .withArgs("parties.account", account);
  });

  for (const [decimals, currency, fits] of [
    [0, 0, true],
    [0, 2, false],
    [255, 2, false],
    [255, 218, false],
    [255, 219, true],
    [255, 255, true],
    [38, 2, true],
    [39, 2, false],
  ] as const) {
    it(`given ${decimals} decimals and a currency of ${currency}, then it is ${fits ? "taken" : "refused"}`, async () => {
      const { factory, terms } = await draft(SHEET, { token: () => ethers.deployContract("PlainToken", [decimals]) });
      const packing = factory.pack({ ...terms, decimals: currency });
      if (fits) expect((await packing).length).to.be.greaterThan(2);
      else {
        await expect(packing)
          .to.be.revertedWithCustomError(factory, "TokenDecimals")
          .withArgs(BigInt(decimals), BigInt(currency));
      }
    });
  }

  it("given 36 decimals beyond the currency's, then the fullest ledger is paid out to the last unit", async () => {
    const stage = await openAgreement(SHEET, { token: () => ethers.deployContract("PlainToken", [38]) });
    const { agreement, token, as, party, address } = stage;
    const unit = 10n ** 36n;
    await approved(stage, FULL * unit);
    await expect(agreement.deposit(0, unit - 1n))
      .to.be.revertedWithCustomError(agreement, "NotWholeMinorUnits")
      .withArgs(unit - 1n, unit);
    await agreement.deposit(0, FULL * unit);
    await as(0).withdraw(0, FULL * unit, party(0));
    expect(await token.balanceOf(address)).to.equal(0n);
  });
});

describe("A deposit", () => {
  it("given a token of which there is as much as can be, then the ledger takes 120 bits and refuses one more", async () => {
    const stage = await openAgreement(SHEET, { token: () => ethers.deployContract("PlainToken", [2]) });
    const { agreement } = stage;
    await approved(stage, EVERYTHING);
    for (const amount of [EVERYTHING, FULL + 1n]) {
      await expect(agreement.deposit(0, amount)).to.be.revertedWithCustomError(agreement, "LedgerFull");
    }
    await agreement.deposit(0, FULL - 1n);
    await agreement.deposit(1, 1n);
    for (const amount of [EVERYTHING, EVERYTHING - FULL, FULL, 1n]) {
      await expect(agreement.deposit(1, amount), String(amount)).to.be.revertedWithCustomError(agreement, "LedgerFull");
    }
  });

  it("given a gift that fills the ledger, then its receiver makes room by a withdrawal", async () => {
    const stage = await openAgreement(SHEET, { token: () => ethers.deployContract("PlainToken", [2]) });
    const { agreement, as, party, fund } = stage;
    await approved(stage, FULL);
    await agreement.deposit(1, FULL);
    await expect(fund(1n)).to.be.revertedWithCustomError(agreement, "LedgerFull");
    await as(1).withdraw(1, FULL, party(1));
    await fund(2_000_000n);
  });

  it("given the token hands over more than was asked for, then it is refused", async () => {
    const stage = await openAgreement(SHEET, { token: () => ethers.deployContract("ReentrantToken", [2]) });
    const { agreement, token, address } = stage;
    await approved(stage, 10n);
    await token.setCallback(await token.getAddress(), token.interface.encodeFunctionData("mint", [address, 1n]));
    await expect(agreement.deposit(0, 10n)).to.be.revertedWithCustomError(agreement, "TokenShort").withArgs(11n, 10n);
  });

  it("given the token takes more than it brings, then it is refused", async () => {
    const stage = await dueToday(
      await openAgreement(SHEET, { token: () => ethers.deployContract("SurchargeToken", [2]) }),
    );
    const { agreement, token, relayer } = stage;
    await approved(stage, 10n);
    const draining = await ethers.deployContract("FeeToken", [2]);
    await networkHelpers.setCode(await token.getAddress(), await ethers.provider.getCode(draining));
    const fee = await ethers.getContractAt("FeeToken", await token.getAddress(), relayer);
    await fee.setFee(20_000n);
    await expect(agreement.deposit(0, 10n)).to.revert(ethers);
  });

  describe("by a permit", () => {
    const MODES = { Phantom: 0, Revert: 1, EatGas: 2, Generous: 3, Reenter: 4 };
    const odd = () => openAgreement(SHEET, { token: () => ethers.deployContract("OddPermitToken", [2]) });

    for (const mode of ["Phantom", "Revert"] as const) {
      it(`given it does ${mode === "Phantom" ? "nothing" : "nothing but revert"}, then the allowance decides`, async () => {
        const stage = await odd();
        const { agreement, token, relayer, books } = stage;
        await token.setMode(MODES[mode], ethers.ZeroAddress, "0x");
        await token.mint(relayer, 10n);
        await expect(agreement.depositWithPermit(0, 10n, 0n, ...NO_SIGNATURE)).to.be.revertedWithCustomError(
          token,
          "ERC20InsufficientAllowance",
        );
        await token.approve(stage.address, 10n);
        await agreement.depositWithPermit(0, 10n, 0n, ...NO_SIGNATURE);
        expect((await books())[0]).to.deep.equal([10n, 0n]);
      });
    }

    it("given it eats all gas, then that harms who deposits so, and a plain deposit goes through", async () => {
      const stage = await odd();
      const { agreement, token, books } = stage;
      await token.setMode(MODES.EatGas, ethers.ZeroAddress, "0x");
      await approved(stage, 10n);
      const gas = { gasLimit: 1_000_000n };
      await expect(agreement.depositWithPermit(0, 10n, 0n, ...NO_SIGNATURE, gas)).to.revert(ethers);
      await agreement.deposit(0, 10n);
      expect((await books())[0]).to.deep.equal([10n, 0n]);
    });

    it("given it approves whatever is asked, then only the caller's own money comes in", async () => {
      const { agreement, token, party, stranger } = await odd();
      await token.setMode(MODES.Generous, ethers.ZeroAddress, "0x");
      await token.mint(party(0), 10n);
      await expect(
        agreement.connect(stranger).depositWithPermit(1, 10n, 0n, ...NO_SIGNATURE),
      ).to.be.revertedWithCustomError(token, "ERC20InsufficientBalance");
      expect(await token.balanceOf(party(0))).to.equal(10n);
    });

    it("given it calls back, then it can't enter", async () => {
      const { agreement, address, token, relayer, books } = await odd();
      await token.mint(relayer, 20n);
      const data = agreement.interface.encodeFunctionData("deposit", [1, 10n]);
      await token.setMode(MODES.Reenter, address, data);
      await agreement.depositWithPermit(0, 10n, 0n, ...NO_SIGNATURE);
      expect(await token.succeeded()).to.equal(false);
      expect(await token.result()).to.equal(agreement.interface.getError("ReentrancyGuardReentrantCall")!.selector);
      expect(await books()).to.deep.equal([
        [10n, 0n],
        [0n, 0n],
      ]);
    });
  });
});

describe("A withdrawal", () => {
  it("given an amount beyond any balance, then it is refused", async () => {
    const { agreement, as, party, fund } = await openAgreement(SHEET);
    await fund(10n);
    for (const amount of [11n, FULL, EVERYTHING]) {
      await expect(as(0).withdraw(0, amount, party(0)), String(amount))
        .to.be.revertedWithCustomError(agreement, "InsufficientEscrow")
        .withArgs(0, 10n, amount);
    }
  });

  it("given it goes to the agreement itself, then the money leaves the account and belongs to nobody", async () => {
    const { as, address, fund, books, perform } = await openAgreement(SHEET);
    await fund(10n);
    await as(0).withdraw(0, 10n, address);
    expect((await books())[0]).to.deep.equal([0n, 0n]);
    await perform("release", { movements: [{ from: 255, to: 0, amount: 10n }] });
    expect((await books())[0]).to.deep.equal([10n, 0n]);
  });

  it("given it goes to nobody, or to the token where that refuses, then nothing moves", async () => {
    const { as, fund, token, books } = await openAgreement(SHEET);
    await fund(10n);
    await expect(as(0).withdraw(0, 10n, ethers.ZeroAddress)).to.be.revertedWithCustomError(
      token,
      "ERC20InvalidReceiver",
    );
    expect((await books())[0]).to.deep.equal([10n, 0n]);
  });
});

describe("An agreement", () => {
  it("takes no ether, neither plainly nor with a call", async () => {
    const { agreement, address, relayer } = await openAgreement(sheet());
    await expect(relayer.sendTransaction({ to: address, value: 1n })).to.revert(ethers);
    const data = agreement.interface.encodeFunctionData("deposit", [0, 0n]);
    await expect(relayer.sendTransaction({ to: address, value: 1n, data })).to.revert(ethers);
  });

  it("given ether forced upon it and tokens of another kind, then its books know nothing of either", async () => {
    const stage = await dueToday(await openAgreement(SHEET));
    const { address, books, report } = stage;
    await networkHelpers.setBalance(address, 10n ** 18n);
    const other = await ethers.deployContract("PlainToken", [2]);
    await other.mint(address, 10n);
    await report({ tallies: patients(2, 8) });
    expect(await books()).to.deep.equal(SETTLED);
  });
});
